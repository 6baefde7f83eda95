import { Agent, request } from "undici";

export interface ElasticClientOptions {
  /** Such as `http://127.0.0.1:9200`; a path prefix is kept. */
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Encoded API key; goes before user and password. */
  readonly apiKey?: string | undefined;
  /** PEM text of the certificate authority that signed Elasticsearch's certificate. */
  readonly ca?: string | undefined;
  /** How long a search may take; 30 s unless told otherwise. */
  readonly timeoutMs?: number | undefined;
}

export interface ElasticAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** A connection pool to Elasticsearch. Errors are undici's. */
export interface ElasticClient {
  /** When the signal aborts the connection is closed, by which Elasticsearch knows to give up the search. */
  post(path: string, body: string, contentType: string, signal?: AbortSignal): Promise<ElasticAnswer>;
  get(path: string): Promise<ElasticAnswer>;
  close(): Promise<void>;
}

/** Opens the pool; nothing is sent before the first call. */
export function createElasticClient(options: ElasticClientOptions): ElasticClient {
  const timeout = options.timeoutMs ?? 30_000;
  const agent = new Agent({
    headersTimeout: timeout,
    bodyTimeout: timeout,
    connect: { timeout: 5_000, ...(options.ca === undefined ? {} : { ca: options.ca }) },
  });
  const base = options.url.replace(/\/+$/, "");
  const authorization = authorizationOf(options);
  const send = async (
    method: "GET" | "POST",
    path: string,
    body?: string,
    contentType?: string,
    signal?: AbortSignal,
  ): Promise<ElasticAnswer> => {
    const answer = await request(`${base}${path}`, {
      method,
      dispatcher: agent,
      ...(signal === undefined ? {} : { signal }),
      headers: {
        accept: "application/json",
        ...(contentType === undefined ? {} : { "content-type": contentType }),
        ...(authorization === null ? {} : { authorization }),
      },
      ...(body === undefined ? {} : { body }),
    });
    const type = answer.headers["content-type"];
    return {
      status: answer.statusCode,
      contentType: typeof type === "string" ? type : "application/json",
      body: Buffer.from(await answer.body.arrayBuffer()),
    };
  };
  return {
    post: (path, body, contentType, signal) => send("POST", path, body, contentType, signal),
    get: (path) => send("GET", path),
    close: () => agent.close(),
  };
}

function authorizationOf({ apiKey, username, password }: ElasticClientOptions): string | null {
  if (apiKey !== undefined) return `ApiKey ${apiKey}`;
  if (username === undefined) return null;
  return `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}`;
}
