import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Why a request is turned away, with its HTTP status. */
export interface Refusal {
  readonly status: number;
  readonly error: string;
}

const LOOPBACK_ADDRESS = /^(?:127\.|::1$|::ffff:127\.)/;
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;

/**
 * Says why a request for records may not be answered, or null. Who knows the token may ask. Of others only this machine may,
 * and by a loopback name: a page in a browser that was led here by its own DNS name is turned away. What changes something
 * has to be JSON and from no other origin.
 */
export function refuseRequest(request: IncomingMessage, token: string | null): Refusal | null {
  const { host = "", origin, authorization } = request.headers;
  if (authorization !== undefined && token !== null) {
    return isSame(authorization, `Bearer ${token}`)
      ? refuseForm(request)
      : { status: 401, error: "the token is not http.token of this shipper" };
  }
  if (!LOOPBACK_ADDRESS.test(request.socket.remoteAddress ?? "")) {
    return forbidden(token === null ? "only this machine may ask, unless http.token is set" : "the token is missing");
  }
  if (!LOOPBACK_HOST.test(host)) return forbidden("the Host header is not a loopback name");
  if (request.method === "GET" || request.method === "HEAD") return null;
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`) {
    return forbidden("the Origin header names another site");
  }
  return refuseForm(request);
}

/** A form of a web page can't send JSON without being asked about by its browser. */
function refuseForm(request: IncomingMessage): Refusal | null {
  if (request.method === "GET" || request.method === "HEAD") return null;
  const type = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
  return type === "application/json" ? null : { status: 415, error: "the content type must be application/json" };
}

/** Compares without telling by its time how much is right. */
function isSame(given: string, wanted: string): boolean {
  const [a, b] = [given, wanted].map((text) => createHash("sha256").update(text).digest()) as [Buffer, Buffer];
  return timingSafeEqual(a, b);
}

function forbidden(error: string): Refusal {
  return { status: 403, error };
}
