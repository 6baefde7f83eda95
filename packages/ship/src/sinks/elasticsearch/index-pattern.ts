import { UserError } from "@falco-efk/kit";

/** A function from an event's time (ISO 8601, UTC) to the name of its index, and how much of the time it depends on. */
export interface IndexPattern {
  readonly nameFor: (time: string) => string;
  /** Times that agree in so many first characters give the same name. */
  readonly significant: number;
}

const TOKENS: Readonly<Record<string, readonly [number, number]>> = {
  yyyy: [0, 4],
  YYYY: [0, 4],
  MM: [5, 7],
  dd: [8, 10],
  HH: [11, 13],
};

/**
 * Compiles an index name such as `logstash-%{+yyyy.MM.dd}`: `yyyy`, `MM`, `dd` and `HH` of the event's UTC time.
 * Throws UserError (`INDEX_PATTERN`) for anything else in `%{…}`.
 */
export function compileIndexPattern(pattern: string): IndexPattern {
  const pieces: (string | readonly [number, number])[] = [];
  let significant = 0;
  let at = 0;
  for (const match of pattern.matchAll(/%\{([^}]*)\}/g)) {
    pieces.push(pattern.slice(at, match.index));
    at = match.index + match[0].length;
    const format = match[1] ?? "";
    if (!format.startsWith("+")) throw patternError(pattern, match[0]);
    for (const part of format.slice(1).match(/[A-Za-z]+|[^A-Za-z]+/g) ?? []) {
      const token = TOKENS[part];
      if (token !== undefined) {
        significant = Math.max(significant, token[1]);
        pieces.push(token);
      } else if (/[A-Za-z]/.test(part)) throw patternError(pattern, part);
      else pieces.push(part);
    }
  }
  pieces.push(pattern.slice(at));
  return {
    significant,
    nameFor: (time) =>
      pieces.map((piece) => (typeof piece === "string" ? piece : time.slice(piece[0], piece[1]))).join(""),
  };
}

function patternError(pattern: string, part: string): UserError {
  return new UserError(`the index name ${pattern} has ${part}, which is not known`, {
    code: "INDEX_PATTERN",
    hint: "use %{+yyyy.MM.dd} with yyyy, MM, dd and HH",
  });
}
