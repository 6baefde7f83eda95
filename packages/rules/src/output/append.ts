/** One entry of Falco's `append_output`: what is added to the output of the rules it matches. */
export interface AppendOutput {
  readonly source?: string;
  readonly rule?: string;
  /** All of these tags must be on the rule. */
  readonly tags?: readonly string[];
  /** Text with fields, added behind the rule's output after one space. */
  readonly extraOutput?: string;
  /** Keys added to `output_fields`: a bare field, or a key with its own format. */
  readonly extraFields?: readonly (string | { readonly name: string; readonly format: string })[];
  /** Adds `container_id=%container.id …` and the static fields. */
  readonly suggestedOutput?: boolean;
}

/** The fields that `suggestedOutput` adds, in order; one that the resolver does not know is left out. */
export const SUGGESTED_FIELDS: readonly string[] = [
  "container.id",
  "container.name",
  "container.image.repository",
  "container.image.tag",
  "k8s.pod.name",
  "k8s.ns.name",
];

interface Appendable {
  readonly name: string;
  readonly source: string;
  readonly tags: readonly string[];
}

/** The entries that apply to a rule, in order. */
export function appendsFor(rule: Appendable, appends: readonly AppendOutput[]): readonly AppendOutput[] {
  return appends.filter(
    (append) =>
      (!append.source || append.source === rule.source) &&
      (!append.rule || append.rule === rule.name) &&
      (append.tags ?? []).every((tag) => rule.tags.includes(tag)),
  );
}

/** `container_id=%container.id` and so on for each field. */
export function suggestedText(fields: readonly string[]): string {
  return fields.map((field) => `${field.replaceAll(".", "_")}=%${field}`).join(" ");
}
