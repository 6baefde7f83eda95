import { wildcardPattern } from "../text/wildcard.ts";

interface Segment {
  readonly any: boolean;
  readonly matches: (key: string) => boolean;
}

/** Keeps the parts of an answer that `filter_path` names: `hits.total,hits.hits._id`, with `*` and `**`. */
export function filterPath(value: unknown, expression: string): unknown {
  const paths = expression.split(",").filter((path) => !path.startsWith("-"));
  if (paths.length === 0) {
    return value;
  }
  const compiled = paths.map((path) =>
    path.split(".").map((name): Segment => ({ any: name === "**", matches: wildcardPattern(name).matches })),
  );
  return keep(value, compiled) ?? {};
}

function keep(value: unknown, paths: readonly (readonly Segment[])[]): unknown {
  if (paths.some((path) => path.length === 0)) {
    return value;
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => keep(item, paths)).filter((item) => item !== undefined);
    return items.length > 0 ? items : undefined;
  }
  if (typeof value !== "object" || value === null) {
    return undefined;
  }
  const kept: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const next = paths.flatMap((path) => follow(path, key));
    const inner = next.length > 0 ? keep(item, next) : undefined;
    if (inner !== undefined) {
      kept[key] = inner;
    }
  }
  return Object.keys(kept).length > 0 ? kept : undefined;
}

function follow(path: readonly Segment[], key: string): (readonly Segment[])[] {
  const [first, ...rest] = path;
  if (!first) {
    return [];
  }
  if (first.any) {
    return [path, ...follow(rest, key)];
  }
  return first.matches(key) ? [rest] : [];
}
