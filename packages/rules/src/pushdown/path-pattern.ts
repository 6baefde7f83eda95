import type { PathPattern } from "@falco-efk/event";

/** True when the pattern matches a path. One that does not begin with `/` is not known whole, and so matches. */
export function matchesPath(pattern: PathPattern, path: string): boolean {
  if (!path.startsWith("/")) return true;
  switch (pattern.kind) {
    case "exact":
      return path === pattern.text;
    case "prefix":
      return path.startsWith(pattern.text);
    case "suffix":
      return path.endsWith(pattern.text);
    case "contains":
      return path.includes(pattern.text);
    case "directory":
      return path.startsWith(beginning(pattern));
    case "child":
      return path.startsWith(beginning(pattern)) && !path.includes("/", beginning(pattern).length);
  }
}

/** Patterns for the paths that `pmatch` takes for one of its own: the path itself and all below; null for any path. */
export function subtreePatterns(path: string): readonly PathPattern[] | null {
  const literal: string[] = [];
  const components = path.split("/").filter((component) => component !== "");
  for (const component of components) {
    if (/[?*[]/.test(component)) break;
    literal.push(component);
  }
  if (literal.length === 0) return null;
  const text = `/${literal.join("/")}`;
  const below: PathPattern = { kind: "directory", text };
  return literal.length === components.length ? [{ kind: "exact", text }, below] : [below];
}

/** Patterns that match at least the paths that a pattern of both lists matches; never more than either list's. */
export function intersectPatterns(a: readonly PathPattern[], b: readonly PathPattern[]): readonly PathPattern[] {
  // Long lists are not worth the product: either one alone is sound.
  if (a.length * b.length > 20_000) return a.length <= b.length ? a : b;
  const both: PathPattern[] = [];
  for (const x of a) for (const y of b) both.push(...intersect(x, y));
  return uniquePatterns(both);
}

function intersect(a: PathPattern, b: PathPattern): readonly PathPattern[] {
  if (a.kind === "exact") return matchesPath(b, a.text) ? [a] : [];
  if (b.kind === "exact") return matchesPath(a, b.text) ? [b] : [];
  if (a.kind === "suffix" && b.kind === "suffix") {
    if (a.text.endsWith(b.text)) return [a];
    return b.text.endsWith(a.text) ? [b] : [];
  }
  // A beginning and an end, or a text anywhere: both hold, and the beginning or the end alone says enough.
  if (a.kind === "contains") return [b];
  if (b.kind === "contains") return [a];
  if (a.kind === "suffix") return [b];
  if (b.kind === "suffix") return [a];
  const [x, y] = [beginning(a), beginning(b)];
  // What lies directly in a folder and below one of its own is nothing; the narrower of two beginnings is enough.
  if (a.kind === "child" && b.kind === "child") return x === y ? [a] : [];
  if (x.startsWith(y)) return [a];
  return y.startsWith(x) ? [b] : [];
}

function beginning(pattern: PathPattern): string {
  const whole = pattern.kind === "directory" || pattern.kind === "child";
  return whole && pattern.text !== "/" ? `${pattern.text}/` : pattern.text;
}

/** The same text for the same pattern. */
export function patternKey(pattern: PathPattern): string {
  return `${pattern.kind} ${pattern.text}`;
}

/** The patterns without repetition. */
export function uniquePatterns(patterns: readonly PathPattern[]): readonly PathPattern[] {
  return [...new Map(patterns.map((pattern) => [patternKey(pattern), pattern])).values()];
}
