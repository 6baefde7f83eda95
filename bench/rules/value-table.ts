import { type FieldAccess, type FieldResolver, type FieldValue, isFieldError } from "@falco-efk/event";
import type { EventContext } from "@falco-efk/fields";

/** An event as the values of the fields that some rule reads, in the order in which the rules asked for them. */
export type EventValues = readonly FieldValue[];

/** Fields whose values are read once: what is measured over them is the rules alone. */
export interface ValueTable {
  /** What to load the rules with. */
  readonly resolver: FieldResolver<EventValues>;
  /** Reads what the rules loaded so far ask for. */
  read(event: EventContext): EventValues;
}

/** Puts a table in front of the real fields. */
export function createValueTable(fields: FieldResolver<EventContext>): ValueTable {
  const accesses: FieldAccess<EventContext>[] = [];
  return {
    resolver: {
      definitions: fields.definitions,
      resolve(name, argument) {
        const access = fields.resolve(name, argument);
        if (isFieldError(access)) return access;
        const index = accesses.push(access) - 1;
        return { definition: access.definition, argument, extract: (values) => values[index] ?? null };
      },
    },
    read: (event) => accesses.map((access) => access.extract(event)),
  };
}
