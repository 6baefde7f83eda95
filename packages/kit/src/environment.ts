import { UserError } from "./errors.ts";

const REFERENCE = /\$\$|\$\{([A-Za-z_][A-Za-z0-9_.]*)(?::(\?)?([^}]*))?\}/g;

/**
 * Expands `${NAME}`, `${NAME:default}` and `${NAME:?message}` in a text; `$$` is a dollar sign.
 * `lookup` is the keystore first, then the environment. Throws UserError (`ENVIRONMENT`) when a name without default is not set.
 */
export function expandReferences(text: string, lookup: (name: string) => string | undefined): string {
  return text.replace(REFERENCE, (whole, name?: string, required?: string, rest?: string) => {
    if (name === undefined) return "$";
    const value = lookup(name);
    if (value !== undefined) return value;
    if (required === undefined && rest !== undefined) return rest;
    const reason = required !== undefined && rest !== undefined && rest !== "" ? rest : "it is not set";
    throw new UserError(`${whole}: ${reason}`, { code: "ENVIRONMENT", hint: `set the variable ${name}` });
  });
}

/** Expands references in every text of a parsed configuration; keys stay as they are. */
export function expandAll(value: unknown, lookup: (name: string) => string | undefined): unknown {
  if (typeof value === "string") return expandReferences(value, lookup);
  if (Array.isArray(value)) return value.map((item) => expandAll(item, lookup));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expandAll(item, lookup)]));
  }
  return value;
}
