import { EVENT_TYPES, type EventTypeDefinition } from "@falco-efk/event";
import type { ConstantNode, LiteralCheck, Node } from "./node.ts";

const TRUE: ConstantNode = { kind: "constant", value: true };
const FALSE: ConstantNode = { kind: "constant", value: false };

/** Simplifies conditions for one event type; macros that come out the same keep their identity. */
export interface Simplifier<E> {
  /** The condition with everything decided that the event type decides: what is left reads no `evt.type`. */
  simplify(node: Node<E>): Node<E>;
}

/** Makes the simplifier of an event type. */
export function simplifierFor<E>(type: EventTypeDefinition): Simplifier<E> {
  const bodies = new Map<Node<E>, Node<E>>();
  const simplify = (node: Node<E>): Node<E> => {
    switch (node.kind) {
      case "and":
      case "or":
        return simplifyLogical(node, simplify);
      case "not": {
        const child = simplify(node.child);
        if (child.kind === "constant") return child.value ? FALSE : TRUE;
        return child === node.child ? node : { kind: "not", child };
      }
      case "macro": {
        let body = bodies.get(node.body);
        if (body === undefined) {
          body = simplify(node.body);
          bodies.set(node.body, body);
        }
        if (body.kind === "constant") return body;
        return body === node.body ? node : { kind: "macro", name: node.name, body };
      }
      case "check":
        return decide(node, type) ?? node;
      case "field-check":
      case "constant":
        return node;
    }
  };
  return { simplify };
}

function simplifyLogical<E>(
  node: { readonly kind: "and" | "or"; readonly children: readonly Node<E>[] },
  simplify: (node: Node<E>) => Node<E>,
): Node<E> {
  const absorbing = node.kind === "or";
  const children: Node<E>[] = [];
  let changed = false;
  for (const child of node.children) {
    const simple = simplify(child);
    if (simple.kind === "constant") {
      if (simple.value === absorbing) return simple;
      changed = true;
      continue;
    }
    if (simple !== child) changed = true;
    children.push(simple);
  }
  if (children.length === 0) return absorbing ? FALSE : TRUE;
  if (children.length === 1) return children[0] as Node<E>;
  return changed ? { kind: node.kind, children } : node;
}

/** What an event type decides about a check, or null. */
function decide<E>(check: LiteralCheck<E>, type: EventTypeDefinition): ConstantNode | null {
  if (check.source.kind !== "field") return null;
  if (check.source.key === "evt.num") return decideNumber(check);
  if (check.source.key !== "evt.type" && check.source.key !== "syscall.type") return null;
  // A process event of the tracepoint kind is no system call, so only `evt.type` names it.
  if (check.modifier !== null || (check.source.key === "syscall.type" && type.name === "procexit")) return null;
  const named = check.literals.includes(type.name);
  switch (check.operator) {
    case "=":
    case "==":
    case "in":
    case "intersects":
      return named ? TRUE : FALSE;
    case "!=":
      return named ? FALSE : TRUE;
    case "exists":
      return TRUE;
    default:
      return null;
  }
}

/** Events count from 1, so that the idioms `evt.num=0` (never) and `evt.num>=0` (always) are decided beforehand. */
function decideNumber<E>(check: LiteralCheck<E>): ConstantNode | null {
  const values = check.operand.values as readonly (number | bigint)[];
  const value = values[0];
  switch (check.operator) {
    case "=":
    case "==":
    case "in":
      return check.modifier === null && values.every((number) => number === 0) ? FALSE : null;
    case "!=":
      return check.modifier === null && value === 0 ? TRUE : null;
    case "<":
      return (value as number) <= 1 ? FALSE : null;
    case "<=":
      return value === 0 ? FALSE : null;
    case ">":
      return value === 0 ? TRUE : null;
    case ">=":
      return (value as number) <= 1 ? TRUE : null;
    default:
      return null;
  }
}

/** Ids of the event types a condition can hold for: those it does not come out false for. Sound, as in Falco's analysis. */
export function eventTypesOf<E>(
  node: Node<E>,
  simplifiers: readonly Simplifier<E>[] = typeSimplifiers(),
): readonly number[] {
  const types: number[] = [];
  for (const [id, simplifier] of simplifiers.entries()) {
    const simple = simplifier.simplify(node);
    if (simple.kind !== "constant" || simple.value) types.push(id);
  }
  return types;
}

/** One simplifier an event type, by its id. */
export function typeSimplifiers<E>(): readonly Simplifier<E>[] {
  return EVENT_TYPES.map((type) => simplifierFor<E>(type));
}
