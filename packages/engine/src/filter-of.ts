import { eventTypeByName, type KernelFilter, type TypeFilter } from "@falco-efk/event";
import { pushdown, type Ruleset } from "@falco-efk/rules";

/** What feeds the process tree is always seen, whatever the rules ask for. */
export const STATE_TYPES: readonly number[] = ["execve", "execveat", "clone", "procexit"].flatMap(
  (name) => eventTypeByName(name)?.id ?? [],
);

/** What is to be passed of the events: what the rules could match (or, not narrowed, all of its types), and all that the process tree needs. */
export function filterOf<E>(ruleset: Pick<Ruleset<E>, "rules" | "eventTypes">, narrowed: boolean): KernelFilter {
  const pass: TypeFilter = { kind: "pass" };
  const types = new Map<number, TypeFilter>();
  for (const type of ruleset.eventTypes) types.set(type, pass);
  if (narrowed) for (const [type, filter] of pushdown(ruleset).types) types.set(type, filter);
  for (const type of STATE_TYPES) types.set(type, pass);
  return { types };
}
