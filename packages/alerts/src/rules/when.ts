import { formatDuration, parseDuration } from "./duration.ts";

/** What makes a rule fire. */
export type Condition =
  | {
      readonly type: "threshold";
      /** Fires when more events than this match. */
      readonly above: number;
      readonly windowSeconds: number;
      /** Counted for each value of this field by itself. */
      readonly per?: string;
    }
  /** Fires for each Falco rule that was quiet for so long and now isn't. */
  | { readonly type: "new-rule"; readonly quietSeconds: number }
  /** Fires when nothing matches for so long. */
  | { readonly type: "absence"; readonly windowSeconds: number };

/** The sentences that are understood, for an error message. */
export const WHEN_FORMS =
  '"count above N in the last DURATION [per FIELD]", "a rule not seen for DURATION" or "no events for DURATION"';

/** Reads a rule's `when`; null when it's none of the sentences. */
export function parseWhen(text: string): Condition | null {
  const sentence = text.trim().replace(/\s+/g, " ");
  const threshold = /^count above (\d+) in the last (.+?)(?: per ([\w.@[\]-]+))?$/i.exec(sentence);
  if (threshold !== null) {
    const windowSeconds = parseDuration(threshold[2] as string);
    const above = Number(threshold[1]);
    if (windowSeconds === null || !Number.isSafeInteger(above)) return null;
    return { type: "threshold", above, windowSeconds, ...(threshold[3] === undefined ? {} : { per: threshold[3] }) };
  }
  const quiet = /^a rule not seen for (.+)$/i.exec(sentence);
  if (quiet !== null) {
    const quietSeconds = parseDuration(quiet[1] as string);
    return quietSeconds === null ? null : { type: "new-rule", quietSeconds };
  }
  const absence = /^no events for (.+)$/i.exec(sentence);
  if (absence !== null) {
    const windowSeconds = parseDuration(absence[1] as string);
    return windowSeconds === null ? null : { type: "absence", windowSeconds };
  }
  return null;
}

/** The condition as a sentence that `parseWhen` reads. */
export function formatWhen(condition: Condition): string {
  switch (condition.type) {
    case "threshold": {
      const per = condition.per === undefined ? "" : ` per ${condition.per}`;
      return `count above ${condition.above} in the last ${formatDuration(condition.windowSeconds)}${per}`;
    }
    case "new-rule":
      return `a rule not seen for ${formatDuration(condition.quietSeconds)}`;
    case "absence":
      return `no events for ${formatDuration(condition.windowSeconds)}`;
  }
}
