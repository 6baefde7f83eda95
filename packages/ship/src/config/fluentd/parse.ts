import { UserError } from "@falco-efk/kit";

/** Where something stands; `line` counts from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** A parameter such as `path /var/log/x`. */
export interface Parameter extends Place {
  readonly key: string;
  /** Without the quotes, its escapes read. */
  readonly value: string;
}

/** A section such as `<match falco.**>`. */
export interface Section extends Place {
  readonly name: string;
  readonly argument: string;
  readonly parameters: readonly Parameter[];
  readonly sections: readonly Section[];
}

/** Reads the files that `@include` names: none, one or several. Throws UserError. */
export type Include = (target: string, from: Place) => readonly { readonly file: string; readonly text: string }[];

const MOST_DEEP = 32;

interface Open {
  readonly name: string;
  readonly argument: string;
  readonly line: number;
  readonly parameters: Parameter[];
  readonly sections: Section[];
}

/**
 * Parses a configuration of Fluentd's. What `@include` brings stands where it was asked for. Throws UserError (`FLUENTD_PARSE`)
 * with file, line and column.
 */
export function parseFluentd(text: string, file: string, include: Include, depth = 0): Section {
  const lines = text.split(/\r?\n/);
  const root: Open = { name: "", argument: "", line: 1, parameters: [], sections: [] };
  const open: Open[] = [root];
  const fault = (line: number, column: number, message: string, hint?: string): UserError =>
    new UserError(message, { code: "FLUENTD_PARSE", file, line, column, ...(hint === undefined ? {} : { hint }) });
  for (let at = 0; at < lines.length; at++) {
    const raw = lines[at] ?? "";
    const line = at + 1;
    const trimmed = raw.trim();
    const column = raw.length - raw.trimStart().length + 1;
    const current = open.at(-1) ?? root;
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    if (trimmed.startsWith("</")) {
      const [, name] = /^<\/\s*([^\s>]*)\s*>(?:\s*#.*)?$/.exec(trimmed) ?? [];
      if (name === undefined) throw fault(line, column, `${trimmed} is not the end of a section`, "such as </match>");
      if (open.length === 1) throw fault(line, column, `</${name}> ends a section that was not begun`);
      if (name !== current.name) {
        throw fault(line, column, `</${name}> ends <${current.name}>, which line ${current.line} begins`);
      }
      open.pop();
      (open.at(-1) ?? root).sections.push({ ...current, file });
    } else if (trimmed.startsWith("<")) {
      const [, name, argument = ""] = /^<\s*([^\s>]+)(?:\s+([^>]*?))?\s*>(?:\s*#.*)?$/.exec(trimmed) ?? [];
      if (name === undefined)
        throw fault(line, column, `${trimmed} is not the beginning of a section`, "such as <match **>");
      if (open.length > MOST_DEEP) throw fault(line, column, "sections are nested too deep");
      open.push({ name, argument, line, parameters: [], sections: [] });
    } else {
      const [, key = "", rest = ""] = /^(\S+)\s*(.*)$/s.exec(trimmed) ?? [];
      if (key === "@include" || key === "include") {
        if (depth >= MOST_DEEP)
          throw fault(line, column, "includes are nested too deep", "does a file include itself?");
        for (const part of include(stripComment(rest), { file, line })) {
          const inner = parseFluentd(part.text, part.file, include, depth + 1);
          current.parameters.push(...inner.parameters);
          current.sections.push(...inner.sections);
        }
        continue;
      }
      const value = readValue(lines, at, rest);
      if (value === null) throw fault(line, column, `the value of ${key} has no end`, "is a quote or bracket missing?");
      current.parameters.push({ key, value: value.text, file, line });
      at = value.last;
    }
  }
  const unclosed = open.at(-1);
  if (unclosed !== undefined && unclosed !== root) {
    throw fault(unclosed.line, 1, `<${unclosed.name}> has no end`, `add </${unclosed.name}>`);
  }
  return { ...root, file };
}

/** A value and the index of its last line. Null when quotes or brackets stay open. */
function readValue(
  lines: readonly string[],
  at: number,
  rest: string,
): { readonly text: string; readonly last: number } | null {
  const first = rest[0];
  if (first === '"' || first === "'") return readQuoted(lines, at, rest, first);
  if (first === "[" || first === "{") return readJson(lines, at, rest);
  return { text: stripComment(rest), last: at };
}

/** A comment begins at a `#` behind white space; `#{` is code. */
function stripComment(text: string): string {
  return text.replace(/(?:^|\s+)#(?!\{).*$/, "").trim();
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", f: "\f", b: "\b" };

function readQuoted(lines: readonly string[], at: number, rest: string, quote: string): ReturnType<typeof readValue> {
  let text = "";
  let line = rest.slice(1);
  for (let last = at; ; ) {
    for (let index = 0; index < line.length; index++) {
      const letter = line[index] ?? "";
      const next = line[index + 1];
      if (letter === quote) {
        const after = line.slice(index + 1).trim();
        // Text behind the closing quote makes the quotes a part of the value.
        return after === "" || after.startsWith("#")
          ? { text, last }
          : last === at
            ? { text: stripComment(rest), last }
            : null;
      }
      if (letter === "\\" && next !== undefined && (quote === '"' || next === "'" || next === "\\")) {
        text += quote === '"' ? (ESCAPES[next] ?? next) : next;
        index += 1;
      } else text += letter;
    }
    last += 1;
    if (last >= lines.length) return null;
    line = lines[last] ?? "";
    text += "\n";
  }
}

/** JSON may go over several lines; what only begins like it is a plain value. */
function readJson(lines: readonly string[], at: number, rest: string): ReturnType<typeof readValue> {
  let text = "";
  for (let last = at; last < lines.length; last++) {
    text += `${last === at ? rest : (lines[last] ?? "")}\n`;
    for (const candidate of [text.trim(), stripComment(text.trim())]) {
      try {
        JSON.parse(candidate);
        return { text: candidate, last };
      } catch {
        // It goes on in the next line, or isn't JSON at all.
      }
    }
    if (/^\s*<\//.test(lines[last + 1] ?? "")) break;
  }
  return { text: stripComment(rest), last: at };
}
