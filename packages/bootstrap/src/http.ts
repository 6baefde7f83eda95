import { setTimeout as delay } from "node:timers/promises";
import { describeSystemError, systemErrorCode, UserError } from "@falco-efk/kit";
import { Agent, request } from "undici";
import { blockHint } from "./block-hint.ts";

/** Where a server is and how to log in to it. */
export interface Endpoint {
  /** `Elasticsearch` or `Kibana`: how messages name it. */
  readonly product: string;
  /** Base URL without credentials; a path prefix is kept. */
  readonly url: string;
  /** `Authorization` header, or null for none. */
  readonly authorization: string | null;
  /** Certificates (PEM) to trust beside the system's own. */
  readonly ca?: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One answer: parsed when it is JSON, else its text. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

export interface RequestOptions {
  /** Sent as JSON, or as it is when `contentType` is given. */
  readonly body?: unknown;
  readonly contentType?: string;
  /** Instead of the endpoint's own. */
  readonly authorization?: string;
}

/** A connection to one server. Close it. */
export interface HttpClient {
  readonly endpoint: Endpoint;
  /** Throws UserError when the server can't be reached or refuses the credentials; any other status is returned. */
  send(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  close(): Promise<void>;
}

/** Opens a client. No request is sent yet. */
export function connect(endpoint: Endpoint, timeoutMs = 30_000): HttpClient {
  const agent = new Agent({
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: 10_000, ...(endpoint.ca === undefined ? {} : { ca: endpoint.ca }) },
  });
  return {
    endpoint,
    close: () => agent.close(),
    async send(method, path, options = {}) {
      const headers: Record<string, string> = { accept: "application/json", ...endpoint.headers };
      const authorization = options.authorization ?? endpoint.authorization;
      if (authorization !== null) headers.authorization = authorization;
      let body: string | null = null;
      if (options.body !== undefined) {
        headers["content-type"] = options.contentType ?? "application/json";
        body = options.contentType === undefined ? JSON.stringify(options.body) : String(options.body);
      }
      let answer: Answer;
      try {
        const response = await request(`${endpoint.url}${path}`, {
          method: method as "GET",
          headers,
          body,
          dispatcher: agent,
        });
        answer = {
          status: response.statusCode,
          headers: response.headers,
          body: parse(await response.body.text()),
        };
      } catch (error) {
        throw connectionError(endpoint, error);
      }
      if (answer.status === 401 && options.authorization === undefined) throw unauthorized(endpoint);
      return answer;
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const CERTIFICATE_ERRORS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate chain ends in an authority that isn't trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is signed by an authority that isn't trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is signed by an authority that isn't trusted",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host name",
};

function connectionError(endpoint: Endpoint, error: unknown): UserError {
  const code = systemErrorCode(error) ?? "";
  const certificate = CERTIFICATE_ERRORS[code];
  if (certificate !== undefined) {
    const hint =
      code === "CERT_HAS_EXPIRED"
        ? "renew the server's certificate"
        : code === "ERR_TLS_CERT_ALTNAME_INVALID"
          ? "use the name that stands in the certificate"
          : "give the authority's certificate with --ca FILE";
    return new UserError(`${endpoint.product} at ${endpoint.url}: ${certificate}`, {
      code: "TLS_CERTIFICATE",
      hint,
      cause: error,
    });
  }
  const reason =
    code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT" || code === "UND_ERR_CONNECT_TIMEOUT"
      ? "no answer in time"
      : code === "UND_ERR_SOCKET"
        ? "the connection was closed; is it https?"
        : code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "ERR_SSL_PACKET_LENGTH_TOO_LONG"
          ? "it doesn't speak TLS; is it http?"
          : describeSystemError(error);
  return new UserError(`${endpoint.product} at ${endpoint.url} can't be reached: ${reason}`, {
    code: "UNREACHABLE",
    hint: `start it, or give its address with --${endpoint.product.toLowerCase()} URL`,
    cause: error,
  });
}

function unauthorized(endpoint: Endpoint): UserError {
  const given = endpoint.authorization !== null;
  return new UserError(
    `${endpoint.product} at ${endpoint.url} ${given ? "refuses these credentials" : "asks for credentials"}`,
    { code: "UNAUTHORIZED", hint: "set ELASTIC_USER and ELASTIC_PASSWORD, or ELASTIC_API_KEY" },
  );
}

/** The body of a 2xx answer; anything else becomes a UserError that says what was wanted and what the server said. */
export function expectOk(client: HttpClient, answer: Answer, wanted: string): unknown {
  if (answer.status >= 200 && answer.status < 300) return answer.body;
  const reason = reasonOf(answer);
  throw new UserError(`${client.endpoint.product} refuses to ${wanted}: ${reason}`, {
    code: answer.status === 403 ? "FORBIDDEN" : "REFUSED",
    ...hintFor(client.endpoint.product, answer.status, reason),
  });
}

function hintFor(product: string, status: number, reason: string): { hint?: string } {
  const block = blockHint(reason);
  if (block !== null) return { hint: block };
  if (status !== 403) return {};
  return product === "Kibana"
    ? { hint: "use a user who may manage saved objects, data views and rules in this space" }
    : { hint: "use a user with the cluster privileges manage_index_templates, manage_security and manage_ilm" };
}

/** What the server gave as its reason, in one line. */
export function reasonOf(answer: Answer): string {
  const body = answer.body as { error?: unknown; message?: unknown } | string | null;
  if (typeof body === "string") return `${answer.status} ${body.split("\n")[0]?.slice(0, 200) ?? ""}`.trim();
  const error = body?.error as
    | { reason?: unknown; type?: unknown; caused_by?: { reason?: unknown } }
    | string
    | undefined;
  const inner = typeof error === "object" ? error?.caused_by?.reason : undefined;
  const text = typeof error === "object" ? [error?.reason ?? error?.type, inner].filter(Boolean).join(": ") : undefined;
  return `${answer.status} ${text ?? body?.message ?? (typeof error === "string" ? error : "")}`.trim();
}

/** Waits between two tries; ends early, by throwing, when the signal aborts. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return delay(ms, undefined, signal === undefined ? {} : { signal });
}
