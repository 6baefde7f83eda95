/** A piece of JavaScript. Made by `code` alone, so that text of a rule never becomes code by accident. */
export class Code {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  static readonly #make = (text: string): Code => new Code(text);

  /** Only for the names that the kit makes up itself. */
  static identifier(name: string): Code {
    if (!/^[A-Za-z_$][\w$]*$/.test(name)) throw new Error(`not an identifier: ${name}`);
    return Code.#make(name);
  }

  /** @internal used by `code` and `join` */
  static trusted(text: string): Code {
    return Code.#make(text);
  }
}

type Splice = Code | string | number | bigint | boolean | null;

/** Builds code from a template: `Code` is spliced in as it is, any other value becomes its literal. */
export function code(parts: TemplateStringsArray, ...splices: readonly Splice[]): Code {
  let text = parts[0] as string;
  splices.forEach((splice, index) => {
    text += (splice instanceof Code ? splice.text : literal(splice)) + (parts[index + 1] as string);
  });
  return Code.trusted(text);
}

/** Joins pieces with an operator or a line break; `empty` stands for no piece at all. */
export function join(
  pieces: readonly Code[],
  separator: " && " | " || " | " | " | ", " | "\n" | " + ",
  empty: Code,
): Code {
  if (pieces.length === 0) return empty;
  return Code.trusted(pieces.map((piece) => piece.text).join(separator));
}

function literal(value: string | number | bigint | boolean | null): string {
  if (typeof value === "bigint") return `${value}n`;
  // A line separator is legal in a string literal since ES2019, but not in every tool that shows the code.
  return JSON.stringify(value).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

/** Gathers the values that generated code refers to by name. */
export class Scope {
  readonly #names: string[] = [];
  readonly #values: unknown[] = [];
  readonly #known = new Map<unknown, Code>();

  /** A name for a value; the same value gets the same name. */
  constant(value: unknown, hint: string): Code {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const name = Code.identifier(`${hint}${this.#values.length}`);
    this.#names.push(name.text);
    this.#values.push(value);
    this.#known.set(value, name);
    return name;
  }

  /** Runs the text of a function body in which the constants are in scope, and gives what it returns. */
  evaluate<T>(body: string): T {
    // Variables, not parameters: a function may have 65,535 of those at most.
    const constants = this.#names.map((name, index) => `const ${name} = values[${index}];\n`).join("");
    return new Function("values", `"use strict";\n${constants}${body}`)(this.#values) as T;
  }
}
