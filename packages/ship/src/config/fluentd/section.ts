import type { Parameter, Place, Section } from "./parse.ts";

/** Something that has no counterpart, and why. */
export interface Lost extends Place {
  readonly what: string;
  readonly why: string;
}

/** Reads a section and remembers which of its parts were taken, so that the rest can be told. */
export class SectionReader {
  readonly section: Section;
  readonly #lost: Lost[];
  readonly #taken = new Set<Parameter | Section>();

  constructor(section: Section, lost: Lost[]) {
    this.section = section;
    this.#lost = lost;
  }

  /** The last value of a parameter, as Fluentd takes it; undefined when it isn't there. */
  take(key: string): string | undefined {
    let value: string | undefined;
    for (const parameter of this.section.parameters) {
      if (parameter.key !== key) continue;
      this.#taken.add(parameter);
      value = reference(parameter.value);
    }
    return value;
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.take(key);
    return value === undefined ? fallback : value === "true" || value === "yes" || value === "";
  }

  /** `a, b` or `["a", "b"]`. */
  list(key: string): readonly string[] {
    const value = this.take(key);
    if (value === undefined) return [];
    if (value.startsWith("[")) {
      try {
        const list: unknown = JSON.parse(value);
        if (Array.isArray(list)) return list.map(String);
      } catch {
        // Not JSON: commas separate it.
      }
    }
    return value.split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));
  }

  sections(name: string): readonly SectionReader[] {
    return this.section.sections.flatMap((section) => {
      if (section.name !== name) return [];
      this.#taken.add(section);
      return [new SectionReader(section, this.#lost)];
    });
  }

  /** Parameters that nothing has asked for yet, which are taken by this. */
  rest(): readonly Parameter[] {
    const rest = this.section.parameters.filter((parameter) => !this.#taken.has(parameter));
    for (const parameter of rest) this.#taken.add(parameter);
    return rest.map((parameter) => ({ ...parameter, value: reference(parameter.value) }));
  }

  /** Takes parameters that change nothing here. */
  ignore(...keys: readonly string[]): void {
    for (const parameter of this.section.parameters) if (keys.includes(parameter.key)) this.#taken.add(parameter);
  }

  /** Tells of a part that is lost. */
  lose(key: string, why: string): void {
    const parameter = this.section.parameters.findLast((other) => other.key === key);
    if (parameter !== undefined) this.#taken.add(parameter);
    const { file, line } = parameter ?? this.section;
    this.#lost.push({ file, line, what: parameter === undefined ? this.title : key, why });
  }

  loseAll(why: string): void {
    const { file, line } = this.section;
    this.#lost.push({ file, line, what: this.title, why });
  }

  /** Tells of everything that nobody asked for. */
  finish(why = "it has no counterpart"): void {
    for (const parameter of this.rest()) this.#lost.push({ ...parameter, what: parameter.key, why });
    for (const section of this.section.sections) {
      if (this.#taken.has(section)) continue;
      this.#lost.push({ file: section.file, line: section.line, what: `<${section.name}>`, why });
    }
  }

  /** `<match **> @type s3` */
  get title(): string {
    const { name, argument } = this.section;
    const type = this.take("@type") ?? this.take("type");
    return `<${[name, argument].filter((part) => part !== "").join(" ")}>${type === undefined ? "" : ` @type ${type}`}`;
  }
}

/** `#{ENV['NAME']}` becomes `${NAME}`; a dollar sign that would be read as a reference is doubled. */
function reference(value: string): string {
  return value
    .split(/(#\{\s*ENV\[\s*["'][A-Za-z_]\w*["']\s*\]\s*(?:\|\|\s*(?:["'][^"'}]*["']|use_default|use_nil)\s*)?\})/)
    .map((part, at) => {
      if (at % 2 === 0) return part;
      const [, name = ""] = /ENV\[\s*["'](\w+)["']/.exec(part) ?? [];
      const [, fallback] = /\|\|\s*["']([^"']*)["']/.exec(part) ?? [];
      return `${REFERENCE}{${name}${fallback === undefined ? "" : `:${fallback}`}}`;
    })
    .join("");
}

/** Stands for the dollar sign of our own references until the file is written; see `writeDollars`. */
const REFERENCE = "\u{E000}$";

/** Doubles dollar signs that would be read as references, and leaves our own. */
export function writeDollars(value: unknown): unknown {
  if (typeof value === "string") {
    return value
      .split(REFERENCE)
      .map((part) => part.replace(/\$(?=[{$])/g, "$$$$"))
      .join("$");
  }
  if (Array.isArray(value)) return value.map(writeDollars);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, writeDollars(item)]));
}
