import { eventTypeByName, nearest } from "@falco-efk/event";
import {
  type BinaryCheckExpr,
  type Expr,
  type Position,
  TRANSFORMERS,
  type UnaryCheckExpr,
  type ValueExpr,
} from "./ast.ts";
import type { CachedResolver } from "./cached-resolver.ts";
import type { CheckOperand } from "./compare.ts";
import { KNOWN_EVENT_NAMES } from "./event-names.ts";
import type { LiteralCheck, Node, Source } from "./node.ts";
import type { Literal, Operand, Operator } from "./operators/operator.ts";
import { operatorByName } from "./operators/table.ts";
import { resolveOperand } from "./sources.ts";
import { kindOf, parseLiteral } from "./values.ts";

/** Something wrong or doubtful in a condition. `unknown`: a field or event type that does not exist. */
export interface ConditionProblem {
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly position: Position;
  readonly unknown: boolean;
  /** Set where the doubt is a comparison with the text `<NA>`. */
  readonly unsafeNa?: boolean;
  /** Set where the text itself is at fault, or names a macro that cannot be used: wrong even in a macro nobody uses. */
  readonly structural?: boolean;
}

/** What a condition's names stand for. */
export interface Names<E> {
  readonly resolver: CachedResolver<E>;
  /** A list's items, lists within it worked in; null where there is no such list. */
  list(name: string): readonly ValueExpr[] | null;
  readonly listNames: () => Iterable<string>;
  /** A macro's body; null where it is unknown, which `undefinedMacro` then explains; "failed" where it has its own errors. */
  macro(name: string): Node<E> | "failed" | { readonly error: string };
}

export interface ResolvedCondition<E> {
  /** Null when some problem is an error. */
  readonly node: Node<E> | null;
  readonly problems: readonly ConditionProblem[];
}

/** Resolves a condition's names and checks each comparison's types. */
export function resolveCondition<E>(expr: Expr, names: Names<E>): ResolvedCondition<E> {
  const problems: ConditionProblem[] = [];
  const node = new Resolution(names, problems).resolve(expr);
  return { node, problems };
}

class Resolution<E> {
  readonly #names: Names<E>;
  readonly #problems: ConditionProblem[];

  constructor(names: Names<E>, problems: ConditionProblem[]) {
    this.#names = names;
    this.#problems = problems;
  }

  resolve(expr: Expr): Node<E> | null {
    switch (expr.kind) {
      case "and":
      case "or": {
        const children = expr.children.map((child) => this.resolve(child));
        const whole = children.filter((child) => child !== null);
        return whole.length === children.length ? { kind: expr.kind, children: whole } : null;
      }
      case "not": {
        const child = this.resolve(expr.child);
        return child === null ? null : { kind: "not", child };
      }
      case "identifier": {
        const body = this.#names.macro(expr.name);
        if (body === "failed") return null;
        if ("error" in body) {
          const problem = { severity: "error", message: body.error, position: expr.position, unknown: false } as const;
          this.#problems.push({ ...problem, structural: true });
          return null;
        }
        return { kind: "macro", name: expr.name, body };
      }
      case "unary":
        return this.#unary(expr);
      case "binary":
        return this.#binary(expr);
    }
  }

  #error(position: Position, message: string, unknown = false): null {
    this.#problems.push({ severity: "error", message, position, unknown });
    return null;
  }

  #warn(position: Position, message: string): void {
    this.#problems.push({ severity: "warning", message, position, unknown: false });
  }

  #source(expr: BinaryCheckExpr["left"]): Source<E> | null {
    const result = resolveOperand(expr, this.#names.resolver);
    if ("error" in result) return this.#error(result.position, result.error, result.unknown);
    if (result.source.kind === "field" && result.source.access.definition.outputOnly === true) {
      return this.#error(expr.position, `${result.source.key} can stand in an output only`);
    }
    return result.source;
  }

  #unary(expr: UnaryCheckExpr): Node<E> | null {
    const source = this.#source(expr.left);
    if (source === null) return null;
    return {
      kind: "check",
      source,
      operator: "exists",
      modifier: null,
      valueKind: kindOf(source.type),
      literals: [],
      operand: { values: [] },
      position: expr.position,
    };
  }

  #binary(expr: BinaryCheckExpr): Node<E> | null {
    const source = this.#source(expr.left);
    if (source === null) return null;
    const operator = operatorByName(expr.operator);
    const mismatch = operatorMismatch(expr.operator, operator, source);
    if (mismatch !== null) return this.#error(expr.position, mismatch);
    if (expr.right.kind === "transformer") return this.#fieldCheck(expr, source, expr.right);
    const values = this.#literals(expr, operator);
    if (values === null) return null;
    this.#checkEventNames(expr, source, values);
    this.#doubts(expr, values);
    const operand = this.#prepare(expr, operator, source, values);
    if (operand === null) return null;
    return {
      kind: "check",
      source,
      operator: expr.operator,
      modifier: expr.modifier,
      valueKind: kindOf(source.type),
      literals: values.map((value) => value.text),
      operand,
      position: expr.position,
    } satisfies LiteralCheck<E>;
  }

  #fieldCheck(expr: BinaryCheckExpr, source: Source<E>, rightExpr: BinaryCheckExpr["left"]): Node<E> | null {
    const right = this.#source(rightExpr);
    if (right === null) return null;
    if (expr.operator === "pmatch" || expr.operator === "regex") {
      return this.#error(expr.position, `${expr.operator} cannot compare with another field's value`);
    }
    if (source.type === "IPNET" || right.type === "IPNET") {
      return this.#error(expr.position, "a network field cannot be compared with another field's value");
    }
    if (source.type !== right.type || source.list !== right.list) {
      const show = (one: Source<E>): string => `${one.key} is of type ${one.type}${one.list ? " (list)" : ""}`;
      return this.#error(expr.position, `${show(source)} and ${show(right)}: they cannot be compared`);
    }
    return {
      kind: "field-check",
      source,
      operator: expr.operator,
      valueKind: kindOf(source.type),
      right,
      position: expr.position,
    };
  }

  /** The literals of a comparison, with each bare name of a list replaced by the list's items. */
  #literals(expr: BinaryCheckExpr, operator: Operator): readonly ValueExpr[] | null {
    const right = expr.right;
    if (right.kind === "value") {
      const items = right.quoted ? null : this.#names.list(right.text);
      if (items === null) {
        if ((operator.list || expr.modifier !== null) && !right.quoted) this.#suggestList(right);
        return [right];
      }
      if (operator.list || expr.modifier !== null || items.length === 1) return items;
      this.#error(
        right.position,
        `'${right.text}' is a list of ${items.length} items, and ${expr.operator} takes one value`,
      );
      return null;
    }
    if (right.kind !== "list") return null;
    const values: ValueExpr[] = [];
    for (const value of right.values) {
      const items = value.quoted ? null : this.#names.list(value.text);
      if (items === null) values.push(value);
      else for (const item of items) values.push(item);
    }
    return values;
  }

  #suggestList(value: ValueExpr): void {
    const close = nearest(value.text, this.#names.listNames());
    const hint = close === null ? "" : `; did you mean '${close}'?`;
    this.#warn(value.position, `there is no list '${value.text}', so it is compared with as a text${hint}`);
  }

  #prepare(
    expr: BinaryCheckExpr,
    operator: Operator,
    source: Source<E>,
    values: readonly ValueExpr[],
  ): CheckOperand | null {
    const literals: Literal[] = [];
    for (const value of values) {
      const bytesText = operator.names[0] === "bcontains" || operator.names[0] === "bstartswith";
      const literal = bytesText ? { value: new TextEncoder().encode(value.text) } : parseLiteral(value, source.type);
      if ("error" in literal) return this.#error(value.position, `${source.key}: ${literal.error}`);
      literals.push(literal.value);
    }
    const kind = kindOf(source.type);
    if (expr.modifier === null) {
      const prepared = operator.prepare(literals, kind);
      return "error" in prepared ? this.#error(expr.right.position, prepared.error) : prepared;
    }
    const members: Operand[] = [];
    for (const literal of literals) {
      const prepared = operator.prepare([literal], kind);
      if ("error" in prepared) return this.#error(expr.right.position, prepared.error);
      members.push(prepared);
    }
    return { values: literals, members };
  }

  #checkEventNames(expr: BinaryCheckExpr, source: Source<E>, values: readonly ValueExpr[]): void {
    if (source.key !== "evt.type" && source.key !== "syscall.type") return;
    if (!["=", "==", "!=", "in", "intersects"].includes(expr.operator)) return;
    for (const { text, position } of values) {
      if (eventTypeByName(text) !== null) continue;
      if (KNOWN_EVENT_NAMES.has(text)) {
        this.#warn(
          position,
          `this engine does not take '${text}' events from the kernel, so none will ever match here`,
        );
        continue;
      }
      const close = nearest(text, KNOWN_EVENT_NAMES);
      this.#error(position, `unknown event type '${text}'${close === null ? "" : `; did you mean '${close}'?`}`, true);
    }
  }

  /** What is legal and probably a slip. */
  #doubts(expr: BinaryCheckExpr, values: readonly ValueExpr[]): void {
    for (const value of values) {
      const { text, position } = value;
      if (text === "<NA>" && expr.left.kind === "field" && /^(?:ka|jevt)\./.test(expr.left.name)) {
        const message = "comparing with <NA> does not tell whether there is a value: use 'exists'";
        this.#problems.push({ severity: "warning", message, position, unknown: false, unsafeNa: true });
      }
      if (expr.operator === "regex" && !needsRegex(text)) {
        this.#warn(
          position,
          `the regex '${text}' could be an '=', 'contains', 'startswith' or 'endswith', which is quicker`,
        );
      }
      if (!text.includes(".") && !text.includes("(")) continue;
      const bare = text.replace(/\s+/g, "");
      if (TRANSFORMERS.some((name) => bare.startsWith(`${name}(`) && bare.endsWith(")")) || /^val\(.*\)$/.test(bare)) {
        this.#warn(position, `'${text}' is compared with as a text, though it looks like a transformer`);
      } else if (/^[a-z][a-z0-9_]*\.[a-z0-9_.]+(?:\[.*\])?$/i.test(bare) && this.#names.resolver.isField(bare)) {
        this.#warn(
          position,
          `'${text}' is compared with as a text, though it is a field: write val(${text}) to mean its value`,
        );
      }
    }
  }
}

const LIST_TYPES = new Set(["CHARBUF", "UINT64", "RELTIME", "ABSTIME", "BOOL", "IPADDR", "IPNET"]);

/** Why an operator cannot compare a value of this type, or null. */
function operatorMismatch<E>(name: string, operator: Operator, source: Source<E>): string | null {
  if (source.list) {
    if (!LIST_TYPES.has(source.type))
      return `lists of type ${source.type} cannot be compared, and ${source.key} is one`;
    if (name === "in" || name === "intersects") return null;
    return `${source.key} is a list: 'in', 'intersects' and 'exists' compare lists, ${name} does not`;
  }
  if (operator.kinds.includes(kindOf(source.type))) return null;
  return `${name} cannot compare ${source.key}, which is of type ${source.type}`;
}

/** False where plain operators could say the same: nothing but text, with anchors or `.*` at its ends. */
function needsRegex(pattern: string): boolean {
  const core = pattern.replace(/^(?:\^|\.[+*?])/, "").replace(/(?:\$|\.[+*?])$/, "");
  return /[.+*?^$()[\]{}|\\]/.test(core);
}
