import { Diagnostic, Serializer, Transport, UndiciConnection, WeightedConnectionPool } from "@elastic/transport";
import { UserError } from "@falco-efk/kit";
import { type TlsSettings, tlsOptions } from "../tls.ts";

/** Which server speaks `_bulk`. OpenSearch knows neither Elasticsearch's product header nor its versioned content types. */
export type BulkServer = "elasticsearch" | "opensearch";

const COMPATIBLE = {
  jsonContentType: "application/vnd.elasticsearch+json; compatible-with=8",
  ndjsonContentType: "application/vnd.elasticsearch+x-ndjson; compatible-with=8",
  accept: "application/vnd.elasticsearch+json; compatible-with=8,text/plain",
} as const;

/** How to reach and greet the servers. */
export interface ElasticsearchConnection {
  readonly hosts: readonly string[];
  /** `id:key`, or the encoded form. */
  readonly api_key?: string;
  readonly username?: string;
  readonly password?: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** 0 is off, 1 and above gzip. */
  readonly compression_level: number;
  /** For one request, ms. */
  readonly timeoutMs: number;
  readonly ssl?: TlsSettings;
}

/** An answer to `_bulk` in which every item succeeded: nothing else in it is of interest. */
export const ALL_DELIVERED = { errors: false } as const;

/** Decodes answers, but not the items of a `_bulk` whose head says that all went well. */
class BulkSerializer extends Serializer {
  override deserialize<T = unknown>(json: string): T {
    const errors = json.indexOf('"errors":');
    if (errors >= 0 && errors < 40 && json.startsWith("false", errors + 9)) return ALL_DELIVERED as T;
    return super.deserialize(json) as T;
  }
}

/** What a bulk sink needs of a client. */
export interface BulkClient {
  readonly transport: Transport;
  close(): Promise<void>;
}

/**
 * Makes the official client's transport, without the thousands of functions of its API. It retries nothing by itself: what is
 * sent again, and when, is the sink's to decide.
 */
export function createClient(connection: ElasticsearchConnection, kind: BulkServer): BulkClient {
  const { ssl } = connection;
  const shared = {
    ...(ssl?.ca_trusted_fingerprint === undefined ? {} : { caFingerprint: colons(ssl.ca_trusted_fingerprint) }),
    ...(ssl === undefined ? {} : { tls: tlsOptions(ssl) }),
    ...auth(connection),
  };
  const diagnostic = new Diagnostic();
  const pool = new WeightedConnectionPool({ Connection: UndiciConnection, diagnostic, ...shared });
  pool.addConnection(
    connection.hosts.map((host) => ({
      url: new URL(normalizeHost(host)),
      timeout: connection.timeoutMs,
      ...shared,
      ...(connection.headers === undefined ? {} : { headers: { ...connection.headers } }),
    })),
  );
  const transport = new Transport({
    diagnostic,
    connectionPool: pool,
    serializer: new BulkSerializer(),
    maxRetries: 0,
    requestTimeout: connection.timeoutMs,
    compression: connection.compression_level > 0,
    // Of an error only its message is ever told. Redacting would copy the request's body byte by byte into an object.
    redaction: { type: "off" },
    ...(kind === "opensearch" ? {} : { productCheck: "Elasticsearch", vendoredHeaders: COMPATIBLE }),
  });
  return { transport, close: () => pool.empty() };
}

function auth(connection: ElasticsearchConnection): {
  auth?: { apiKey: string } | { username: string; password: string };
} {
  const { api_key: apiKey, username, password } = connection;
  if (apiKey !== undefined) {
    const encoded = apiKey.includes(":") ? Buffer.from(apiKey).toString("base64") : apiKey;
    return { auth: { apiKey: encoded } };
  }
  return username === undefined ? {} : { auth: { username, password: password ?? "" } };
}

/** `localhost`, `localhost:9200` and `https://es:9200/path` are all hosts. */
export function normalizeHost(host: string): string {
  const withScheme = /^https?:\/\//.test(host) ? host : `http://${host}`;
  if (!URL.canParse(withScheme)) {
    throw new UserError(`${host} is not a host`, { code: "OUTPUT_HOST", hint: "write it like http://localhost:9200" });
  }
  const url = new URL(withScheme);
  if (url.port === "" && !/^https?:\/\/[^/]*:\d+/.test(withScheme)) url.port = "9200";
  return url.toString().replace(/\/$/, "");
}

function colons(fingerprint: string): string {
  return (fingerprint.replaceAll(":", "").match(/../g) ?? []).join(":").toUpperCase();
}
