import { EVENT_TYPES, type OpenClass, type PathPattern, type PushdownClause } from "@falco-efk/event";
import { LAYOUT } from "./frame-layout.ts";

/*
 * What the filter's words mean in bytes, for the kernel's tables (filter-encoding.ts) and for frames (frame-filter.ts).
 */

/** The types whose names a filter sees; for the others a clause's paths hold. */
export const HAS_PATHS: readonly boolean[] = EVENT_TYPES.map(
  ({ name, params }) => !/^execve/.test(name) && params.some(({ type }) => type === "path" || type === "relative-path"),
);

/** Only opens are asked what they want of the file. */
const IS_OPEN: readonly boolean[] = EVENT_TYPES.map(({ name }) => /^(open|creat)/.test(name));

/** Behind the kernel's own classes, which are the bits below it. */
export const CLASS_CONTAINED: number = LAYOUT.CLASS_COMBINATIONS;

const CLASS_BITS: Readonly<Record<OpenClass, number>> = {
  read: LAYOUT.CLASS_READ,
  write: LAYOUT.CLASS_WRITE,
  create: LAYOUT.CLASS_CREATE,
  truncate: LAYOUT.CLASS_TRUNCATE,
  succeeded: LAYOUT.CLASS_SUCCEEDED,
  failed: LAYOUT.CLASS_FAILED,
  dotdot: LAYOUT.CLASS_DOTDOT,
  contained: CLASS_CONTAINED,
};

/** The classes that a clause requires of a call of the type, as bits. What is not looked at in such calls holds. */
export function requiredClasses(type: number, clause: PushdownClause): number {
  let required = 0;
  for (const name of clause.requires) required |= CLASS_BITS[name];
  // A name with `..` is looked for where there are names.
  if (HAS_PATHS[type] !== true) required &= ~LAYOUT.CLASS_DOTDOT;
  if (IS_OPEN[type] === true) return required;
  return required & (LAYOUT.CLASS_SUCCEEDED | LAYOUT.CLASS_FAILED | LAYOUT.CLASS_DOTDOT | CLASS_CONTAINED);
}

/** Text as bytes in a string, a character each, so that it can key a map and be cut anywhere. */
export function bytesOf(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** The bytes that a path begins with when it matches a pattern that is bound to its beginning; a NUL stands for its end. */
export function beginningOf({ kind, text }: PathPattern): string {
  const bytes = bytesOf(text);
  if (kind === "exact") return `${bytes}\0`;
  return kind === "directory" || kind === "child" ? `${bytes.replace(/\/+$/, "")}/` : bytes;
}
