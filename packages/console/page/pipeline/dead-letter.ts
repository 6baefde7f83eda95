import { call } from "../state/http.ts";

/** A record that couldn't be delivered, as falco-ship lists it. */
export interface DeadLetter {
  readonly id: string;
  /** When it was put aside, ISO 8601. */
  readonly time: string;
  /** Who refused it: the sink's name, or `harvester`. */
  readonly by: string;
  readonly reason: string;
  /** HTTP status of the refusal; 0 when it never came so far. */
  readonly status: number;
  readonly path: string;
  readonly offset: number;
  /** Bytes of the whole record. */
  readonly length: number;
  readonly record: string;
  readonly encoding: "utf8" | "base64";
  /** True when `record` is only its beginning; absent on a letter that was asked for by its id. */
  readonly cut?: boolean;
}

export interface DeadLetterList {
  readonly total: number;
  readonly letters: readonly DeadLetter[];
}

/** What a replay or a drop is about. */
export type Chosen = { readonly ids: readonly string[] } | { readonly all: true };

const API = "/api/console/dead-letters";

/** The newest first. Throws HttpError. */
export function listDeadLetters(from: number, limit: number, signal: AbortSignal): Promise<DeadLetterList> {
  return call("GET", `${API}?from=${from}&limit=${limit}`, undefined, signal);
}

/** One letter with its whole record. Throws HttpError. */
export function readDeadLetter(id: string): Promise<DeadLetter> {
  return call("GET", `${API}/${encodeURIComponent(id)}`);
}

/** Sends letters again; answers in words what became of them. Throws HttpError. */
export async function replayDeadLetters(chosen: Chosen): Promise<{ readonly text: string; readonly ok: boolean }> {
  const answer = await call<{ delivered: number; rejected: number; reasons: readonly string[] }>(
    "POST",
    `${API}/replay`,
    chosen,
  );
  return describeReplay(answer);
}

/** Takes letters out for good; answers how many. Throws HttpError. */
export async function dropDeadLetters(chosen: Chosen): Promise<number> {
  return (await call<{ dropped: number }>("POST", `${API}/drop`, chosen)).dropped;
}

/** `2 delivered, 1 refused again: …` */
export function describeReplay(answer: {
  readonly delivered: number;
  readonly rejected: number;
  readonly reasons: readonly string[];
}): { readonly text: string; readonly ok: boolean } {
  const { delivered, rejected, reasons } = answer;
  if (rejected === 0) return { text: `${delivered} delivered`, ok: true };
  const kept = `${rejected} still here${reasons.length === 0 ? "" : `: ${reasons.join("; ")}`}`;
  return { text: delivered === 0 ? kept : `${delivered} delivered, ${kept}`, ok: false };
}
