/** A part of a Lucene query, as it is written. */
export type QueryNode =
  | { readonly kind: "clauses"; readonly clauses: readonly QueryClause[] }
  | { readonly kind: "term"; readonly field: string | null; readonly text: string }
  | { readonly kind: "phrase"; readonly field: string | null; readonly text: string; readonly slop: number }
  | { readonly kind: "pattern"; readonly field: string | null; readonly text: string }
  | { readonly kind: "regexp"; readonly field: string | null; readonly text: string }
  | { readonly kind: "fuzzy"; readonly field: string | null; readonly text: string; readonly distance: number | null }
  | {
      readonly kind: "range";
      readonly field: string | null;
      readonly from: string | null;
      readonly to: string | null;
      readonly includeFrom: boolean;
      readonly includeTo: boolean;
    };

/** A clause and whether it must, may or must not match. */
export interface QueryClause {
  readonly occur: "must" | "should" | "not";
  readonly node: QueryNode;
}

/** A query that cannot be read; the message says where. */
export class QuerySyntaxError extends Error {
  constructor(query: string, at: number, what: string) {
    super(`Cannot parse '${query}': ${what} at column ${at}`);
    this.name = "QuerySyntaxError";
  }
}

const MAX_DEPTH = 50;
const OPERATOR = /^(?:AND|OR|NOT)(?:[\s()]|$)/;
const NO_WORD = { raw: "", text: "", wild: false };
const SPECIAL = new Set(['"', "(", ")", "[", "]", "{", "}", ":", "^", "~", " ", "\t", "\n", "\r", "\u3000"]);

/** Parses Lucene's query syntax. Throws `QuerySyntaxError`. */
export function parseQueryString(query: string, defaultAnd: boolean): QueryNode {
  let at = 0;
  let depth = 0;

  const fail = (what: string): never => {
    throw new QuerySyntaxError(query, at, what);
  };
  const skipSpace = (): void => {
    while (at < query.length && /[\s\u3000]/.test(query[at] as string)) {
      at += 1;
    }
  };
  const word = (name: string): boolean => {
    const next = query[at + name.length];
    if (query.startsWith(name, at) && (next === undefined || /[\s()\u3000]/.test(next))) {
      at += name.length;
      return true;
    }
    return false;
  };
  const take = (text: string): boolean => {
    if (query.startsWith(text, at)) {
      at += text.length;
      return true;
    }
    return false;
  };

  const clauses = (field: string | null, closing: boolean): QueryNode => {
    depth += 1;
    if (depth > MAX_DEPTH) {
      fail("too many nested parentheses");
    }
    const list: { occur: QueryClause["occur"]; node: QueryNode }[] = [];
    for (;;) {
      skipSpace();
      if (at >= query.length || query[at] === ")") {
        if ((query[at] === ")") !== closing) {
          fail(closing ? "a missing )" : "an unexpected )");
        }
        break;
      }
      const words = adjacentWords();
      if (words !== null) {
        list.push({ occur: defaultAnd ? "must" : "should", node: { kind: "term", field, text: words } });
        continue;
      }
      const conjunction =
        list.length === 0 ? null : word("AND") || take("&&") ? "and" : word("OR") || take("||") ? "or" : null;
      skipSpace();
      let modifier: "+" | "-" | null = null;
      if (word("NOT") || take("!") || take("-")) {
        modifier = "-";
      } else if (take("+")) {
        modifier = "+";
      }
      skipSpace();
      const node = clause(field);
      const previous = list.at(-1);
      // Lucene's rule: AND makes the clause before it required too; with AND as default, OR makes it optional.
      if (previous && conjunction === "and" && previous.occur === "should") {
        previous.occur = "must";
      }
      if (previous && defaultAnd && conjunction === "or" && previous.occur === "must") {
        previous.occur = "should";
      }
      const required = modifier === "+" || (defaultAnd ? conjunction !== "or" : conjunction === "and");
      list.push({ occur: modifier === "-" ? "not" : required ? "must" : "should", node });
    }
    depth -= 1;
    return { kind: "clauses", clauses: list };
  };

  /** Two or more plain words in a row are one text, which the field's type splits or not. */
  const adjacentWords = (): string | null => {
    const start = at;
    let end = at;
    const words: string[] = [];
    for (;;) {
      skipSpace();
      if (/[+!-]|&&|\|\|/y.test(query.slice(at, at + 2)) || OPERATOR.test(query.slice(at, at + 4))) {
        break;
      }
      const { raw, text, wild } = "/<>".includes(query[at] ?? "/") ? NO_WORD : bareText();
      if (raw === "" || wild || [":", "^", "~"].includes(query[at] ?? "")) {
        break;
      }
      words.push(text);
      end = at;
    }
    at = words.length > 1 ? end : start;
    return words.length > 1 ? words.join(" ") : null;
  };

  const clause = (inherited: string | null): QueryNode => {
    let field = inherited;
    const start = at;
    if (!['"', "(", "[", "{", "/", ">", "<"].includes(query[at] ?? "")) {
      const name = bareText();
      if (name.raw !== "" && query[at] === ":") {
        at += 1;
        field = name.text;
        skipSpace();
      } else {
        at = start;
      }
    }
    const node = value(field);
    if (take("^") && !/^\d/.test(bareText().raw)) {
      fail("a boost that is no number");
    }
    return node;
  };

  const value = (field: string | null): QueryNode => {
    switch (query[at]) {
      case "(": {
        at += 1;
        const inner = clauses(field, true);
        at += 1;
        return inner;
      }
      case '"': {
        const text = quoted();
        const slop = take("~") ? Number(bareText().raw) : 0;
        return { kind: "phrase", field, text, slop };
      }
      case "[":
      case "{":
        return range(field);
      case "/":
        return regexp(field);
      case ">":
      case "<": {
        const above = query[at++] === ">";
        const inclusive = take("=");
        const text = query[at] === '"' ? quoted() : bareText().text;
        return above
          ? { kind: "range", field, from: text, to: null, includeFrom: inclusive, includeTo: true }
          : { kind: "range", field, from: null, to: text, includeFrom: true, includeTo: inclusive };
      }
      default:
        return bare(field);
    }
  };

  const bare = (field: string | null): QueryNode => {
    const { raw, text, wild } = bareText();
    if (raw === "" || raw === "AND" || raw === "OR" || raw === "NOT") {
      return fail(at >= query.length ? "an unexpected end" : `an unexpected ${JSON.stringify(query[at])}`);
    }
    if (take("~")) {
      const distance = /^\d/.test(query[at] ?? "") ? Number(bareText().raw) : null;
      return { kind: "fuzzy", field, text, distance };
    }
    return wild ? { kind: "pattern", field, text: raw } : { kind: "term", field, text };
  };

  /** A run of characters without a meaning of their own: as written, unescaped, and whether it has wildcards. */
  const bareText = (): { raw: string; text: string; wild: boolean } => {
    const start = at;
    let text = "";
    let wild = false;
    while (at < query.length && !SPECIAL.has(query[at] as string)) {
      if (query[at] === "\\") {
        at += 1;
        if (at >= query.length) {
          fail("nothing after the \\");
        }
      } else if (query[at] === "*" || query[at] === "?") {
        wild = true;
      }
      text += query[at++];
    }
    return { raw: query.slice(start, at), text, wild };
  };

  const quoted = (): string => {
    let text = "";
    for (at += 1; query[at] !== '"'; at++) {
      if (at >= query.length) {
        return fail('a missing "');
      }
      if (query[at] === "\\" && at + 1 < query.length) {
        at += 1;
      }
      text += query[at];
    }
    at += 1;
    return text;
  };

  const range = (field: string | null): QueryNode => {
    const includeFrom = query[at++] === "[";
    const from = rangeEnd();
    skipSpace();
    if (!word("TO")) {
      fail("a range without TO");
    }
    const to = rangeEnd();
    skipSpace();
    const close = query[at++];
    if (close !== "]" && close !== "}") {
      fail("a range without ] or }");
    }
    return { kind: "range", field, from, to, includeFrom, includeTo: close === "]" };
  };
  const rangeEnd = (): string | null => {
    skipSpace();
    if (query[at] === '"') {
      return quoted();
    }
    const match = /^(?:\\.|[^\s\]}])+/.exec(query.slice(at));
    if (!match) {
      return fail("a range without a bound");
    }
    at += match[0].length;
    return match[0] === "*" ? null : match[0].replace(/\\(.)/g, "$1");
  };

  const regexp = (field: string | null): QueryNode => {
    let text = "";
    for (at += 1; query[at] !== "/"; at++) {
      if (at >= query.length) {
        return fail("a missing /");
      }
      if (query[at] === "\\" && query[at + 1] === "/") {
        at += 1;
      } else if (query[at] === "\\") {
        text += query[at++];
      }
      text += query[at] ?? "";
    }
    at += 1;
    return { kind: "regexp", field, text };
  };

  return clauses(null, false);
}
