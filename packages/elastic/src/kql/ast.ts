/** A value or a field's name: exact words, a quoted phrase, or a pattern with `*`. */
export type KqlText =
  | { readonly kind: "words"; readonly text: string }
  | { readonly kind: "phrase"; readonly text: string }
  /** `a*b` is `["a", "b"]`: what stands between the stars, literally. */
  | { readonly kind: "pattern"; readonly parts: readonly string[] };

export type KqlComparison = "gt" | "gte" | "lt" | "lte";

/** A KQL query. `field: (a or b)` is already spread out over its values. */
export type KqlNode =
  | { readonly type: "all" }
  | { readonly type: "and" | "or"; readonly nodes: readonly KqlNode[] }
  | { readonly type: "not"; readonly node: KqlNode }
  /** No field means any field. */
  | { readonly type: "is"; readonly field: KqlText | null; readonly value: KqlText }
  | {
      readonly type: "range";
      readonly field: KqlText;
      readonly comparison: KqlComparison;
      readonly value: KqlText;
    };

/** What is wrong with a query, and where. */
export class KqlError extends Error {
  /** 0-based index into the query's text. */
  readonly position: number;

  constructor(message: string, position: number) {
    super(message);
    this.name = "KqlError";
    this.position = position;
  }
}
