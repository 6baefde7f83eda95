import type { LiteralCheck, Node } from "./filter/node.ts";

/** Cut here: a condition longer than this is read by no one. */
const MAX_LENGTH = 20_000;

/** Writes a resolved condition, macros and lists worked in. */
export function printNode<E>(node: Node<E>): string {
  const budget = { left: MAX_LENGTH };
  const text = write(node, 0, budget);
  return budget.left < 0 ? `${text.slice(0, MAX_LENGTH)} …` : text;
}

function write<E>(node: Node<E>, level: number, budget: { left: number }): string {
  if (budget.left < 0) return "…";
  switch (node.kind) {
    case "constant":
      return String(node.value);
    case "macro":
      return write(node.body, level, budget);
    case "not":
      return `not ${write(node.child, 3, budget)}`;
    case "and":
    case "or": {
      const own = node.kind === "or" ? 1 : 2;
      const text = node.children.map((child) => write(child, own, budget)).join(` ${node.kind} `);
      return level >= own ? `(${text})` : text;
    }
    case "check":
    case "field-check": {
      const text =
        node.kind === "check" ? writeCheck(node) : `${node.source.key} ${node.operator} val(${node.right.key})`;
      budget.left -= text.length;
      return text;
    }
  }
}

/** Writes one comparison with literals. */
export function writeCheck<E>(check: LiteralCheck<E>): string {
  const head = `${check.source.key} ${check.operator}`;
  if (check.operator === "exists") return head;
  const many = check.modifier !== null || ["in", "intersects", "pmatch"].includes(check.operator);
  const literals = check.literals.map((text) => (/^[^()"'\s=,]+$/.test(text) ? text : JSON.stringify(text)));
  if (!many) return `${head} ${literals[0]}`;
  return `${head}${check.modifier === null ? "" : ` ${check.modifier}`} (${literals.join(", ")})`;
}
