import type { IncomingMessage, ServerResponse } from "node:http";
import type { DeadLetter, DeadLetters } from "../dead-letter/dead-letters.ts";
import type { LetterIndex } from "../dead-letter/letter-index.ts";
import type { ChosenLetters, ReplayResult } from "../dead-letter/replay.ts";
import { refuseRequest } from "./guard.ts";

/** What the routes of the dead letters work on. */
export interface DeadLetterRoutesOptions {
  readonly letters: DeadLetters;
  /** Takes secrets out of what is shown. */
  readonly hide: (text: string) => string;
  /** Sends the chosen letters again; ends when the signal aborts. */
  readonly replay: (chosen: ChosenLetters, signal: AbortSignal) => Promise<ReplayResult>;
  /** How long a replay may take, ms. */
  readonly replayMs: number;
  /** Who knows it may ask from another machine; null: nobody may. */
  readonly token: string | null;
}

/** A dead letter as the list shows it: the record is cut to its first 2 kB. */
export interface ListedLetter extends DeadLetter {
  /** True when `record` isn't all of it. */
  readonly cut: boolean;
}

/** The answer of `GET /dead-letters`. */
export interface DeadLetterList {
  /** How many there are in all. */
  readonly total: number;
  /** The newest first. */
  readonly letters: readonly ListedLetter[];
}

const SHOWN_BYTES = 2048;
const BODY_BYTES = 1 << 20;

/** A request that can't be answered, with its HTTP status. */
class RequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Answers `GET /dead-letters?limit=&from=`, `GET /dead-letters/<id>`, and `POST /dead-letters/replay` and `/drop` with
 * `{"ids": […]}` or `{"all": true}`. False for any other path. See `refuseRequest` for who may ask.
 */
export function deadLetterRoutes(
  options: DeadLetterRoutesOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  let replaying = false;
  const act = async (action: string, body: unknown): Promise<unknown> => {
    await using index = await options.letters.open();
    const ids = choose(index, body);
    if (action === "drop") {
      await options.letters.remove(ids);
      return { dropped: ids.length };
    }
    if (replaying) throw new RequestError(409, "a replay is under way");
    replaying = true;
    try {
      return await options.replay({ index, ids }, AbortSignal.timeout(options.replayMs));
    } finally {
      replaying = false;
    }
  };
  const answer = async (request: IncomingMessage, path: string, query: URLSearchParams): Promise<unknown> => {
    if (request.method === "POST" && /^\/(?:replay|drop)$/.test(path))
      return act(path.slice(1), await readBody(request));
    if (request.method !== "GET")
      throw new RequestError(405, "GET, or POST to /dead-letters/replay or /dead-letters/drop");
    await using index = await options.letters.open();
    if (path === "") {
      return await listLetters(index, wholeNumber(query, "limit", 100, 1000), wholeNumber(query, "from", 0));
    }
    const [letter] = await index.read([path.slice(1)]);
    if (letter === undefined) throw new RequestError(404, "there is no such dead letter");
    return letter;
  };
  return async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    if (pathname !== "/dead-letters" && !pathname.startsWith("/dead-letters/")) return false;
    const refusal = refuseRequest(request, options.token);
    if (refusal !== null) {
      send(response, refusal.status, { error: refusal.error }, options.hide);
      return true;
    }
    try {
      const found = await answer(request, pathname.slice("/dead-letters".length), searchParams);
      send(response, 200, found, options.hide);
    } catch (error) {
      const status = error instanceof RequestError ? error.status : 500;
      send(response, status, { error: error instanceof Error ? error.message : String(error) }, options.hide);
    }
    return true;
  };
}

async function listLetters(index: LetterIndex, limit: number, from: number): Promise<DeadLetterList> {
  const page = index.ids.toReversed().slice(from, from + limit);
  return { total: index.ids.length, letters: (await index.read(page)).map(listed) };
}

function listed(letter: DeadLetter): ListedLetter {
  const bytes = Buffer.from(letter.record, letter.encoding);
  // Half a character at the end of the cut would show as U+FFFD.
  const record = bytes
    .subarray(0, SHOWN_BYTES)
    .toString(letter.encoding)
    .replace(/\uFFFD+$/, "");
  return { ...letter, record, cut: letter.length > Math.min(bytes.length, SHOWN_BYTES) };
}

/** The ids that a request's body means. */
function choose(index: LetterIndex, body: unknown): readonly string[] {
  const { ids, all } = (typeof body === "object" && body !== null ? body : {}) as { ids?: unknown; all?: unknown };
  if (all === true) return index.ids;
  if (!Array.isArray(ids) || ids.length === 0 || ids.some((id) => typeof id !== "string")) {
    throw new RequestError(400, 'the body is {"ids": ["…"]} or {"all": true}');
  }
  const wanted = [...new Set<string>(ids as string[])];
  const missing = wanted.find((id) => !index.has(id));
  if (missing !== undefined) throw new RequestError(404, `there is no dead letter ${missing}`);
  return wanted;
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES) throw new RequestError(413, "the body is too large");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new RequestError(400, "the body is not JSON");
  }
}

function wholeNumber(query: URLSearchParams, name: string, fallback: number, most = Number.MAX_SAFE_INTEGER): number {
  const text = query.get(name);
  if (text === null) return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > most) throw new RequestError(400, `${name} is a whole number up to ${most}`);
  return value;
}

function send(response: ServerResponse, status: number, body: unknown, hide: (text: string) => string): void {
  response.writeHead(status, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(hide(JSON.stringify(body)));
}
