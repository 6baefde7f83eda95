import { describeSystemError } from "@falco-efk/kit";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { ElasticClient } from "./elastic-client.ts";
import { checkSearchBody } from "./search-guard.ts";

const OPERATIONS = ["_search", "_count", "_field_caps"] as const;
type Operation = (typeof OPERATIONS)[number];

/** Searches that run at once; more wait, and past `WAITING` they are refused. */
const RUNNING = 8;
const WAITING = 64;

/**
 * The page's way to Elasticsearch: reading alone, of ordinary indices alone, a limited number at a time.
 * The answer's bytes pass through as they are, because parsing would round 64-bit integers.
 */
export function addElasticProxy(app: FastifyInstance, client: ElasticClient): void {
  const slots = createSlots(RUNNING, WAITING);

  for (const operation of OPERATIONS) {
    app.post<{ Params: { index: string }; Body: unknown; Querystring: Record<string, string> }>(
      `/api/console/elastic/:index/${operation}`,
      async (request, reply) => {
        const { index } = request.params;
        const fault = checkIndex(index) ?? checkBody(operation, request.body);
        if (fault !== null) return refuse(reply, 400, fault);
        const path = `/${encodeURIComponent(index)}/${operation}?${parameters(operation, request.query)}`;
        const body = JSON.stringify(request.body ?? {});
        return pass(reply, slots, (signal) => client.post(path, body, "application/json", signal));
      },
    );
  }

  app.post<{ Body: string }>("/api/console/elastic/_msearch", async (request, reply) => {
    const fault = checkMultiSearch(request.body);
    if (fault !== null) return refuse(reply, 400, fault);
    const path = "/_msearch?ignore_unavailable=true&allow_no_indices=true";
    return pass(reply, slots, (signal) => client.post(path, request.body, "application/x-ndjson", signal));
  });
}

function checkBody(operation: Operation, body: unknown): string | null {
  return operation === "_field_caps" ? null : checkSearchBody(body);
}

/** What is wrong with an index pattern, or null. System indices and other clusters are out of bounds. */
export function checkIndex(index: unknown): string | null {
  if (typeof index !== "string" || index === "") return "an index pattern is needed";
  if (index.length > 1000) return "the index pattern is longer than 1000 characters";
  for (const part of index.split(",")) {
    if (!/^-?[a-z0-9*][^\s\\/?"<>|#:A-Z]*$/.test(part)) {
      return `${JSON.stringify(part)} is no index pattern: lower case, no leading dot or underscore, no cluster prefix`;
    }
  }
  return null;
}

function checkMultiSearch(body: unknown): string | null {
  if (typeof body !== "string") return "expected a body of type application/x-ndjson";
  const lines = body.split("\n").filter((line) => line !== "");
  if (lines.length % 2 !== 0) return "expected pairs of a header line and a search line";
  for (const [position, line] of lines.entries()) {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return `line ${position + 1} is not JSON`;
    }
    const fault =
      position % 2 === 0 ? checkIndex((value as { index?: unknown } | null)?.index) : checkSearchBody(value);
    if (fault !== null) return `line ${position + 1}: ${fault}`;
  }
  return null;
}

function parameters(operation: Operation, query: Readonly<Record<string, string>>): string {
  const result = new URLSearchParams({ ignore_unavailable: "true", allow_no_indices: "true" });
  if (operation === "_field_caps") result.set("fields", query.fields ?? "*");
  return result.toString();
}

async function pass(
  reply: FastifyReply,
  slots: Slots,
  send: (signal: AbortSignal) => ReturnType<ElasticClient["post"]>,
): Promise<FastifyReply> {
  // A page that is left, or that asks something else already, doesn't keep a search running.
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  const leave = await slots.enter();
  if (leave === null) return refuse(reply, 429, "too many searches at once; try again in a moment");
  try {
    gone.signal.throwIfAborted();
    const answer = await send(gone.signal);
    return reply.code(answer.status).header("content-type", answer.contentType).send(answer.body);
  } catch (error) {
    if ((error as { code?: unknown }).code === "UND_ERR_HEADERS_TIMEOUT") {
      return refuse(
        reply,
        504,
        "Elasticsearch took too long over this search; choose a shorter time or a narrower query",
      );
    }
    return refuse(reply, 502, `Elasticsearch can't be reached: ${describeSystemError(error)}`);
  } finally {
    leave();
  }
}

function refuse(reply: FastifyReply, statusCode: number, message: string): FastifyReply {
  return reply.code(statusCode).send({ statusCode, error: "Search refused", message });
}

interface Slots {
  /** Waits for a slot and answers how to give it back; null when too many wait already. */
  enter(): Promise<(() => void) | null>;
}

function createSlots(running: number, waiting: number): Slots {
  let free = running;
  const queue: (() => void)[] = [];
  const leave = (): void => {
    const next = queue.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    enter: async () => {
      if (free > 0) {
        free -= 1;
        return leave;
      }
      if (queue.length >= waiting) return null;
      await new Promise<void>((resolve) => queue.push(resolve));
      return leave;
    },
  };
}
