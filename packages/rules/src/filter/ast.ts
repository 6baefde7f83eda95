/** Where a node begins in the condition's text: offset from 0, line and column from 1. */
export interface Position {
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

export interface FieldExpr {
  readonly kind: "field";
  readonly name: string;
  readonly argument: string | null;
  readonly position: Position;
}

/** A literal. `bytes` is there where `\x` escapes made bytes that are no text. */
export interface ValueExpr {
  readonly kind: "value";
  readonly text: string;
  readonly bytes: Uint8Array | null;
  readonly quoted: boolean;
  readonly position: Position;
}

export interface ListExpr {
  readonly kind: "list";
  readonly values: readonly ValueExpr[];
  readonly position: Position;
}

/** `tolower(proc.name)`, `join(",", (…))`, `getopt(…)[c]`; `val(field)` too. */
export interface TransformerExpr {
  readonly kind: "transformer";
  readonly name: string;
  readonly args: readonly TransformerArgument[];
  readonly argument: string | null;
  readonly position: Position;
}

/** The parenthesised list that `join` and `getopt` take. */
export interface TransformerListExpr {
  readonly kind: "transformer-list";
  readonly items: readonly (FieldExpr | TransformerExpr | ValueExpr)[];
  readonly position: Position;
}

export type TransformerArgument = FieldExpr | TransformerExpr | ValueExpr | TransformerListExpr;
export type OperandExpr = FieldExpr | TransformerExpr;

export interface UnaryCheckExpr {
  readonly kind: "unary";
  readonly left: OperandExpr;
  readonly operator: "exists";
  readonly position: Position;
}

export interface BinaryCheckExpr {
  readonly kind: "binary";
  readonly left: OperandExpr;
  readonly operator: BinaryOperatorName;
  /** `startswith oneof (…)`. */
  readonly modifier: Modifier | null;
  readonly right: ValueExpr | ListExpr | TransformerExpr;
  readonly position: Position;
}

/** A macro's name. */
export interface IdentifierExpr {
  readonly kind: "identifier";
  readonly name: string;
  readonly position: Position;
}

export interface NotExpr {
  readonly kind: "not";
  readonly child: Expr;
  readonly position: Position;
}

export interface LogicalExpr {
  readonly kind: "and" | "or";
  readonly children: readonly Expr[];
  readonly position: Position;
}

export type Expr = LogicalExpr | NotExpr | IdentifierExpr | UnaryCheckExpr | BinaryCheckExpr;

export const NUMERIC_OPERATORS = ["<=", "<", ">=", ">"] as const;
export const STRING_OPERATORS = [
  "==",
  "=",
  "!=",
  "glob",
  "iglob",
  "contains",
  "icontains",
  "bcontains",
  "startswith",
  "bstartswith",
  "endswith",
  "regex",
] as const;
export const LIST_OPERATORS = ["intersects", "in", "pmatch"] as const;
export const MODIFIERS = ["oneof", "anyof", "allof"] as const;
export const TRANSFORMERS = ["tolower", "toupper", "b64", "basename", "len", "join", "concat", "getopt"] as const;

export type BinaryOperatorName =
  | (typeof NUMERIC_OPERATORS)[number]
  | (typeof STRING_OPERATORS)[number]
  | (typeof LIST_OPERATORS)[number];
export type OperatorName = BinaryOperatorName | "exists";
export type Modifier = (typeof MODIFIERS)[number];

/** All 20 operators. */
export const OPERATORS: readonly OperatorName[] = [
  "exists",
  ...NUMERIC_OPERATORS,
  ...STRING_OPERATORS,
  ...LIST_OPERATORS,
];
