import { readFileSync } from "node:fs";
import { Client, type ClientOptions, Serializer } from "@elastic/elasticsearch";
import { describeSystemError, UserError } from "@falco-efk/kit";

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

/** Keys as Filebeat's `ssl`. Certificates and keys are files, or the PEM text itself. */
export interface TlsSettings {
  readonly certificate_authorities?: readonly string[];
  readonly certificate?: string;
  readonly key?: string;
  readonly key_passphrase?: string;
  /** SHA-256 of the CA's certificate, hexadecimal. */
  readonly ca_trusted_fingerprint?: string;
  /** `none` trusts anybody; for trials alone. */
  readonly verification_mode?: "full" | "none";
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

/** Makes the official client. It retries nothing by itself: what is sent again, and when, is the sink's to decide. */
export function createClient(connection: ElasticsearchConnection): Client {
  const { ssl } = connection;
  const options: ClientOptions = {
    nodes: connection.hosts.map(normalizeHost),
    maxRetries: 0,
    requestTimeout: connection.timeoutMs,
    compression: connection.compression_level > 0,
    Serializer: BulkSerializer,
    // Of an error only its message is ever told. Redacting would copy the request's body byte by byte into an object.
    redaction: { type: "off" },
    ...(connection.headers === undefined ? {} : { headers: { ...connection.headers } }),
    ...auth(connection),
  };
  if (ssl === undefined) return new Client(options);
  return new Client({
    ...options,
    ...(ssl.ca_trusted_fingerprint === undefined ? {} : { caFingerprint: colons(ssl.ca_trusted_fingerprint) }),
    tls: tlsOptions(ssl),
  });
}

/** TLS settings as Node takes them. Throws UserError (`TLS_FILE`) for a file that can't be read. */
export function tlsOptions(ssl: TlsSettings): {
  ca?: string[];
  cert?: string;
  key?: string;
  passphrase?: string;
  rejectUnauthorized: boolean;
} {
  return {
    // With a pinned CA fingerprint the chain is judged by that alone, as Filebeat does.
    rejectUnauthorized: ssl.verification_mode !== "none" && ssl.ca_trusted_fingerprint === undefined,
    ...(ssl.certificate_authorities === undefined ? {} : { ca: ssl.certificate_authorities.map(pem) }),
    ...(ssl.certificate === undefined ? {} : { cert: pem(ssl.certificate) }),
    ...(ssl.key === undefined ? {} : { key: pem(ssl.key) }),
    ...(ssl.key_passphrase === undefined ? {} : { passphrase: ssl.key_passphrase }),
  };
}

function pem(fileOrText: string): string {
  if (fileOrText.includes("-----BEGIN")) return fileOrText;
  try {
    return readFileSync(fileOrText, "utf8");
  } catch (error) {
    throw new UserError(`can't be read: ${describeSystemError(error)}`, { code: "TLS_FILE", file: fileOrText });
  }
}

function auth(connection: ElasticsearchConnection): Pick<ClientOptions, "auth"> {
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
