import type { FieldDefinition, FieldResolver } from "@falco-efk/event";

/** Adds the fields of Falco's `static_fields`: `static.<name>`, each with one fixed text. */
export function withStaticFields<E>(
  resolver: FieldResolver<E>,
  fields: Readonly<Record<string, string>>,
): FieldResolver<E> {
  const fixed = new Map<string, { readonly definition: FieldDefinition; readonly value: string }>();
  for (const [key, value] of Object.entries(fields)) {
    const name = `static.${key}`;
    const description = "A text fixed in the configuration";
    const definition: FieldDefinition = {
      name,
      type: "CHARBUF",
      list: false,
      argument: "none",
      description,
      class: "static",
    };
    fixed.set(name, { definition, value });
  }
  return {
    definitions: [...resolver.definitions, ...[...fixed.values()].map((field) => field.definition)],
    resolve(name, argument) {
      const field = fixed.get(name);
      if (field === undefined) return resolver.resolve(name, argument);
      if (argument !== null) return { code: "unexpected-argument", message: `the field ${name} takes no argument` };
      return { definition: field.definition, argument, extract: () => field.value };
    },
  };
}
