import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { UserError } from "./errors.ts";
import { nearest } from "./nearest.ts";
import type { ConfigDocument } from "./yaml-config.ts";

/** A JSON Schema, such as typebox makes. */
export type ConfigSchema = object;

// A schema is compiled once and checks one document: making its code shorter, or checking the schema itself, which the
// tests do, takes longer than it saves.
const ajv = new Ajv({
  meta: false,
  validateSchema: false,
  code: { optimize: false },
  strict: true,
  strictTuples: false,
  allowUnionTypes: true,
  allErrors: true,
  verbose: true,
  useDefaults: true,
});
const compiled = new WeakMap<ConfigSchema, ValidateFunction>();

/**
 * Checks a configuration against its schema and fills in defaults.
 * Throws one UserError (`CONFIG_INVALID`, `CONFIG_UNKNOWN_KEY`) for the first fault, with file, line, key and the nearest known key.
 */
export function validateConfig<T>(document: ConfigDocument, schema: ConfigSchema): T {
  let validate = compiled.get(schema);
  if (validate === undefined) {
    validate = ajv.compile(schema);
    compiled.set(schema, validate);
  }
  const value = structuredClone(document.value ?? {});
  if (validate(value)) return value as T;
  const errors = validate.errors ?? [];
  // The deepest fault is the most telling: an `anyOf` reports every branch and then itself.
  const error = errors.reduce((best, next) => (rank(next) > rank(best) ? next : best));
  throw toUserError(error, document);
}

function rank(error: ErrorObject): number {
  const depth = error.instancePath.split("/").length;
  return depth * 2 + (error.keyword === "anyOf" || error.keyword === "oneOf" ? 0 : 1);
}

function toUserError(error: ErrorObject, document: ConfigDocument): UserError {
  const path = error.instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  const params = error.params as Record<string, unknown>;
  if (error.keyword === "additionalProperties") {
    const unknown = String(params.additionalProperty);
    const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
    const near = nearest(unknown, known);
    return new UserError("unknown key", {
      code: "CONFIG_UNKNOWN_KEY",
      file: document.file,
      ...document.position([...path, unknown]),
      key: formatKey([...path, unknown]),
      ...(near === null ? {} : { hint: `did you mean ${near}?` }),
    });
  }
  return new UserError(words(error), {
    code: "CONFIG_INVALID",
    file: document.file,
    ...document.position(path),
    key: formatKey(path),
  });
}

function words(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case "required":
      return `the key ${String(params.missingProperty)} is missing`;
    case "enum":
      return `must be one of ${(params.allowedValues as unknown[]).join(", ")}`;
    case "const":
      return `must be ${JSON.stringify(params.allowedValue)}`;
    default:
      return error.message ?? `fails the check ${error.keyword}`;
  }
}

/** `["a", "b", 0]` as `a.b[0]`. */
export function formatKey(path: readonly (string | number)[]): string {
  return path.map((part, index) => (typeof part === "number" ? `[${part}]` : index === 0 ? part : `.${part}`)).join("");
}
