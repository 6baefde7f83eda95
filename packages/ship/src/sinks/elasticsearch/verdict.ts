import { errors } from "@elastic/transport";
import {
  type BulkResponse,
  bulkItem,
  bulkOutcome,
  describeCause,
  type ErrorCause,
  isErrorResponse,
} from "@falco-efk/elastic";

/** What the answer says about each item of a request, or about the request as a whole. */
export type Verdict =
  | { readonly kind: "delivered"; readonly duplicates: number }
  | { readonly kind: "items"; readonly items: readonly ItemVerdict[] }
  /** Nothing was taken; the same again later. */
  | { readonly kind: "retry"; readonly reason: string; readonly timedOut?: boolean }
  /** The server refuses a request of this size or content: the guilty record is found by halving. */
  | { readonly kind: "split"; readonly status: number; readonly reason: string };

export interface ItemVerdict {
  readonly outcome: "delivered" | "duplicate" | "retry" | "rejected";
  readonly status: number;
  readonly reason: string;
}

const DELIVERED: ItemVerdict = { outcome: "delivered", status: 201, reason: "" };
const DUPLICATE: ItemVerdict = { outcome: "duplicate", status: 409, reason: "" };

/** Reads an answer of 200. One that isn't an answer to `_bulk` is never taken for success. */
export function judgeAnswer(body: unknown, expected: number): Verdict {
  if (typeof body !== "object" || body === null || typeof (body as BulkResponse).errors !== "boolean") {
    return { kind: "retry", reason: "the answer is not one to _bulk" };
  }
  const answer = body as BulkResponse;
  if (!answer.errors) return { kind: "delivered", duplicates: 0 };
  if (!Array.isArray(answer.items) || answer.items.length !== expected) {
    return { kind: "retry", reason: `the answer has ${answer.items?.length ?? 0} items for ${expected} records` };
  }
  return { kind: "items", items: answer.items.map(judgeItem) };
}

function judgeItem(item: BulkResponse["items"][number]): ItemVerdict {
  const { operation, result } = bulkItem(item);
  const { status, error } = result;
  if (status < 300) return DELIVERED;
  if (status === 409) return DUPLICATE;
  const reason = error === undefined ? `status ${status}` : describeCause(error);
  if (bulkOutcome(operation, status) === "retry" || isOperatorsTrouble(status, error)) {
    return { outcome: "retry", status, reason };
  }
  return { outcome: "rejected", status, reason };
}

/** A wrong key, a missing right or an index blocked by a full disk is not the record's fault and ends when somebody mends it. */
function isOperatorsTrouble(status: number, error: ErrorCause | undefined): boolean {
  return status === 401 || status === 403 || error?.type === "cluster_block_exception";
}

/** Reads a request that failed as a whole. */
export function judgeFailure(error: unknown): Verdict {
  if (!(error instanceof errors.ResponseError)) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: "retry", reason, timedOut: error instanceof errors.TimeoutError };
  }
  const status = error.statusCode ?? 0;
  const { body } = error;
  const reason = `${status} ${isErrorResponse(body) ? describeCause(body.error) : ""}`.trim();
  if (status === 400 || status === 413) return { kind: "split", status, reason };
  return { kind: "retry", reason };
}
