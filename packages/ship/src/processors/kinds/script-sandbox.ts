import { createContext, runInContext, Script } from "node:vm";
import { asText, dropField, type EventObject, getField, setField } from "../event.ts";
import { appendTo } from "./put.ts";

/** What a script did with an event. */
export type Verdict = "kept" | "cancelled";

/** Where a script's `console` goes. */
export type ScriptLog = (level: "debug" | "info" | "warn" | "error", message: string) => void;

/** A script that was loaded. */
export interface Sandbox {
  /** True when the script has a function of that name. */
  has(name: "process" | "register" | "test"): boolean;
  /** Calls `register(params)`. */
  register(params: EventObject): void;
  /** Calls `test()`. */
  test(): void;
  /** Calls `process(event)`. What the script throws comes out as an Error. */
  process(event: EventObject): Verdict;
}

/**
 * The script's side. It's given functions that only take and answer texts, so that no object of this process gets in; `Event`
 * is made of them. `this` is the script's own world.
 */
const PRELUDE = `"use strict";
(function (get, put, drop, rename, append, cancel, log) {
  const read = (path) => {
    const text = get(path);
    return text === undefined ? null : JSON.parse(text);
  };
  const key = (path) => (path === undefined || path === null ? "" : String(path));
  const event = Object.freeze({
    Get: (path) => read(key(path)),
    Put: (path, value) => {
      const before = read(key(path));
      const text = JSON.stringify(value);
      put(key(path), text === undefined ? "null" : text);
      return before;
    },
    Delete: (path) => drop(key(path)),
    Rename: (from, to) => rename(key(from), key(to)),
    AppendTo: (path, text) => append(key(path), String(text)),
    Tag: (text) => append("tags", String(text)),
    Cancel: () => cancel(),
  });
  const show = (values) => values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join(" ");
  const write = (level) => (...values) => log(level, show(values));
  globalThis.console = Object.freeze({
    debug: write("debug"), log: write("info"), info: write("info"), warn: write("warn"), error: write("error"),
  });
  return event;
})`;

/**
 * Loads a script into a world of its own: no modules, no files, no network, no timers, no code from texts. It keeps accidents
 * in, not attackers: whoever writes the configuration is trusted. `limitMs` bounds each call; 0 doesn't.
 */
export function loadScript(source: string, name: string, limitMs: number, log: ScriptLog): Sandbox {
  const world = createContext(Object.create(null), { codeGeneration: { strings: false, wasm: false } });
  const options = limitMs > 0 ? { timeout: limitMs } : {};
  let current: EventObject = {};
  let verdict: Verdict = "kept";
  const makeEvent = runInContext(PRELUDE, world, { filename: "prelude" });
  const event: unknown = makeEvent(
    (path: string) => readPath(current, path),
    (path: string, text: string) => putPath(current, path, text),
    (path: string) => dropField(current, path),
    (from: string, to: string) => renamePath(current, from, to),
    (path: string, text: string) => appendTo(current, path, [text]),
    () => {
      verdict = "cancelled";
    },
    log,
  );
  run(() => runInContext(source, world, { filename: name, ...options }));
  // A call through a script of its own is what the time limit holds for.
  Object.defineProperty(world, "__event", { value: event });
  const call = new Script("process(__event)", { filename: name });
  const callTest = new Script("test()", { filename: name });
  return {
    has: (wanted) => runInContext(`typeof ${wanted} === "function"`, world) as boolean,
    register: (params) =>
      run(() => runInContext(`register(${JSON.stringify(params)})`, world, { filename: name, ...options })),
    test: () => run(() => callTest.runInContext(world, options)),
    process: (next) => {
      current = next;
      verdict = "kept";
      run(() => call.runInContext(world, options));
      return verdict;
    },
  };
}

/** The value as JSON; the empty path is the whole event. */
function readPath(event: EventObject, path: string): string | undefined {
  const value = path === "" ? event : getField(event, path);
  const text = asText(value);
  return typeof value === "number" || typeof value === "boolean" || text === null
    ? JSON.stringify(value)
    : JSON.isRawJSON(value)
      ? text
      : JSON.stringify(text);
}

function putPath(event: EventObject, path: string, text: string): void {
  if (path !== "") setField(event, path, JSON.parse(text));
}

function renamePath(event: EventObject, from: string, to: string): boolean {
  const value = getField(event, from);
  if (value === undefined || to === "" || getField(event, to) !== undefined) return false;
  dropField(event, from);
  setField(event, to, value);
  return true;
}

/** What a script throws is of another world, so it's told again by its words. */
function run(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    throw new Error(describe(error));
  }
}

function describe(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  const { message, stack } = error as { message?: unknown; stack?: unknown };
  const line = typeof stack === "string" ? /:(\d+)(?::\d+)?\)?$/m.exec(stack)?.[1] : undefined;
  return `${typeof message === "string" ? message : "the script failed"}${line === undefined ? "" : ` (line ${line})`}`;
}
