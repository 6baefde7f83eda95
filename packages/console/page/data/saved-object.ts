/** What an object refers to, under the name that its attributes use. */
export interface Reference {
  readonly name: string;
  readonly type: string;
  readonly id: string;
}

/** A saved object, as far as the page looks at it. */
export interface SavedObject {
  readonly type: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly Reference[];
  readonly updated_at?: string;
}
