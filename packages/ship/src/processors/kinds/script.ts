import { readFileSync } from "node:fs";
import { describeSystemError } from "@falco-efk/kit";
import { copyValue, type EventObject, setField } from "../event.ts";
import { failed, type ProcessorContext, type ProcessorKind } from "../processor.ts";
import type { Settings } from "../settings.ts";
import { appendTo } from "./put.ts";
import { loadScript, type Sandbox } from "./script-sandbox.ts";

/** Runs the function `process(event)` of a script over each event. One that throws leaves the event as it was, with a tag. */
export const script: ProcessorKind = (settings, context) => {
  settings.choice("lang", ["javascript", "js"] as const);
  const limitMs = settings.duration("timeout", "1s");
  const tag = settings.text("tag_on_exception", "_js_exception");
  const params = settings.object("params", {});
  settings.ignore("max_cached_sessions");
  const { source, name } = readSource(settings);
  const sandbox = load(settings, source, name, limitMs, context);
  start(settings, sandbox, params);
  return (event) => {
    const before = copyValue(event) as EventObject;
    try {
      return sandbox.process(event) === "cancelled" ? null : event;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      failed(context, settings.name, `${name}: ${message}`);
      if (tag !== "") appendTo(before, "tags", [tag]);
      setField(before, "error.message", message);
      return before;
    }
  };
};

function readSource(settings: Settings): { readonly source: string; readonly name: string } {
  const files = [...settings.texts("file", []), ...settings.texts("files", [])];
  if (settings.has("source") === files.length > 0) throw settings.error("one of source, file and files is expected");
  if (files.length === 0) return { source: settings.text("source"), name: "script" };
  const texts = files.map((file) => {
    try {
      return readFileSync(file, "utf8");
    } catch (error) {
      throw settings.error(`${file}: ${describeSystemError(error)}`, settings.has("file") ? "file" : "files");
    }
  });
  return { source: texts.join("\n"), name: files.join(", ") };
}

function load(settings: Settings, source: string, name: string, limitMs: number, context: ProcessorContext): Sandbox {
  const log = (level: "debug" | "info" | "warn" | "error", message: string): void =>
    context.log[level]({ script: name }, message);
  try {
    return loadScript(source, name, limitMs, log);
  } catch (error) {
    throw settings.error(`${name}: ${(error as Error).message}`);
  }
}

function start(settings: Settings, sandbox: Sandbox, params: EventObject): void {
  if (!sandbox.has("process")) throw settings.error("the script has no function process(event)");
  const hasParams = Object.keys(params).length > 0;
  if (hasParams && !sandbox.has("register")) throw settings.error("params need a function register(params)", "params");
  try {
    if (sandbox.has("register")) sandbox.register(params);
    if (sandbox.has("test")) sandbox.test();
  } catch (error) {
    throw settings.error(`the script does not start: ${(error as Error).message}`);
  }
}
