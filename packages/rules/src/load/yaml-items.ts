import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseAllDocuments,
  Scalar,
  type YAMLMap,
} from "yaml";
import { type Diagnostics, filePlace, type Place, placeIn, type SourceFile } from "./source-file.ts";

/** A rules file larger than this is refused: it is no rules file, and reading it would stall the program. */
export const MAX_FILE_LENGTH: number = 4 * 1024 * 1024;

// How many nodes may be reached through aliases: enough for any honest file, too few for a bomb.
const ALIAS_BUDGET = 100_000;
const MAX_PARSE_ERRORS = 50;

/** Reads a file's YAML and gives the top-level items of all its documents. */
export function readItems(file: SourceFile, diagnostics: Diagnostics): readonly YamlNode[] {
  const whole = filePlace(file);
  const fault = unreadable(file, whole);
  if (fault !== null) {
    diagnostics.error("LOAD_ERR_YAML_PARSE", fault.message, fault.place);
    return [];
  }
  let documents: readonly Document[];
  try {
    // Every scalar is a text, as Falco's reader sees it: `priority: 5` and `items: [true]` are not numbers or Booleans.
    documents = parseAllDocuments(file.text, {
      schema: "failsafe",
      prettyErrors: false,
      // Checked by the reader: here it would take a time that grows with the square of the keys.
      uniqueKeys: false,
    }) as readonly Document[];
  } catch (error) {
    const reason = error instanceof RangeError ? "it nests too deeply" : String(error);
    diagnostics.error("LOAD_ERR_YAML_PARSE", reason, whole);
    return [];
  }
  const items: YamlNode[] = [];
  for (const document of documents) items.push(...documentItems(document, whole, diagnostics));
  return items;
}

/** Deeper than anyone writes, and shallow enough for a parser that takes a time growing with the square of the depth. */
const MAX_NESTING = 2000;

/** Where brackets, or the signs of block items on one line, nest too deeply to be read; else -1. Strings count too: this is a guard, no parser. */
function tooDeep(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x5b || char === 0x7b) depth++;
    else if ((char === 0x5d || char === 0x7d) && depth > 0) depth--;
    if (depth > MAX_NESTING) return at;
  }
  return text.search(/(?:[-?:]\s){500}/);
}

function unreadable(file: SourceFile, whole: Place): { readonly message: string; readonly place: Place } | null {
  if (file.text.length > MAX_FILE_LENGTH) {
    const size = (file.text.length / (1024 * 1024)).toFixed(1);
    return {
      message: `the file has ${size} MiB; a rules file may have ${MAX_FILE_LENGTH / 1024 / 1024}`,
      place: whole,
    };
  }
  const nul = file.text.indexOf("\0");
  const deep = tooDeep(file.text);
  if (deep >= 0)
    return { message: "brackets or items nest too deeply", place: { ...whole, start: deep, end: deep + 1 } };
  if (nul < 0) return null;
  return { message: "a NUL character cannot stand in a rules file", place: { ...whole, start: nul, end: nul + 1 } };
}

function documentItems(document: Document, whole: Place, diagnostics: Diagnostics): readonly YamlNode[] {
  for (const { message, pos } of document.errors.slice(0, MAX_PARSE_ERRORS)) {
    const place = placeIn(whole, "value for", "", pos[0], pos[1]);
    diagnostics.error("LOAD_ERR_YAML_PARSE", message.replace(/\s+/g, " ").trim(), place);
  }
  const contents = document.contents as Node | null;
  const budget = { left: ALIAS_BUDGET };
  const root = contents === null ? null : new YamlNode(contents, document, budget);
  if (root === null || root.isNull) return [];
  if (root.items === null) {
    if (document.errors.length === 0) {
      const message = "a rules file is a list of items, each a mapping such as '- rule: …'";
      diagnostics.error("LOAD_ERR_YAML_VALIDATE", message, whole);
    }
    return [];
  }
  // Behind a syntax error nothing is what its author meant: only the items before it are read.
  const sound = Math.min(...document.errors.map((error) => error.pos[0]), Number.POSITIVE_INFINITY);
  return root.items.filter((item) => !item.isNull && item.end < sound);
}

/** A key of a mapping with its value. */
export interface YamlEntry {
  readonly key: string;
  readonly keyNode: YamlNode;
  readonly value: YamlNode;
}

/** A node of a document, with aliases followed. */
export class YamlNode {
  readonly #node: Node;
  readonly #document: Document;
  readonly #budget: { left: number };
  // Read once: a rule's keys are asked for one by one.
  #items: readonly YamlNode[] | null | undefined;
  #entries: readonly YamlEntry[] | null | undefined;

  constructor(node: Node, document: Document, budget: { left: number }) {
    this.#document = document;
    this.#budget = budget;
    this.#node = this.#follow(node);
  }

  get start(): number {
    return this.#node.range?.[0] ?? 0;
  }

  get end(): number {
    return this.#node.range?.[1] ?? 0;
  }

  /** The text of a scalar; null for anything else. */
  get text(): string | null {
    return isScalar(this.#node) ? String(this.#node.value ?? "") : null;
  }

  /** An empty value, `~` or `null`, not in quotes. */
  get isNull(): boolean {
    return isScalar(this.#node) && this.#node.type === "PLAIN" && /^(?:|~|null|Null|NULL)$/.test(this.text ?? "");
  }

  get isMap(): boolean {
    return isMap(this.#node);
  }

  /** The entries of a sequence; null for anything else. */
  get items(): readonly YamlNode[] | null {
    this.#items ??= this.#readItems();
    return this.#items;
  }

  /** A mapping's keys with the nodes of key and value; null for anything else. */
  get entries(): readonly YamlEntry[] | null {
    this.#entries ??= this.#readEntries();
    return this.#entries;
  }

  /** A mapping's value for a key; null where it has none. */
  get(key: string): YamlNode | null {
    return this.entries?.find((entry) => entry.key === key)?.value ?? null;
  }

  #readItems(): readonly YamlNode[] | null {
    return isSeq(this.#node) ? this.#node.items.map((item) => this.#wrap(item as Node)) : null;
  }

  #readEntries(): readonly YamlEntry[] | null {
    if (!isMap(this.#node)) return null;
    return (this.#node as YAMLMap<Node, Node | null>).items.map(({ key, value }) => {
      const keyNode = this.#wrap(key);
      return { key: keyNode.text ?? "", keyNode, value: this.#wrap(value ?? emptyScalar(keyNode)) };
    });
  }

  #wrap(node: Node): YamlNode {
    return new YamlNode(node, this.#document, this.#budget);
  }

  #follow(node: Node): Node {
    let current = node;
    if (isAlias(current)) current = (current.resolve(this.#document) as Node | undefined) ?? node;
    if (current !== node && --this.#budget.left < 0) throw new AliasBudgetError();
    return current;
  }
}

/** The value of a key that has none: an empty scalar where the key ends. */
function emptyScalar(key: YamlNode): Scalar {
  const scalar = new Scalar("");
  scalar.type = "PLAIN";
  scalar.range = [key.end, key.end, key.end];
  return scalar;
}

/** Thrown where a file's aliases multiply beyond all reason; caught by the reader. */
export class AliasBudgetError extends Error {
  constructor() {
    super(`the file's aliases stand for more than ${ALIAS_BUDGET} values`);
    this.name = "AliasBudgetError";
  }
}
