import { asText, getField } from "../event.ts";
import type { ProcessorKind } from "../processor.ts";

interface TokenBucket {
  tokens: number;
  /** When it was last filled, ms. */
  filled: number;
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };
/** Buckets that have filled up again are forgotten once there are more. */
const MANY = 10_000;

/** Lets so many events through in a time, for each distinct set of values of `fields`. The rest is dropped and counted. */
export const rateLimit: ProcessorKind = (settings, context) => {
  const text = settings.text("limit");
  const [, amount = "", unit = ""] = /^(\d+(?:\.\d+)?)\/([smh])$/.exec(text) ?? [];
  const limit = Number(amount);
  const period = UNITS[unit];
  if (period === undefined || limit <= 0)
    throw settings.error("a rate such as 10/s, 500/m or 1000/h is expected", "limit");
  const fields = settings.texts("fields", []);
  const bucket = settings.inner("algorithm").inner("token_bucket");
  const most = Math.max(1, limit * bucket.number("burst_multiplier", 1));
  const perMs = limit / period;
  const buckets = new Map<string, TokenBucket>();
  return (event) => {
    const now = context.now();
    const key = JSON.stringify(fields.map((field) => asText(getField(event, field))));
    let found = buckets.get(key);
    if (found === undefined) {
      if (buckets.size >= MANY) forgetFull(buckets, now, most, perMs);
      found = { tokens: most, filled: now };
      buckets.set(key, found);
    }
    // A clock that was set back fills nothing.
    found.tokens = Math.min(most, found.tokens + Math.max(0, now - found.filled) * perMs);
    found.filled = now;
    if (found.tokens >= 1) {
      found.tokens -= 1;
      return event;
    }
    context.count("rate_limited");
    return null;
  };
};

function forgetFull(buckets: Map<string, TokenBucket>, now: number, most: number, perMs: number): void {
  for (const [key, { tokens, filled }] of buckets) {
    if (tokens + (now - filled) * perMs >= most) buckets.delete(key);
  }
  // All of them are in use: the oldest go, which can only let more through.
  for (const key of buckets.keys()) {
    if (buckets.size < MANY) break;
    buckets.delete(key);
  }
}
