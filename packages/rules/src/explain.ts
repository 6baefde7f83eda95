import { EVENT_TYPES, type TypeFilter } from "@falco-efk/event";
import { compileModule } from "./filter/codegen/module.ts";
import { interpret } from "./filter/interpret.ts";
import type { Node } from "./filter/node.ts";
import { simplifierFor } from "./filter/simplify.ts";
import { printNode } from "./print-node.ts";
import { pushdownRule } from "./pushdown/pushdown.ts";
import type { Rule } from "./ruleset.ts";

/** Everything there is to know about a compiled rule. */
export interface Explanation {
  /** The condition with macros and lists worked in. */
  readonly condition: string;
  /** For each event type: what is left of the condition there, and what of it the kernel decides. */
  readonly types: readonly { readonly name: string; readonly condition: string; readonly kernel: TypeFilter | null }[];
  /** The JavaScript generated for this rule alone. */
  readonly code: string;
}

/** Explains a rule. */
export function explainRule<E>(rule: Rule<E>): Explanation {
  const module = compileModule([{ index: 0, condition: rule.condition, dependsOnPath: false }], "first");
  return {
    condition: printNode(rule.condition),
    types: rule.eventTypes.map((id) => {
      const type = EVENT_TYPES[id] as (typeof EVENT_TYPES)[number];
      return {
        name: type.name,
        condition: printNode(simplifierFor<E>(type).simplify(rule.condition)),
        kernel: pushdownRule(rule, id),
      };
    }),
    code: module.code(rule.eventTypes[0]),
  };
}

/** One clause of a condition and whether it held: what `why` shows. */
export interface ClauseVerdict {
  readonly text: string;
  readonly held: boolean;
  /** The clauses within, where they tell why. */
  readonly parts: readonly ClauseVerdict[];
}

/** Says of each clause of a rule whether it held for an event; of what held or failed as a whole, only the deciding parts. */
export function explainVerdict<E>(node: Node<E>, event: E): ClauseVerdict {
  const held = interpret(node, event);
  switch (node.kind) {
    case "macro": {
      const inner = explainVerdict(node.body, event);
      return { text: node.name, held, parts: inner.parts.length > 0 ? inner.parts : [inner] };
    }
    case "not":
      return { text: `not ${label(node.child)}`, held, parts: [explainVerdict(node.child, event)] };
    case "and":
    case "or": {
      // An `and` fails by the parts that failed and an `or` holds by the ones that held; else all of them count.
      const decided = (node.kind === "and") !== held;
      const parts = node.children.map((child) => explainVerdict(child, event));
      return { text: node.kind, held, parts: decided ? parts.filter((part) => part.held === held) : parts };
    }
    default:
      return { text: printNode(node), held, parts: [] };
  }
}

function label<E>(node: Node<E>): string {
  return node.kind === "macro" ? node.name : node.kind === "and" || node.kind === "or" ? "(…)" : printNode(node);
}
