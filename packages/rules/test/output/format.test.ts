import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Alert, FieldValue } from "@falco-efk/event";
import {
  compileOutput,
  createAlert,
  DEFAULT_JSON_OPTIONS,
  formatClockTime,
  formatJson,
  formatText,
  type OutputFormat,
  withStaticFields,
} from "../../src/index.ts";
import { loadGood } from "../support/load.ts";
import { type TableEvent, tableResolver } from "../support/table-resolver.ts";

function compile(text: string): OutputFormat<TableEvent> {
  const format = compileOutput(text, tableResolver);
  if ("error" in format) throw new Error(format.error);
  return format;
}

const render = (text: string, event: TableEvent): string => compile(text).render(event);

describe("an output text", () => {
  const cases: readonly (readonly [text: string, event: TableEvent, shown: string])[] = [
    ["plain", {}, "plain"],
    ["%proc.name", { "proc.name": "cat" }, "cat"],
    ["a %proc.name.", { "proc.name": "cat" }, "a cat."],
    ["%proc.nameX", { "proc.name": "cat" }, "catX"],
    ["(%proc.name)", {}, "(<NA>)"],
    ["*%proc.name %user.name", { "user.name": "root" }, "<NA> root"],
    ["%proc.aname[2]", { "proc.aname[2]": "sshd" }, "sshd"],
    ["%proc.name[x]", { "proc.name": "cat" }, "cat[x]"],
    ["%evt.arg.flags|", { "evt.arg.flags": "O_CREAT" }, "O_CREAT|"],
    ["%toupper(proc.name)!", { "proc.name": "cat" }, "CAT!"],
    ["%tolower(basename(fd.name))", { "fd.name": "/A/B" }, "b"],
    ["%5proc.name|", { "proc.name": "cat" }, "cat  |"],
    ["%2proc.name|", { "proc.name": "cat" }, "ca|"],
    ["%fd.sip:%fd.sport", { "fd.sip": Uint8Array.of(10, 0, 0, 1), "fd.sport": 443 }, "10.0.0.1:443"],
    ["%fd.sip", { "fd.sip": new Uint8Array(16).fill(1, 15) }, "::1"],
    ["%evt.is_open_read %evt.is_open_write", { "evt.is_open_read": true, "evt.is_open_write": false }, "true false"],
    ["%evt.buffer", { "evt.buffer": Uint8Array.of(0x41, 0, 0xff, 0x42) }, "A..B"],
    ["%proc.arglist", { "proc.arglist": ["a", "b"] }, "(a,b)"],
    ["%thread.cpu", { "thread.cpu": 2.345 }, "2.3"],
    ["%proc.exe_ino.ctime", { "proc.exe_ino.ctime": 1795388185000000000n }, "1795388185000000000"],
  ];
  for (const [text, event, shown] of cases)
    test(`${text} shows ${shown}`, () => assert.equal(render(text, event), shown));

  test("names its fields, those within a transformer too", () => {
    assert.deepEqual(compile("%proc.name %toupper(fd.name) %proc.name").fieldNames, ["proc.name", "fd.name"]);
  });

  for (const [text, message] of [
    ["100%", "the middle of a field"],
    ["% x", "field or a transformer"],
    ["%proc.nme", "unknown field 'proc.nme'"],
    ["%toupper(fd.num)", "cannot take fd.num"],
    ["", "empty"],
  ] as const) {
    test(`'${text}' is refused`, () => {
      const result = compileOutput(text, tableResolver);
      assert.ok("error" in result && result.error.includes(message), JSON.stringify(result));
    });
  }
});

const base = `- rule: r
  desc: d
  condition: evt.type = open
  output: file %fd.name by %proc.name
  priority: INFO
  tags: [z, a]
`;

function alertOf(
  event: TableEvent,
  appendOutput: Parameters<typeof loadGood>[1] = {},
  more: Partial<Parameters<typeof createAlert>[3]> = {},
): Alert {
  const [rule] = loadGood(base, appendOutput).rules;
  assert.ok(rule);
  return createAlert(rule, event, 1_710_774_910_823_823_828n, {
    hostname: "h",
    isoTime: false,
    bufferBase64: false,
    ...more,
  });
}

test("the text line has the local time, the priority and the message, escaped as in JSON", () => {
  const alert = alertOf({ "fd.name": 'a"b\n', "proc.name": "cat" });
  const clock = formatClockTime(1_710_774_910_823_823_828n);
  assert.match(clock, /^\d\d:\d\d:10\.823823828$/);
  assert.equal(formatText(alert), `${clock}: Informational file a\\"b\\n by cat`);
});

test("the JSON line has sorted keys, flat field names, nulls, and nine decimals", () => {
  const alert = alertOf({ "fd.name": "/x" }, {}, { isoTime: true });
  assert.equal(
    formatJson(alert),
    '{"hostname":"h","output":"2024-03-18T15:15:10.823823828+0000: Informational file /x by <NA>","output_fields":{"evt.time.iso8601":1710774910823823828,"fd.name":"/x","proc.name":null},"priority":"Informational","rule":"r","source":"syscall","tags":["a","z"],"time":"2024-03-18T15:15:10.823823828Z"}',
  );
});

test("what is no text becomes U+FFFD, and control characters are escaped", () => {
  const line = formatJson(alertOf({ "fd.name": "a\ud800b\u0001\u007f", "proc.name": "x" }));
  assert.ok(line.includes('"fd.name":"a\ufffdb\\u0001\u007f"'), line);
});

test("the json_include settings leave out what they say and add the message", () => {
  const alert = alertOf({});
  const none = formatJson(alert, {
    includeOutput: false,
    includeMessage: false,
    includeOutputFields: false,
    includeTags: false,
  });
  assert.equal(
    none,
    '{"hostname":"h","priority":"Informational","rule":"r","source":"syscall","time":"2024-03-18T15:15:10.823823828Z"}',
  );
  const message = formatJson(alert, { ...DEFAULT_JSON_OPTIONS, includeMessage: true, includeOutputFields: false });
  assert.ok(message.startsWith('{"hostname":"h","message":"file <NA> by <NA>","output":"'), message);
});

test("a rule's %evt.time is an exact number in JSON", () => {
  const [rule] = loadGood(base.replace("%fd.name", "%evt.time")).rules;
  assert.ok(rule);
  const alert = createAlert(rule, { "evt.time": "10:11:12.5" }, 1_710_774_910_823_823_828n, {
    hostname: "h",
    isoTime: false,
    bufferBase64: false,
  });
  assert.equal(alert.message, "file 10:11:12.5 by <NA>");
  assert.ok(formatJson(alert).includes('"evt.time":1710774910823823828'));
});

test("append_output adds text, suggested fields and keys to the rules it matches", () => {
  const values: Record<string, FieldValue> = {
    "fd.name": "/x",
    "proc.name": "cat",
    "user.name": "root",
    "container.id": "c1",
  };
  const options = {
    appendOutput: [
      { extraOutput: "user=%user.name", tags: ["a"] },
      { extraOutput: "never", tags: ["b"] },
      { suggestedOutput: true },
      { extraFields: ["user.name", { name: "who", format: "%user.name!" }] },
    ],
  };
  const alert = alertOf(values, options);
  assert.equal(
    alert.message,
    "file /x by cat user=root container_id=c1 container_name=<NA> container_image_repository=<NA> container_image_tag=<NA> k8s_pod_name=<NA> k8s_ns_name=<NA>",
  );
  assert.equal(alert.outputFields.get("user.name"), "root");
  assert.equal(alert.outputFields.get("who"), "root!");
});

test("static fields can be named in conditions and outputs, and are suggested", () => {
  const resolver = withStaticFields(tableResolver, { site: "lab" });
  const ruleset = loadGood(base.replace("evt.type = open", "evt.type = open and static.site = lab"), {
    resolver,
    appendOutput: [{ suggestedOutput: true }],
  });
  const [rule] = ruleset.evaluate({ "evt.type": "open" }, 4);
  assert.ok(rule);
  assert.ok(rule.output.render({}).endsWith(" static_site=lab"));
});

test("buffers are shown in base64 when the configuration asks for it", () => {
  const [rule] = loadGood(base.replace("%fd.name", "%evt.buffer")).rules;
  assert.ok(rule);
  const options = { hostname: "h", isoTime: false, bufferBase64: true };
  const alert = createAlert(rule, { "evt.buffer": Uint8Array.of(0, 255) }, 0n, options);
  assert.equal(alert.outputFields.get("evt.buffer"), "AP8=");
  assert.equal(alert.message, "file AP8= by <NA>");
});
