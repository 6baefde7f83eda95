const REFERENCE = /\$\$\{([^}]*)\}|\$\{([^}]*)\}/g;

/**
 * Replaces `${NAME}` in every text of a parsed falco.yaml, as Falco does: a name that is not set becomes nothing, and
 * `$${NAME}` stands for the text `${NAME}`. Keys stay as they are.
 */
export function expandEnvironment(value: unknown, environment: Readonly<Record<string, string | undefined>>): unknown {
  if (typeof value === "string") {
    return value.replace(REFERENCE, (_whole, escaped?: string, name?: string) =>
      escaped === undefined ? (environment[name ?? ""] ?? "") : `\${${escaped}}`,
    );
  }
  if (Array.isArray(value)) return value.map((item) => expandEnvironment(item, environment));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expandEnvironment(item, environment)]));
  }
  return value;
}
