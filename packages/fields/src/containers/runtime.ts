import type { ContainerDetails } from "./container-details.ts";

/** A container runtime that answers on a socket. */
export interface Runtime {
  readonly name: string;
  readonly socket: string;
  /** What it knows of a container by its whole id; null when it does not know it. Rejects when it can't be asked. */
  inspect(fullId: string): Promise<ContainerDetails | null>;
}
