import type { IncomingMessage } from "node:http";

/** Why a request is turned away, with its HTTP status. */
export interface Refusal {
  readonly status: number;
  readonly error: string;
}

const LOOPBACK_ADDRESS = /^(?:127\.|::1$|::ffff:127\.)/;
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/**
 * Says why a request for records may not be answered, or null. Only this machine may ask, and by a loopback name: a page in
 * a browser that was led here by its own DNS name is turned away. What changes something has to be JSON and from no other origin.
 */
export function refuseRequest(request: IncomingMessage): Refusal | null {
  const { host = "", origin } = request.headers;
  if (!LOOPBACK_ADDRESS.test(request.socket.remoteAddress ?? "")) return forbidden("only this machine may ask");
  if (!LOOPBACK_HOST.test(host)) return forbidden("the Host header is not a loopback name");
  if (request.method === "GET" || request.method === "HEAD") return null;
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    return forbidden("the Origin header names another site");
  }
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  return type === "application/json" ? null : { status: 415, error: "the content type must be application/json" };
}

function forbidden(error: string): Refusal {
  return { status: 403, error };
}
