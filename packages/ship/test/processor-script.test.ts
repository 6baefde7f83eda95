import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { compileProcessors } from "../src/processors/chain.ts";
import { parseEvent } from "../src/processors/event.ts";
import { IDLE_CONTEXT, type ProcessorContext } from "../src/processors/processor.ts";
import { temporaryFolder } from "./support/ship-process.ts";

type Event = Record<string, unknown>;

function run(source: string, event: Event, more: Event = {}, context: Partial<ProcessorContext> = {}): Event | null {
  const list = [{ script: { lang: "javascript", source, ...more } }];
  const result = compileProcessors(list, { ...IDLE_CONTEXT, ...context })(event, {
    generation: "0".repeat(32),
    path: "/test",
  });
  assert.ok(!(result instanceof Promise));
  return result;
}

test("a script reads, puts, renames, deletes, tags and cancels", () => {
  const source = `function process(event) {
    if (event.Get("drop")) { event.Cancel(); return; }
    var before = event.Put("a.b", { list: [1, 2] });
    event.Put("before", before);
    event.Put("all", Object.keys(event.Get()).length);
    event.Rename("old", "new.name");
    event.Delete("gone");
    event.Tag("seen"); event.Tag("seen");
    event.AppendTo("tags", "too");
    event.Put("missing", event.Get("nothing.there"));
  }`;
  assert.deepEqual(run(source, { a: { b: 1 }, old: "x", gone: 1 }), {
    a: { b: { list: [1, 2] } },
    before: 1,
    all: 4,
    new: { name: "x" },
    tags: ["seen", "too"],
    missing: null,
  });
  assert.equal(run(source, { drop: true }), null);
});

test("what a script doesn't touch keeps its digits", () => {
  const event = parseEvent('{"evt.time":1744850154402867700,"n":1}');
  const result = run('function process(event) { event.Put("n", event.Get("n") + 1); }', event);
  assert.equal(JSON.stringify(result), '{"evt.time":1744850154402867700,"n":2}');
});

test("a script that throws, or runs too long, leaves the event as it was, tagged and with the reason", () => {
  const reasons: string[] = [];
  const context = { trouble: (_: string, message: string) => reasons.push(message), count: () => undefined };
  const thrown = run(
    `function process(event) {\n  event.Put("a", 2);\n  throw new Error("no");\n}`,
    { a: 1 },
    {},
    context,
  );
  assert.deepEqual(thrown, { a: 1, tags: ["_js_exception"], error: { message: "no (line 3)" } });
  const endless = run("function process(event) { for (;;) {} }", { a: 1 }, { timeout: "50ms" }, context);
  assert.match(String(((endless?.error ?? {}) as Event).message), /timed out after 50ms/);
  assert.equal(reasons.length, 2);
});

test("register takes the parameters, test runs when the configuration is read, and console goes to the log", () => {
  const logged: unknown[] = [];
  const log = { ...IDLE_CONTEXT.log, warn: (...values: unknown[]) => void logged.push(values[1]) };
  const source = `var limit = 0;
    function register(params) { limit = params.limit; }
    function test() { if (limit !== 7) throw new Error("limit is " + limit); }
    function process(event) { console.warn("over", { limit: limit }); event.Put("limit", limit); }`;
  assert.deepEqual(run(source, {}, { params: { limit: 7 } }, { log: log as ProcessorContext["log"] }), { limit: 7 });
  assert.deepEqual(logged, ['over {"limit":7}']);
  assert.throws(() => run(source, {}, { params: { limit: 8 } }), /the script does not start: limit is 8/);
});

test("a script that can't be is told when the configuration is read", () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "x.js");
  writeFileSync(file, "function process(event) {\n  oops(;\n}");
  const load = (settings: Event): unknown => compileProcessors([{ script: { lang: "javascript", ...settings } }]);
  assert.throws(() => load({ file }), /x\.js: Unexpected token ';' \(line 2\)/);
  assert.throws(() => load({ source: "var a = 1;" }), /no function process\(event\)/);
  assert.throws(() => load({ file: "/nowhere.js" }), /\/nowhere\.js: no such file or directory/);
  assert.throws(() => load({}), /one of source, file and files/);
  assert.throws(() => load({ source: "", lang: "lua" }), /one of javascript, js is expected/);
});

test("a script has no modules, no environment and no code from texts", () => {
  const source = `function process(event) {
    event.Put("found", [typeof require, typeof process.env, typeof fetch, typeof setTimeout, typeof globalThis.Buffer].join());
    try { event.Put("made", Function("return 1")()); } catch (error) { event.Put("made", error.name); }
    try { event.Put("out", event.Get.constructor("return process")()); } catch (error) { event.Put("out", error.name); }
  }`;
  assert.deepEqual(run(source, {}), {
    found: "undefined,undefined,undefined,undefined,undefined",
    made: "EvalError",
    out: "EvalError",
  });
});
