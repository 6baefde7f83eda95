/** What the person is typing at the cursor, so that the right list can be offered. */
export type CompletionContext =
  | { readonly kind: "field"; readonly start: number; readonly prefix: string }
  | {
      readonly kind: "value";
      readonly start: number;
      readonly prefix: string;
      readonly field: string;
    }
  | { readonly kind: "conjunction"; readonly start: number; readonly prefix: "" };

const TOKEN = /\s+|"(?:[^"\\]|\\.)*"?|[():]|<=|>=|<|>|(?:[^\s():<>"\\]|\\.)+/gs;

/** Reads the query up to the cursor. Never throws: half-typed queries are its daily bread. */
export function completionAt(text: string, cursor: number): CompletionContext {
  let field: string | null = null;
  let state: "field" | "value" | "after" = "field";
  let groupField: string | null = null;
  let depth = 0;
  let current = { text: "", start: cursor };
  for (const match of text.slice(0, cursor).matchAll(TOKEN)) {
    const token = match[0];
    const word = token.toLowerCase();
    if (/^\s+$/.test(token)) {
      if (current.text !== "" && state === "value" && field !== null) state = "after";
      current = { text: "", start: match.index + token.length };
    } else if (token === ":" || /^[<>]/.test(token)) {
      state = "value";
      current = { text: "", start: match.index + token.length };
    } else if (token === "(") {
      if (state === "value") groupField = field;
      depth += 1;
      current = { text: "", start: match.index + 1 };
    } else if (token === ")") {
      depth -= 1;
      if (depth <= 0) groupField = null;
      state = "after";
      current = { text: "", start: match.index + 1 };
    } else if (word === "and" || word === "or" || word === "not") {
      state = groupField === null ? "field" : "value";
      if (groupField !== null) field = groupField;
      current = { text: token, start: match.index };
    } else {
      if (state === "after") state = groupField === null ? "field" : "value";
      if (state === "field") field = unquote(token);
      current = { text: token, start: match.index };
    }
  }
  if (state === "value" && field !== null) {
    return { kind: "value", start: current.start, prefix: unquote(current.text), field };
  }
  if (state === "after" && current.text === "") return { kind: "conjunction", start: current.start, prefix: "" };
  return { kind: "field", start: current.start, prefix: unquote(current.text) };
}

function unquote(token: string): string {
  return token.replace(/^"|"$/g, "").replace(/\\(.)/g, "$1");
}
