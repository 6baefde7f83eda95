import type { Priority } from "@falco-efk/event";
import type { ScalarText } from "./scalar.ts";
import type { Place } from "./source-file.ts";

/** An exception's field, operator or value: one text or a list (of lists). */
export type ExceptionEntry =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly ExceptionEntry[] };

export interface ExceptionItem {
  readonly name: string;
  readonly fields: ExceptionEntry | null;
  readonly comps: ExceptionEntry | null;
  readonly values: readonly { readonly entry: ExceptionEntry; readonly place: Place }[];
  readonly place: Place;
}

/** What a rule item states; a key that is absent is undefined. */
export interface RuleKeys {
  readonly condition?: ScalarText;
  readonly output?: ScalarText;
  readonly description?: ScalarText;
  readonly priority?: Priority;
  readonly source?: string;
  readonly tags?: readonly string[];
  readonly enabled?: boolean;
  readonly exceptions?: readonly ExceptionItem[];
  readonly warnEventTypes?: boolean;
  readonly skipIfUnknownFilter?: boolean;
  readonly capture?: boolean;
  readonly captureDuration?: number;
}

interface Named {
  readonly name: string;
  readonly place: Place;
}

/** What the reader makes of a top-level item. */
export type Item =
  | { readonly kind: "engine-version"; readonly version: string; readonly place: Place }
  | (Named & {
      readonly kind: "plugin-version";
      readonly version: string;
      readonly alternatives: readonly { readonly name: string; readonly version: string }[];
    })
  | (Named & { readonly kind: "list"; readonly append: boolean; readonly items: readonly ScalarText[] })
  | (Named & { readonly kind: "macro"; readonly append: boolean; readonly condition: ScalarText })
  | (Named & {
      readonly kind: "rule";
      readonly action: "define" | "append" | "replace" | "enable";
      readonly keys: RuleKeys;
    })
  /** An item with errors of its own: its name is known, so what refers to it is not reported again. */
  | (Named & { readonly kind: "failed"; readonly what: "list" | "macro" | "rule" });
