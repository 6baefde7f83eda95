import type { Intake } from "../harvester/tracked-file.ts";

/** What stands between reading and delivery. */
export interface ShipQueue extends Intake {
  /** Bytes between reading and acknowledgement. */
  readonly bytesInFlight: number;
  /** Records between reading and acknowledgement. */
  readonly recordsInFlight: number;
  /** Waits until everything submitted is settled, at most until `signal` aborts; then gives up what is under way. */
  close(signal: AbortSignal): Promise<void>;
}
