/** What a receiver answered. */
export interface HttpAnswer {
  readonly status: number;
  /** The header `Retry-After`. */
  readonly retryAfter: string | undefined;
  readonly body: string;
}

/** What an answer means for the records of its request. */
export type HttpVerdict =
  | { readonly kind: "delivered" }
  /** The same again, not before `waitMs`. */
  | { readonly kind: "retry"; readonly reason: string; readonly waitMs: number }
  /** Some record, or the size, is refused: the guilty one is found by halving. */
  | { readonly kind: "split"; readonly reason: string }
  /** The receiver says that it took none of them and never will. */
  | { readonly kind: "refused"; readonly reason: string };

const EXCERPT = 200;

/** Judges an answer by its status: 2xx is delivery, 400, 413 and 422 are about the records, anything else passes. */
export function judgeHttpAnswer(answer: HttpAnswer, now: number): HttpVerdict {
  const { status, body } = answer;
  if (status >= 200 && status < 300) return { kind: "delivered" };
  const words = body.replace(/\s+/g, " ").trim().slice(0, EXCERPT);
  const reason = words === "" ? `status ${status}` : `status ${status}: ${words}`;
  if (status === 400 || status === 413 || status === 422) return { kind: tookNone(body) ? "refused" : "split", reason };
  return { kind: "retry", reason, waitMs: retryAfterMs(answer.retryAfter, now) };
}

/** Logz.io counts in its answer what it took and what not. */
function tookNone(body: string): boolean {
  try {
    const counts = JSON.parse(body) as { successfulLines?: unknown; malformedLines?: unknown } | null;
    return counts?.successfulLines === 0 && typeof counts.malformedLines === "number";
  } catch {
    return false;
  }
}

const LONGEST_WAIT_MS = 600_000;

/** `Retry-After` in ms: seconds, or a date. 0 when there is none. */
function retryAfterMs(value: string | undefined, now: number): number {
  if (value === undefined) return 0;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? 0 : Math.min(LONGEST_WAIT_MS, Math.max(0, ms));
}
