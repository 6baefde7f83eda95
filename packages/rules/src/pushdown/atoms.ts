import type { EventTypeDefinition, PathPattern } from "@falco-efk/event";
import { compileGlob } from "../filter/glob.ts";
import type { LiteralCheck } from "../filter/node.ts";
import { ALWAYS, type Clauses, either, isAlways, NEVER, ofPaths, requiring } from "./clauses.ts";
import { subtreePatterns } from "./path-pattern.ts";

const OPENS: ReadonlySet<string> = new Set(["open", "openat", "openat2", "creat"]);

/** What can be said of one comparison on a call of the type: clauses that accept whenever it holds. */
export function clausesOf<E>(check: LiteralCheck<E>, type: EventTypeDefinition): Clauses {
  if (check.source.kind !== "field" || check.source.list) return ALWAYS;
  const { key } = check.source;
  switch (key) {
    case "evt.rawres":
      return resultClauses(check);
    case "evt.res":
      return isOneOf(check, "SUCCESS") ? requiring("succeeded") : ALWAYS;
    case "container.id":
      return isOneOf(check, "host", "!=") ? requiring("contained") : ALWAYS;
  }
  const opens = OPENS.has(type.name);
  const own = opens ? openClauses(check) : ALWAYS;
  const argument = /^evt\.arg(?:\.|\[)([a-z_]+)\]?$/.exec(key)?.[1];
  return isAlways(own) && argument !== undefined ? argumentClauses(check, type, argument, opens) : own;
}

/** What can be said when the comparison does not hold: of the result, which no call lacks, and of who calls. */
export function clausesOfNegated<E>(check: LiteralCheck<E>): Clauses {
  if (check.source.key === "container.id") return isOneOf(check, "host") ? requiring("contained") : ALWAYS;
  if (check.source.key !== "evt.rawres" || check.modifier !== null) return ALWAYS;
  const flipped = { "<": ">=", ">=": "<", ">": "<=", "<=": ">" } as const;
  const operator = flipped[check.operator as keyof typeof flipped];
  return operator === undefined ? ALWAYS : resultClauses({ ...check, operator });
}

function openClauses<E>(check: LiteralCheck<E>): Clauses {
  switch (check.source.key) {
    case "evt.is_open_read":
      return asksTrue(check) ? requiring("read") : ALWAYS;
    case "evt.is_open_write":
      return asksTrue(check) ? requiring("write") : ALWAYS;
    case "evt.is_open_exec":
      // A file comes into being: by O_CREAT, or by O_TMPFILE, which no class names but which succeeds for writing alone.
      return asksTrue(check) ? either([requiring("create"), requiring("write"), requiring("failed")]) : ALWAYS;
    case "fd.num":
    case "evt.arg.fd":
    case "evt.arg[fd]":
      return resultClauses(check);
    case "evt.arg.flags":
    case "evt.arg[flags]":
      return flagClauses(check);
    case "fd.name":
      return pathClauses(check, namePatterns);
    case "fd.directory":
      return pathClauses(check, directoryPatterns);
    case "fd.filename":
      return pathClauses(check, filenamePatterns);
    case "fd.nameraw":
      return rawNameClauses(check);
    default:
      return ALWAYS;
  }
}

const isPath = ({ type }: EventTypeDefinition["params"][number]): boolean =>
  type === "path" || type === "relative-path";

/**
 * A parameter by name: one that the type lacks compares with nothing. A path is the call's, where it has but one: two
 * comparisons of different paths may hold though no path fits both. So the parameter of an open, which is the name as it
 * was written, says nothing beside `fd.name`.
 */
function argumentClauses<E>(
  check: LiteralCheck<E>,
  { params }: EventTypeDefinition,
  name: string,
  opens: boolean,
): Clauses {
  const param = params.find((one) => one.name === name);
  if (param === undefined) return NEVER;
  return !opens && isPath(param) && params.filter(isPath).length === 1 ? pathClauses(check, namePatterns) : ALWAYS;
}

function asksTrue<E>(check: LiteralCheck<E>): boolean {
  const wanted = check.operator === "!=" ? "false" : "true";
  return check.modifier === null && ["=", "==", "!=", "in"].includes(check.operator) && isAll(check, wanted);
}

function isAll<E>(check: LiteralCheck<E>, wanted: string): boolean {
  return check.literals.length > 0 && check.literals.every((literal) => literal === wanted);
}

function isOneOf<E>(check: LiteralCheck<E>, wanted: string, ...operators: readonly string[]): boolean {
  const asked = operators.length > 0 ? operators : ["=", "==", "in"];
  return check.modifier === null && asked.includes(check.operator) && isAll(check, wanted);
}

function resultClauses<E>(check: LiteralCheck<E>): Clauses {
  const values = check.literals.map(Number);
  const [value] = values;
  if (check.modifier !== null || value === undefined || values.some((one) => !Number.isSafeInteger(one))) return ALWAYS;
  const all = (test: (one: number) => boolean): boolean => values.every(test);
  switch (check.operator) {
    case "=":
    case "==":
    case "in":
      if (all((one) => one >= 0)) return requiring("succeeded");
      return all((one) => one < 0) ? requiring("failed") : ALWAYS;
    case ">=":
      return value >= 0 ? requiring("succeeded") : ALWAYS;
    case ">":
      return value >= -1 ? requiring("succeeded") : ALWAYS;
    case "<":
      return value <= 0 ? requiring("failed") : ALWAYS;
    case "<=":
      return value < 0 ? requiring("failed") : ALWAYS;
    default:
      return ALWAYS;
  }
}

function flagClauses<E>(check: LiteralCheck<E>): Clauses {
  if (check.operator !== "contains" || check.modifier !== null) return ALWAYS;
  const text = check.literals[0] ?? "";
  if (text.includes("O_CREAT")) return requiring("create");
  if (text.includes("O_TRUNC")) return requiring("truncate");
  if (text.includes("O_WRONLY") || text.includes("O_RDWR")) return requiring("write");
  return text.includes("O_RDONLY") ? requiring("read") : ALWAYS;
}

type Patterns = (operator: string, literal: string) => readonly PathPattern[] | null;

/** Whatever the modifier: where it holds, some member does. */
function pathClauses<E>(check: LiteralCheck<E>, patternsOf: Patterns): Clauses {
  const patterns: PathPattern[] = [];
  for (const literal of check.literals) {
    const some = patternsOf(check.operator, literal);
    if (some === null) return ALWAYS;
    patterns.push(...some);
  }
  if (check.operator === "exists") return ALWAYS;
  return patterns.length === 0 ? NEVER : ofPaths(patterns);
}

function namePatterns(operator: string, literal: string): readonly PathPattern[] | null {
  switch (operator) {
    case "=":
    case "==":
    case "in":
    case "intersects":
      return [{ kind: "exact", text: literal }];
    case "startswith":
      return literal === "" ? null : [{ kind: "prefix", text: literal }];
    case "endswith":
      return literal === "" ? null : [{ kind: "suffix", text: literal }];
    case "contains":
      return literal === "" ? null : [{ kind: "contains", text: literal }];
    case "glob":
      return globPatterns(literal);
    case "pmatch":
      return subtreePatterns(literal);
    default:
      return null;
  }
}

function globPatterns(pattern: string): readonly PathPattern[] | null {
  const { plain, prefix } = compileGlob(pattern);
  if (plain !== null && plain.text !== "") return [{ kind: plain.kind, text: plain.text }];
  return prefix === "" ? null : [{ kind: "prefix", text: prefix }];
}

function directoryPatterns(operator: string, literal: string): readonly PathPattern[] | null {
  switch (operator) {
    case "=":
    case "==":
    case "in":
    case "intersects":
      // A folder that is opened is its own directory.
      return literal.startsWith("/")
        ? [
            { kind: "child", text: literal },
            { kind: "exact", text: literal },
          ]
        : null;
    case "startswith":
      return literal === "" ? null : [{ kind: "prefix", text: literal }];
    case "pmatch":
      return subtreePatterns(literal);
    default:
      return null;
  }
}

function filenamePatterns(operator: string, literal: string): readonly PathPattern[] | null {
  switch (operator) {
    case "=":
    case "==":
    case "in":
    case "intersects":
      return [{ kind: "suffix", text: `/${literal}` }];
    case "endswith":
      return literal === "" ? null : [{ kind: "suffix", text: literal }];
    case "contains":
      return literal === "" ? null : [{ kind: "contains", text: literal }];
    default:
      return null;
  }
}

/** A name as the caller wrote it: the kernel can tell whether it holds `..`. */
function rawNameClauses<E>(check: LiteralCheck<E>): Clauses {
  if (check.literals.length === 0) return ALWAYS;
  const plain = ["=", "==", "in", "contains", "startswith", "endswith"].includes(check.operator);
  const dotted = check.literals.every((literal) =>
    // In a pattern only a stretch without wildcards, brackets and escapes says what the name holds.
    plain ? literal.includes("..") : check.operator === "glob" && !/[[\\]/.test(literal) && literal.includes(".."),
  );
  return dotted ? requiring("dotdot") : ALWAYS;
}
