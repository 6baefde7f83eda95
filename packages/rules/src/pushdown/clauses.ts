import type { OpenClass, PathPattern, PushdownClause } from "@falco-efk/event";
import { intersectPatterns, patternKey, uniquePatterns } from "./path-pattern.ts";

/**
 * A disjunction of clauses: none is "never", one without any part is "always". There is none for a process's name: the
 * kernel has the thread's name of the moment, and `proc.name` is the process's since its exec.
 */
export type Clauses = readonly PushdownClause[];

/** As many as the kernel's tables hold for one event type. */
export const MAX_CLAUSES = 64;

export const NEVER: Clauses = [];
export const ALWAYS: Clauses = [{ requires: [], paths: null }];

/** True when some clause states nothing, and so accepts everything. */
export function isAlways(clauses: Clauses): boolean {
  return clauses.some((one) => one.requires.length === 0 && one.paths === null);
}

export function requiring(...requires: readonly OpenClass[]): Clauses {
  return [{ requires, paths: null }];
}

export function ofPaths(paths: readonly PathPattern[]): Clauses {
  return paths.length === 0 ? NEVER : [{ requires: [], paths: uniquePatterns(paths) }];
}

/** Accepts what any of them accepts. */
export function either(all: readonly Clauses[]): Clauses {
  return compact(all.flat());
}

/** Accepts what all of them accept, and where that would take too many clauses, more. */
export function both(all: readonly Clauses[]): Clauses {
  let result = ALWAYS;
  for (const clauses of all) {
    if (isAlways(clauses)) continue;
    // Too large a product: leaving a part out accepts more, which is sound.
    if (result.length * clauses.length > 4096) continue;
    result = compact(result.flatMap((a) => clauses.flatMap((b) => conjoin(a, b))));
  }
  return result;
}

function conjoin(a: PushdownClause, b: PushdownClause): Clauses {
  const requires = [...new Set([...a.requires, ...b.requires])].sort();
  if (requires.includes("succeeded") && requires.includes("failed")) return NEVER;
  const paths = a.paths === null || b.paths === null ? (a.paths ?? b.paths) : intersectPatterns(a.paths, b.paths);
  return paths?.length === 0 ? NEVER : [{ requires, paths }];
}

/** Joins clauses that differ in their paths alone, drops those that another one covers, and holds the number below the cap. */
export function compact(clauses: Clauses): Clauses {
  if (isAlways(clauses)) return ALWAYS;
  const result = dropCovered(joinPaths(clauses));
  if (result.length <= MAX_CLAUSES) return result;
  // Widened: whatever the call is, its path alone counts.
  const wide = joinPaths(result.map((clause) => ({ ...clause, requires: [] })));
  return isAlways(wide) ? ALWAYS : wide;
}

function joinPaths(clauses: Clauses): Clauses {
  const groups = new Map<string, PushdownClause>();
  for (const clause of clauses) {
    const key = clause.requires.join();
    const known = groups.get(key);
    if (known === undefined) groups.set(key, clause);
    else if (known.paths === null || clause.paths === null) groups.set(key, { ...clause, paths: null });
    else groups.set(key, { ...clause, paths: uniquePatterns([...known.paths, ...clause.paths]) });
  }
  return [...groups.values()];
}

function dropCovered(clauses: Clauses): Clauses {
  // Of two that accept the same, the first one stays.
  return clauses.filter(
    (one, index) =>
      !clauses.some((other, at) => at !== index && covers(other, one) && !(covers(one, other) && index < at)),
  );
}

/** True when `wide` plainly accepts whatever `narrow` accepts: each part it states, the other states at least as strictly. */
function covers(wide: PushdownClause, narrow: PushdownClause): boolean {
  return (
    wide.requires.every((required) => narrow.requires.includes(required)) &&
    includesAll(wide.paths?.map(patternKey) ?? null, narrow.paths?.map(patternKey) ?? null)
  );
}

function includesAll(wide: readonly string[] | null, narrow: readonly string[] | null): boolean {
  if (wide === null) return true;
  if (narrow === null || narrow.length > wide.length) return false;
  const all = new Set(wide);
  return narrow.every((item) => all.has(item));
}
