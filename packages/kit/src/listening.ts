import type { Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { describeSystemError, UserError } from "./errors.ts";

/** A web server that takes requests. */
export interface Listening {
  readonly url: string;
  /** Ends at once, with the connections that are open. */
  close(): Promise<void>;
}

/** Opens a web server's port; 0 picks a free one. Throws UserError (`LISTEN`) when the address can't be had. */
export async function listenOn(server: HttpServer | HttpsServer, host: string, port: number): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    url: webUrl("setSecureContext" in server ? "https" : "http", host, address.port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The URL of a host's port; an IPv6 address stands in brackets. */
export function webUrl(scheme: "http" | "https", host: string, port: number): string {
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** The clear error for a port that can't be listened on. */
export function listenError(error: unknown, host: string, port: number): UserError {
  return new UserError(`can't listen on ${host}:${port}: ${describeSystemError(error)}`, {
    code: "LISTEN",
    hint: "stop what uses the port or choose another",
    cause: error,
  });
}
