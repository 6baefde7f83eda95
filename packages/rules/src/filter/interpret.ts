import { compareFields, compareValue } from "./compare.ts";
import type { Node } from "./node.ts";
import { readSource } from "./sources.ts";

/**
 * Evaluates a condition by walking it. The compiled form must always agree: tests hold it to that, and `why` uses this
 * one to say which clause failed.
 */
export function interpret<E>(node: Node<E>, event: E): boolean {
  return walk(node, event, new Map());
}

function walk<E>(node: Node<E>, event: E, macros: Map<Node<E>, boolean>): boolean {
  switch (node.kind) {
    case "constant":
      return node.value;
    case "and":
      return node.children.every((child) => walk(child, event, macros));
    case "or":
      return node.children.some((child) => walk(child, event, macros));
    case "not":
      return !walk(node.child, event, macros);
    case "macro": {
      let value = macros.get(node.body);
      if (value === undefined) {
        value = walk(node.body, event, macros);
        macros.set(node.body, value);
      }
      return value;
    }
    case "check":
      return compareValue(node, readSource(node.source, event));
    case "field-check":
      return compareFields(node, readSource(node.source, event), readSource(node.right, event));
  }
}
