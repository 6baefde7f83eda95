import type { PushdownClause, TypeFilter } from "@falco-efk/event";

/** A kernel filter in words, a line each: what of an event type reaches user space. */
export function kernelFilterLines(filter: TypeFilter | null): string[] {
  if (filter === null) return ["nothing of it"];
  if (filter.kind === "pass") return ["every one"];
  return filter.clauses.map(clauseText);
}

function clauseText({ requires, paths }: PushdownClause): string {
  const parts = [
    ...requires,
    ...(paths === null ? [] : [`path ${any(paths.map(({ kind, text }) => `${WORDS[kind]} ${text}`))}`]),
  ];
  return parts.length === 0 ? "every one" : parts.join(", ");
}

const WORDS = {
  exact: "is",
  directory: "below",
  child: "directly in",
  prefix: "begins with",
  suffix: "ends with",
  contains: "contains",
} as const;
const MOST = 12;

function any(texts: readonly string[]): string {
  const shown = texts.slice(0, MOST).join(" or ");
  return texts.length > MOST ? `${shown} or ${texts.length - MOST} more` : shown;
}
