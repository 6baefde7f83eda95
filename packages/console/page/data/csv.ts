import { type Hit, valueText } from "./hit.ts";
import { stringifyJson } from "./json.ts";

/** The rows as CSV (RFC 4180, CRLF). A cell that a spreadsheet would run as a formula gets an apostrophe in front. */
export function toCsv(hits: readonly Hit[], columns: readonly string[]): string {
  const lines = [
    // A plain field's name such as @timestamp is nothing that a spreadsheet could run, and readers look for it as it is.
    columns.map((column) => (/^@?[\w.]+$/.test(column) ? column : cell(column))),
    ...hits.map((hit) => columns.map((column) => cell(valueText(hit.fields.get(column))))),
  ];
  return lines.map((line) => `${line.join(",")}\r\n`).join("");
}

/** The rows' sources, one a line. */
export function toNdjson(hits: readonly Hit[]): string {
  return hits.map((hit) => `${stringifyJson(hit.source)}\n`).join("");
}

function cell(text: string): string {
  const isNumber = /^-?\d+(\.\d+)?$/.test(text);
  const harmless = !isNumber && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
