import type { FieldAccess, FieldDefinition, FieldType, FieldValue } from "@falco-efk/event";
import type { Modifier, OperatorName, Position } from "./ast.ts";
import type { Operand as PreparedOperand } from "./operators/operator.ts";

/** How the values of a type are compared. */
export type ValueKind = "text" | "number" | "boolean" | "bytes" | "address" | "network";

/** A value a condition reads from an event: a field, or a transformer over such values. */
export type Source<E> = FieldSource<E> | TransformerSource<E> | LiteralSource;

interface SourceBase {
  /** Canonical text, such as `tolower(proc.aname[2])`: equal text, equal value. */
  readonly key: string;
  readonly type: FieldType;
  readonly list: boolean;
}

export interface FieldSource<E> extends SourceBase {
  readonly kind: "field";
  readonly access: FieldAccess<E>;
}

/** `apply` takes the arguments' values; a missing one makes the whole missing, so it is never called with null. */
export interface TransformerSource<E> extends SourceBase {
  readonly kind: "transformer";
  readonly args: readonly Source<E>[];
  readonly apply: (args: readonly FieldValue[]) => FieldValue;
}

export interface LiteralSource extends SourceBase {
  readonly kind: "literal";
  readonly value: FieldValue;
}

/** A comparison with literals, made ready. */
export interface LiteralCheck<E> {
  readonly kind: "check";
  readonly source: Source<E>;
  readonly operator: OperatorName;
  readonly modifier: Modifier | null;
  readonly valueKind: ValueKind;
  /** The literals as written, escapes resolved. */
  readonly literals: readonly string[];
  readonly operand: PreparedOperand;
  readonly position: Position;
}

/** A comparison of two values of the event: `fd.name = val(proc.exepath)`. */
export interface FieldCheck<E> {
  readonly kind: "field-check";
  readonly source: Source<E>;
  readonly operator: OperatorName;
  readonly valueKind: ValueKind;
  readonly right: Source<E>;
  readonly position: Position;
}

/** A macro in its place. All references to one macro share the body object: it is evaluated at most once an event. */
export interface MacroNode<E> {
  readonly kind: "macro";
  readonly name: string;
  readonly body: Node<E>;
}

export interface ConstantNode {
  readonly kind: "constant";
  readonly value: boolean;
}

/** A condition, resolved and typed: what is compiled, interpreted and pushed down. */
export type Node<E> =
  | { readonly kind: "and" | "or"; readonly children: readonly Node<E>[] }
  | { readonly kind: "not"; readonly child: Node<E> }
  | MacroNode<E>
  | LiteralCheck<E>
  | FieldCheck<E>
  | ConstantNode;

/** Calls `visit` for every check of a condition, each macro's body once. */
export function visitChecks<E>(node: Node<E>, visit: (check: LiteralCheck<E> | FieldCheck<E>) => void): void {
  const seen = new Set<Node<E>>();
  const walk = (current: Node<E>): void => {
    switch (current.kind) {
      case "and":
      case "or":
        current.children.forEach(walk);
        break;
      case "not":
        walk(current.child);
        break;
      case "macro":
        if (seen.has(current.body)) break;
        seen.add(current.body);
        walk(current.body);
        break;
      case "check":
      case "field-check":
        visit(current);
        break;
      case "constant":
        break;
    }
  };
  walk(node);
}

/** Calls `visit` for every field that a source reads. */
export function visitFields<E>(source: Source<E>, visit: (field: FieldSource<E>) => void): void {
  if (source.kind === "field") visit(source);
  else if (source.kind === "transformer") for (const arg of source.args) visitFields(arg, visit);
}

/** The fields that a condition reads, by canonical text. */
export function fieldsOf<E>(node: Node<E>): ReadonlyMap<string, FieldDefinition> {
  const fields = new Map<string, FieldDefinition>();
  const add = (field: FieldSource<E>): void => {
    fields.set(field.key, field.access.definition);
  };
  visitChecks(node, (check) => {
    visitFields(check.source, add);
    if (check.kind === "field-check") visitFields(check.right, add);
  });
  return fields;
}
