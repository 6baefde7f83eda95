/** Anything that would make the cluster run a program, keep a context open or cost without bound. */
const FORBIDDEN = new Set([
  "script",
  "script_fields",
  "script_score",
  "runtime_mappings",
  "scripted_metric",
  "pit",
  "suggest",
]);
const MAX_SIZE = 10_000;
const MAX_DEPTH = 60;

/** What is wrong with a search's body, or null. */
export function checkSearchBody(body: unknown): string | null {
  if (body === null || typeof body !== "object" || Array.isArray(body)) return "expected a JSON object";
  const { size, from } = body as { size?: unknown; from?: unknown };
  if (typeof size === "number" && size > MAX_SIZE) return `size may be ${MAX_SIZE} at most`;
  if (typeof from === "number" && from > MAX_SIZE) return `from may be ${MAX_SIZE} at most`;
  return findForbidden(body, 0);
}

function findForbidden(value: unknown, depth: number): string | null {
  if (value === null || typeof value !== "object") return null;
  if (depth > MAX_DEPTH) return `the search is nested deeper than ${MAX_DEPTH} levels`;
  for (const [key, item] of Object.entries(value)) {
    if (!Array.isArray(value) && FORBIDDEN.has(key) && item !== null && typeof item === "object") {
      return `${key} is not allowed here`;
    }
    const fault = findForbidden(item, depth + 1);
    if (fault !== null) return fault;
  }
  return null;
}
