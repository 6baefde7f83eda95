import { type ConfigDocument, expandAll, readConfigDocument, UserError, validateConfig } from "@falco-efk/kit";
import { isFileInput } from "../inputs/start-input.ts";
import { checkProcessors } from "../processors/steps.ts";
import type { ShipConfig } from "./config.ts";
import { expandDots, setAt } from "./dotted.ts";
import { fromFilebeat, isFilebeat } from "./filebeat.ts";
import { SHIP_SCHEMA } from "./schema.ts";

export interface LoadOptions {
  /** Values for `${NAME}`. */
  readonly lookup: (name: string) => string | undefined;
  /** `key=value` pairs that go over the file's. */
  readonly overrides?: readonly string[];
  /** Told the keys of a `filebeat.yml` that mean nothing here. */
  readonly ignored?: (keys: readonly string[]) => void;
}

/** Reads, expands and checks a configuration file. Throws UserError with file, line and key. */
export function loadConfig(file: string, options: LoadOptions): ShipConfig {
  return resolveConfig(readConfigDocument(file), options);
}

/** Checks a configuration that is an object already, and fills in defaults. Throws UserError. */
export function checkConfig(value: unknown): ShipConfig {
  const document = { file: "configuration", value: expandDots(value), position: () => null };
  return checkInputs(validateConfig<ShipConfig>(document, SHIP_SCHEMA), document.file);
}

function resolveConfig(document: ConfigDocument, options: LoadOptions): ShipConfig {
  refusePlaceholders(document.value, document, []);
  let value = expandDots(expandAll(document.value, options.lookup));
  if (isFilebeat(value)) {
    const { config, dropped } = fromFilebeat(value as Record<string, unknown>);
    value = config;
    options.ignored?.(dropped);
  }
  for (const override of options.overrides ?? []) value = setAt(value, override);
  return checkInputs(validateConfig<ShipConfig>({ ...document, value }, SHIP_SCHEMA), document.file);
}

function checkInputs(config: ShipConfig, file: string): ShipConfig {
  config.inputs.forEach((input, at) => {
    if (!isFileInput(input) || input.paths.length > 0) return;
    throw new UserError("names no files", { code: "CONFIG_INVALID", file, key: `inputs[${at}].paths` });
  });
  checkProcessors(config);
  return config;
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
