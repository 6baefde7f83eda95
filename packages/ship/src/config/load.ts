import { readFileSync } from "node:fs";
import {
  type ConfigDocument,
  describeSystemError,
  formatKey,
  parseConfigDocument,
  UserError,
  validateConfig,
} from "@falco-efk/kit";
import { isFileInput } from "../inputs/start-input.ts";
import { checkProcessors } from "../processors/steps.ts";
import { coerceTexts } from "./coerce.ts";
import type { ShipConfig } from "./config.ts";
import { expandDots, pathInFile, setAt } from "./dotted.ts";
import { fromFilebeat, isFilebeat } from "./filebeat.ts";
import { type KeyPath, parseKey } from "./key-path.ts";
import { expandTexts } from "./references.ts";
import { SHIP_SCHEMA } from "./schema.ts";
import { secretsOf } from "./secrets.ts";

export interface LoadOptions {
  /** Values for `${NAME}`. */
  readonly lookup: (name: string) => string | undefined;
  /** `key=value` pairs that go over the file's. */
  readonly overrides?: readonly string[];
  /** Told what must never be shown, before anything else can go wrong. */
  readonly secrets?: (secrets: readonly string[]) => void;
  /** Told the keys of a `filebeat.yml` that mean nothing here. */
  readonly ignored?: (keys: readonly string[]) => void;
}

/** Reads, expands and checks a configuration file. Throws UserError with file, line and key. */
export function loadConfig(file: string, options: LoadOptions): ShipConfig {
  return resolveConfig(readDocument(file), options);
}

/** Checks a configuration that is an object already, and fills in defaults. Throws UserError. */
export function checkConfig(value: unknown): ShipConfig {
  const document = { file: "configuration", value, position: () => null };
  return checkDocument(document, expandDots(value));
}

function readDocument(file: string): ConfigDocument {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`can't be read: ${describeSystemError(error)}`, {
      code: "FILE_READ",
      file,
      hint: "name the configuration with -c",
      cause: error,
    });
  }
  return parseConfigDocument(text, file);
}

function resolveConfig(document: ConfigDocument, options: LoadOptions): ShipConfig {
  refusePlaceholders(document.value, document, []);
  let value = expandDots(document.value ?? {});
  if (isFilebeat(value)) {
    const { config, dropped } = fromFilebeat(value as Record<string, unknown>);
    value = config;
    options.ignored?.(dropped);
  }
  for (const override of options.overrides ?? []) value = setAt(value, override);
  const expanded = expandTexts(value, options.lookup, (error, path) => placed(error, document, path));
  options.secrets?.(secretsOf(expanded));
  return checkDocument(document, expanded);
}

function checkDocument(document: ConfigDocument, value: unknown): ShipConfig {
  const position = (path: KeyPath): ReturnType<ConfigDocument["position"]> => document.position(inFile(document, path));
  const coerced = coerceTexts(value, SHIP_SCHEMA);
  const config = validateConfig<ShipConfig>({ file: document.file, value: coerced, position }, SHIP_SCHEMA);
  try {
    config.inputs.forEach((input, at) => {
      if (!isFileInput(input) || input.paths.length > 0) return;
      throw new UserError("names no files", { code: "CONFIG_INVALID", key: `inputs[${at}].paths` });
    });
    checkProcessors(config);
  } catch (error) {
    throw placed(error, document, error instanceof UserError ? parseKey(error.details.key ?? "") : []);
  }
  return config;
}

/** Where a key of ours stands in the file; Filebeat's has its inputs under `filebeat`. */
function inFile(document: ConfigDocument, path: KeyPath): KeyPath {
  const found = pathInFile(document.value, path);
  return found.length > 0 ? found : pathInFile(document.value, ["filebeat", ...path]);
}

/** The same error with file, line and key where it has none. */
function placed(error: unknown, document: ConfigDocument, path: KeyPath): Error {
  if (!(error instanceof UserError)) return error instanceof Error ? error : new Error(String(error));
  const key = formatKey(path);
  return new UserError(error.message, {
    ...error.details,
    file: document.file,
    ...document.position(inFile(document, path)),
    ...(key === "" ? {} : { key }),
  });
}

/** A copied example still has its `<<LISTENER-HOST>>`: say so instead of looking for a host of that name. */
function refusePlaceholders(value: unknown, document: ConfigDocument, path: readonly (string | number)[]): void {
  if (typeof value === "string") {
    const placeholder = /<<[^<>]+>>/.exec(value);
    if (placeholder === null) return;
    throw new UserError(`${placeholder[0]} is a placeholder`, {
      code: "CONFIG_PLACEHOLDER",
      file: document.file,
      ...document.position(path),
      key: path.join("."),
      hint: "replace it, brackets included, with your own value",
    });
  }
  if (value === null || typeof value !== "object") return;
  for (const [key, item] of Object.entries(value)) {
    refusePlaceholders(item, document, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}
