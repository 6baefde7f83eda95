import { formatKey, nearest, UserError } from "@falco-efk/kit";
import { expandKeys } from "../config/dotted.ts";
import { DURATION_PATTERN, durationMs } from "../config/duration.ts";
import type { KeyPath } from "../config/key-path.ts";
import { type EventObject, isObject } from "./event.ts";

export type { KeyPath };

/** The error of a processor or a condition at `path`. */
export function processorError(path: KeyPath, message: string, hint?: string): UserError {
  return new UserError(message, {
    code: "PROCESSOR",
    key: formatKey(path),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Settings that every processor has. */
const COMMON = ["when", "id", "tag"];

/** A processor's settings, read with checks that name the key. A missing setting without a fallback is an error. */
export class Settings {
  readonly name: string;
  readonly path: KeyPath;
  readonly #values: EventObject;
  readonly #known = new Set<string>(COMMON);

  constructor(name: string, value: unknown, path: KeyPath) {
    this.name = name;
    this.path = path;
    if (value !== null && value !== undefined && !isObject(value)) throw this.error("its settings are a mapping");
    this.#values = isObject(value) ? expandKeys(value) : {};
  }

  has(key: string): boolean {
    this.#known.add(key);
    return this.#values[key] !== undefined && this.#values[key] !== null;
  }

  text(key: string, fallback?: string): string {
    const value = this.#take(key) ?? fallback;
    if (typeof value !== "string") throw this.error("a text is expected", key);
    return value;
  }

  choice<T extends string>(key: string, values: readonly T[], fallback?: T): T {
    const value = this.text(key, fallback);
    const found = values.find((item) => item === value);
    if (found === undefined) throw this.error(`one of ${values.join(", ")} is expected`, key);
    return found;
  }

  number(key: string, fallback?: number): number {
    const value = this.#take(key) ?? fallback;
    if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
      throw this.error("a number that is not negative is expected", key);
    }
    return value;
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.#take(key) ?? fallback;
    if (typeof value !== "boolean") throw this.error("true or false is expected", key);
    return value;
  }

  /** A duration in ms; a bare number counts seconds, as in Filebeat. */
  duration(key: string, fallback: string): number {
    const value = this.#take(key) ?? fallback;
    if (typeof value === "number" && value >= 0) return value * 1000;
    if (typeof value !== "string" || !new RegExp(DURATION_PATTERN).test(value)) {
      throw this.error("a duration such as 500ms, 10s or 1h is expected", key);
    }
    return durationMs(value);
  }

  object(key: string, fallback?: EventObject): EventObject {
    const value = this.#take(key) ?? fallback;
    if (!isObject(value)) throw this.error("a mapping is expected", key);
    return value;
  }

  texts(key: string, fallback?: readonly string[]): readonly string[] {
    const value = this.#take(key) ?? fallback;
    const list = typeof value === "string" ? [value] : value;
    if (!Array.isArray(list) || list.some((item) => typeof item !== "string")) {
      throw this.error("a list of texts is expected", key);
    }
    return list as string[];
  }

  /** The condition under which the processor runs, or undefined. */
  get when(): unknown {
    return this.#values.when;
  }

  /** A list of mappings, such as the `fields` of `rename`. */
  list(key: string): readonly Settings[] {
    const value = this.#take(key);
    if (!Array.isArray(value)) throw this.error("a list is expected", key);
    return value.map((item, at) => new Settings(this.name, item, [...this.path, key, at]));
  }

  /** A mapping with settings of its own; empty when it's missing. */
  inner(key: string): Settings {
    return new Settings(this.name, this.#take(key), [...this.path, key]);
  }

  /** A setting that Filebeat knows and that changes nothing here. */
  ignore(...keys: readonly string[]): void {
    for (const key of keys) this.#known.add(key);
  }

  /** Complains about keys that nobody asked for. */
  finish(): void {
    for (const key of Object.keys(this.#values)) {
      if (this.#known.has(key)) continue;
      const near = nearest(key, this.#known);
      throw processorError(
        [...this.path, key],
        `the processor ${this.name} has no such setting`,
        near === null ? undefined : `did you mean ${near}?`,
      );
    }
  }

  error(message: string, key?: string): UserError {
    return processorError(
      key === undefined ? this.path : [...this.path, key],
      `the processor ${this.name}: ${message}`,
    );
  }

  #take(key: string): unknown {
    this.#known.add(key);
    return this.#values[key] ?? undefined;
  }
}
