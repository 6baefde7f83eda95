import type { FieldSource, LiteralCheck, Node } from "./node.ts";
import type { Literal } from "./operators/operator.ts";

/** What one field's value must be for a condition to hold: one of the values, or a text that begins with a prefix. */
export interface Cover<E> {
  readonly source: FieldSource<E>;
  readonly values: readonly (string | number | bigint)[];
  readonly prefixes: readonly string[];
}

/**
 * The covers of a condition, one for each field that it demands something of. A condition holds for no event that one of its
 * covers rejects; what a cover lets pass is still to be evaluated.
 */
export function coversOf<E>(node: Node<E>): ReadonlyMap<string, Cover<E>> {
  switch (node.kind) {
    case "macro":
      return coversOf(node.body);
    case "check":
      return checkCovers(node);
    case "and": {
      const covers = new Map<string, Cover<E>>();
      for (const child of node.children) {
        for (const [key, cover] of coversOf(child)) if (!covers.has(key)) covers.set(key, cover);
      }
      return covers;
    }
    case "or":
      return node.children.map((child) => coversOf(child)).reduce(unite);
    default:
      return new Map();
  }
}

/** Of two alternatives, only what both demand something of is covered. */
function unite<E>(one: ReadonlyMap<string, Cover<E>>, other: ReadonlyMap<string, Cover<E>>): Map<string, Cover<E>> {
  const covers = new Map<string, Cover<E>>();
  for (const [key, left] of one) {
    const right = other.get(key);
    if (right === undefined) continue;
    covers.set(key, {
      source: left.source,
      values: [...left.values, ...right.values],
      prefixes: [...left.prefixes, ...right.prefixes],
    });
  }
  return covers;
}

function checkCovers<E>(check: LiteralCheck<E>): ReadonlyMap<string, Cover<E>> {
  const { source, valueKind } = check;
  if (source.kind !== "field" || source.list || source.access.definition.several !== undefined) return new Map();
  if (valueKind !== "text" && valueKind !== "number") return new Map();
  const demanded = demands(check);
  return demanded === null ? new Map() : new Map([[source.key, { source, ...demanded }]]);
}

function demands<E>(check: LiteralCheck<E>): Omit<Cover<E>, "source"> | null {
  // `allof` and `oneof` demand at least what `anyof` does, but their operands are kept apart.
  if (check.modifier !== null) return null;
  const literals: readonly Literal[] = check.operand.values;
  switch (check.operator) {
    case "=":
    case "==":
    case "in":
    case "intersects":
      return { values: literals as readonly (string | number | bigint)[], prefixes: [] };
    case "startswith":
      return literals[0] === "" ? null : { values: [], prefixes: literals as readonly string[] };
    case "glob": {
      const { prefix, plain } = check.operand.glob ?? { prefix: "", plain: null };
      if (plain?.kind === "exact") return { values: [plain.text], prefixes: [] };
      return prefix === "" ? null : { values: [], prefixes: [prefix] };
    }
    default:
      return null;
  }
}
