import { type KeyPath, processorError } from "./settings.ts";

const CLASSES: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  ascii: "\\x00-\\x7F",
  blank: "\\t ",
  cntrl: "\\x00-\\x1F\\x7F",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`{-~",
  space: "\\t\\n\\v\\f\\r ",
  upper: "A-Z",
  word: "0-9A-Za-z_",
  xdigit: "0-9A-Fa-f",
};

/**
 * Compiles a regular expression written for Go or Ruby: flags in front such as `(?i)`, `(?P<name>…)`, `[[:digit:]]`, `\A` and
 * `\z` are brought into the runtime's form. Throws UserError (`PROCESSOR`).
 */
export function compileGoRegExp(text: string, flags: string, path: KeyPath): RegExp {
  let own = flags;
  const source = text
    .replace(/^\(\?([ims]+)\)/, (_, letters: string) => {
      own += letters;
      return "";
    })
    .replace(/\(\?P</g, "(?<")
    .replace(/\[:(\w+):\]/g, (whole, name: string) => CLASSES[name] ?? whole)
    .replace(/(?<!\\)((?:\\\\)*)\\A/g, "$1^")
    .replace(/(?<!\\)((?:\\\\)*)\\[zZ]/g, "$1$");
  const all = [...new Set(own)].join("");
  try {
    return new RegExp(source, `${all}u`);
  } catch {
    // Escapes that need none, such as `\-`, are an error under `u` alone.
  }
  try {
    return new RegExp(source, all);
  } catch (error) {
    throw processorError(path, `${text} is not a regular expression: ${(error as Error).message}`);
  }
}

/** Go's `${1}` and `${name}` in a replacement as the runtime writes them. */
export function goReplacement(text: string): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => (/^\d+$/.test(name) ? `$${name}` : `$<${name}>`));
}
