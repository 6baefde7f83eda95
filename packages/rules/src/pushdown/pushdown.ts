import { EVENT_TYPES, type EventTypeDefinition, type KernelFilter, type TypeFilter } from "@falco-efk/event";
import type { Node } from "../filter/node.ts";
import { type Simplifier, typeSimplifiers } from "../filter/simplify.ts";
import type { Ruleset } from "../ruleset.ts";
import { clausesOf, clausesOfNegated } from "./atoms.ts";
import { ALWAYS, both, type Clauses, compact, either, isAlways, NEVER } from "./clauses.ts";

/** Of these every event passes: the process tree needs them. */
const WHOLE: ReadonlySet<string> = new Set(["execve", "execveat", "clone", "procexit"]);

/**
 * Derives the kernel's filter from a rule set: for each event type what any of its rules could match, and somewhat more
 * where the kernel cannot tell. An event type that no rule can match is left out.
 */
export function pushdown<E>(ruleset: Pick<Ruleset<E>, "rules">): KernelFilter {
  const types = new Map<number, TypeFilter>();
  const simplifiers = typeSimplifiers<E>();
  for (const type of EVENT_TYPES) {
    const simplifier = simplifiers[type.id] as Simplifier<E>;
    const filter = typeFilter(ruleset.rules, simplifier, type);
    if (filter !== null) types.set(type.id, filter);
  }
  return { types };
}

/** What one rule asks of the kernel for one event type; null when it cannot match there. For `explain`. */
export function pushdownRule<E>(rule: Ruleset<E>["rules"][number], type: number): TypeFilter | null {
  const simplifier = typeSimplifiers<E>()[type] as Simplifier<E>;
  return typeFilter([rule], simplifier, EVENT_TYPES[type] as EventTypeDefinition);
}

function typeFilter<E>(
  rules: readonly { readonly condition: Node<E> }[],
  simplifier: Simplifier<E>,
  type: EventTypeDefinition,
): TypeFilter | null {
  const memory: Memory<E> = { type, plain: new Map(), negated: new Map() };
  const all: Clauses[] = [];
  for (const rule of rules) {
    const condition = simplifier.simplify(rule.condition);
    if (condition.kind === "constant" && !condition.value) continue;
    all.push(WHOLE.has(type.name) ? ALWAYS : approximate(condition, false, memory));
    if (isAlways(all.at(-1) as Clauses)) return { kind: "pass" };
  }
  if (all.length === 0) return null;
  const clauses = compact(all.flat());
  return isAlways(clauses) ? { kind: "pass" } : { kind: "clauses", clauses };
}

interface Memory<E> {
  readonly type: EventTypeDefinition;
  readonly plain: Map<Node<E>, Clauses>;
  readonly negated: Map<Node<E>, Clauses>;
}

/** Clauses that accept every event for which the condition holds (or, negated, does not hold). */
function approximate<E>(node: Node<E>, negated: boolean, memory: Memory<E>): Clauses {
  switch (node.kind) {
    case "constant":
      return node.value !== negated ? ALWAYS : NEVER;
    case "not":
      return approximate(node.child, !negated, memory);
    case "and":
    case "or": {
      const parts = node.children.map((child) => approximate(child, negated, memory));
      return (node.kind === "and") !== negated ? both(parts) : either(parts);
    }
    case "macro": {
      const known = negated ? memory.negated : memory.plain;
      let clauses = known.get(node.body);
      if (clauses === undefined) {
        clauses = approximate(node.body, negated, memory);
        known.set(node.body, clauses);
      }
      return clauses;
    }
    case "check":
      return negated ? clausesOfNegated(node) : clausesOf(node, memory.type);
    case "field-check":
      return ALWAYS;
  }
}
