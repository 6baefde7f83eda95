import { dependsOnEnvironment } from "@falco-efk/fields";
import type { Ruleset } from "@falco-efk/rules";

/** True when a condition or an output of the rules reads the environment of a process. */
export function readsEnvironment<E>({ fields, rules }: Pick<Ruleset<E>, "fields" | "rules">): boolean {
  if (fields.some((field) => dependsOnEnvironment(field.name))) return true;
  return rules.some((rule) =>
    [rule.output, ...rule.extraFields.map(({ format }) => format)].some((format) =>
      format.fieldNames.some((name) => dependsOnEnvironment(name.replace(/\[.*$/s, ""))),
    ),
  );
}
