import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** What the sink does to a request instead of answering well. */
export type Fault =
  | { readonly kind: "status"; readonly status: number }
  /** Every item for which `refuse` is true gets this status. */
  | { readonly kind: "partial"; readonly status: number; readonly refuse: (id: string) => boolean }
  /** The connection ends before anything is stored. */
  | { readonly kind: "cut before" }
  /** Everything is stored, but the connection ends instead of the answer. */
  | { readonly kind: "cut after" }
  /** Everything is stored, but the answer never comes. */
  | { readonly kind: "silence" };

/** A document as it was stored. */
export interface StoredDocument {
  readonly index: string;
  readonly id: string;
  readonly source: string;
}

/** An Elasticsearch that knows `_bulk` with `create` alone, and is strict about it. */
export interface BulkSink extends AsyncDisposable {
  readonly url: string;
  /** By index and id; an id is unique in its index only, as in Elasticsearch. */
  readonly documents: Map<string, StoredDocument>;
  /** How often a document was sent that was there already. */
  duplicates: number;
  requests: number;
  /** Of the last `_bulk`. */
  lastHeaders: IncomingHttpHeaders;
  /** Asked before each request, with its number and that of its records; null lets it through. */
  fault: (request: number, records: number) => Fault | null;
  close(): Promise<void>;
}

/** Starts a sink on a free port, or on `port`. */
export async function startBulkSink(port = 0): Promise<BulkSink> {
  const server = createServer((request, response) => {
    handle(sink, request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const sink: BulkSink = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    documents: new Map(),
    duplicates: 0,
    requests: 0,
    lastHeaders: {},
    fault: () => null,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    [Symbol.asyncDispose]: () => sink.close(),
  };
  return sink;
}

async function handle(sink: BulkSink, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
  response.setHeader("x-elastic-product", "Elasticsearch");
  const path = (request.url ?? "/").split("?")[0] ?? "/";
  if (path !== "/_bulk") {
    send(response, 200, { name: "sink", cluster_name: "test", version: { number: "8.19.0", build_flavor: "default" } });
    return;
  }
  sink.requests += 1;
  sink.lastHeaders = request.headers;
  const items = parseBulk(body);
  const fault = sink.fault(sink.requests, items?.length ?? 0);
  if (fault?.kind === "cut before") {
    request.socket.destroy();
    return;
  }
  if (fault?.kind === "status") {
    send(response, fault.status, {
      error: { type: "es_rejected_execution_exception", reason: "queue full" },
      status: fault.status,
    });
    return;
  }
  if (items === null) {
    send(response, 400, {
      error: { type: "illegal_argument_exception", reason: "Malformed action/metadata line" },
      status: 400,
    });
    return;
  }
  const answers = items.map((item) => store(sink, item, fault));
  if (fault?.kind === "cut after") request.socket.destroy();
  else if (fault?.kind !== "silence") {
    send(response, 200, { took: 1, errors: answers.some(({ create }) => create.status >= 300), items: answers });
  }
}

function parseBulk(body: Buffer): StoredDocument[] | null {
  if (body.at(-1) !== 0x0a) return null;
  const lines = body.toString("utf8").slice(0, -1).split("\n");
  if (lines.length % 2 === 1) return null;
  const items: StoredDocument[] = [];
  for (let at = 0; at < lines.length; at += 2) {
    try {
      const action = JSON.parse(lines[at] ?? "") as { create?: { _index?: string; _id?: string } };
      if (action.create?._index === undefined || action.create._id === undefined) return null;
      items.push({ index: action.create._index, id: action.create._id, source: lines[at + 1] ?? "" });
    } catch {
      return null;
    }
  }
  return items;
}

type Answer = { readonly create: { readonly _index: string; readonly _id: string; readonly status: number } & object };

function store(sink: BulkSink, item: StoredDocument, fault: Fault | null): Answer {
  const answer = (status: number, type?: string, reason?: string): Answer => ({
    create: { _index: item.index, _id: item.id, status, ...(type === undefined ? {} : { error: { type, reason } }) },
  });
  if (fault?.kind === "partial" && fault.refuse(item.id)) {
    return answer(fault.status, "es_rejected_execution_exception", "rejected by the test");
  }
  const key = `${item.index}/${item.id}`;
  if (sink.documents.has(key)) {
    sink.duplicates += 1;
    return answer(409, "version_conflict_engine_exception", "document already exists");
  }
  const fault400 = documentFault(item.source);
  if (fault400 !== null) return answer(400, "document_parsing_exception", fault400);
  sink.documents.set(key, item);
  return answer(201);
}

/** As Elasticsearch, refuses what isn't an object, a key given twice and a wrong date. */
function documentFault(source: string): string | null {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    return "failed to parse: not JSON";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "not an object";
  if (source.split('"@timestamp":').length !== 2) return "@timestamp is there twice or not at all";
  const time = (value as { "@timestamp"?: unknown })["@timestamp"];
  return Number.isNaN(Date.parse(String(time))) ? "failed to parse field [@timestamp]" : null;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/vnd.elasticsearch+json;compatible-with=8" });
  response.end(text);
}
