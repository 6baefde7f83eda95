import { UserError } from "@falco-efk/kit";
import { type EventObject, isObject } from "./event.ts";

/** A processor's settings, read with checks that name the processor and the key. */
export class Settings {
  readonly #name: string;
  readonly #values: EventObject;
  readonly #known = new Set<string>(["when", "ignore_missing", "fail_on_error", "overwrite_keys"]);

  constructor(name: string, value: unknown) {
    this.#name = name;
    if (value !== null && value !== undefined && !isObject(value)) throw this.error("its settings are a mapping");
    this.#values = isObject(value) ? value : {};
  }

  text(key: string, fallback?: string): string {
    const value = this.#take(key) ?? fallback;
    if (typeof value !== "string") throw this.error(`${key} is a text`);
    return value;
  }

  number(key: string, fallback?: number): number {
    const value = this.#take(key) ?? fallback;
    if (typeof value !== "number") throw this.error(`${key} is a number`);
    return value;
  }

  flag(key: string, fallback: boolean): boolean {
    const value = this.#take(key) ?? fallback;
    if (typeof value !== "boolean") throw this.error(`${key} is true or false`);
    return value;
  }

  object(key: string): EventObject {
    const value = this.#take(key);
    if (!isObject(value)) throw this.error(`${key} is a mapping`);
    return value;
  }

  texts(key: string): readonly string[] {
    const value = this.#take(key);
    if (!Array.isArray(value) || value.some((item) => typeof item !== "string"))
      throw this.error(`${key} is a list of texts`);
    return value as string[];
  }

  /** A list of mappings, such as the `fields` of `rename`. */
  list(key: string): readonly Settings[] {
    const value = this.#take(key);
    if (!Array.isArray(value)) throw this.error(`${key} is a list`);
    return value.map((item) => new Settings(this.#name, item));
  }

  /** Complains about keys that nobody asked for. */
  finish(): void {
    for (const key of Object.keys(this.#values)) {
      if (!this.#known.has(key)) throw this.error(`it has no setting ${key}`);
    }
  }

  error(message: string): UserError {
    return new UserError(`the processor ${this.#name}: ${message}`, { code: "PROCESSOR", key: "processors" });
  }

  #take(key: string): unknown {
    this.#known.add(key);
    return this.#values[key];
  }
}
