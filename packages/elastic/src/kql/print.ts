import type { KqlComparison, KqlNode, KqlText } from "./ast.ts";

const SIGNS: Readonly<Record<KqlComparison, string>> = { gt: ">", gte: ">=", lt: "<", lte: "<=" };

/** Writes a query so that parsing it gives the same query. */
export function printKql(node: KqlNode): string {
  switch (node.type) {
    case "all":
      return "";
    case "and":
    case "or":
      return node.nodes
        .map((inner) => (isSimple(inner) ? printKql(inner) : `(${printKql(inner)})`))
        .join(` ${node.type} `);
    case "not":
      return isSimple(node.node) ? `not ${printKql(node.node)}` : `not (${printKql(node.node)})`;
    case "is":
      return node.field === null ? printText(node.value) : `${printText(node.field)}: ${printText(node.value)}`;
    case "range":
      return `${printText(node.field)} ${SIGNS[node.comparison]} ${printText(node.value)}`;
  }
}

function isSimple(node: KqlNode): boolean {
  return node.type === "is" || node.type === "range";
}

function printText(value: KqlText): string {
  if (value.kind === "phrase") return quoteKql(value.text);
  if (value.kind === "words") return escapeWords(value.text);
  return value.parts.map(escapeWords).join("*");
}

/** A text as a KQL phrase. */
export function quoteKql(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t")}"`;
}

function escapeWords(text: string): string {
  return text
    .replace(/[\\():<>"{}*]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t")
    .replaceAll(" ", "\\ ")
    .replace(/(^|\\ )(and|or|not)(?![A-Za-z0-9_])/gi, "$1\\$2");
}
