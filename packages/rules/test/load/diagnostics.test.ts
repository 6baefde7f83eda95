import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fileReadDiagnostic, formatDiagnostic, reportJson, reportText } from "../../src/index.ts";
import { DIAGNOSTIC_CODES } from "../../src/load/diagnostic.ts";
import { load, ruleWith, shortly } from "../support/load.ts";

const good = ruleWith("evt.type = open");

/** Each case: the file, the code, the text that stands at the place, and a part of the message. */
const CASES: readonly (readonly [what: string, text: string, code: string, at: string, message: string])[] = [
  ["bad indentation", "- rule: r\n  desc: d\n condition: x\n", "LOAD_ERR_YAML_PARSE", " condition", ""],
  ["a NUL character", "- rule: r\n  desc: a\0b\n", "LOAD_ERR_YAML_PARSE", "\0", "NUL"],
  ["a mapping instead of a list", "rule: r\n", "LOAD_ERR_YAML_VALIDATE", "rule: r", "list of items"],
  ["a text for an item", "- hello\n", "LOAD_ERR_YAML_VALIDATE", "hello", "must be a mapping"],
  [
    "a missing key",
    "- rule: r\n  desc: d\n  condition: evt.type=open\n  priority: INFO\n",
    "LOAD_ERR_YAML_VALIDATE",
    "rule: r",
    "'output' is missing",
  ],
  ["a key twice", `${good}  desc: again\n`, "LOAD_ERR_YAML_VALIDATE", "desc: again", "'desc' stands twice"],
  ["an empty condition", good.replace('"evt.type = open"', ""), "LOAD_ERR_YAML_VALIDATE", "\n  output", "no value"],
  ["an unknown priority", good.replace("NOTICE", "LOUD"), "LOAD_ERR_YAML_VALIDATE", "LOUD", "'LOUD' is no priority"],
  ["a word for a Boolean", `${good}  enabled: maybe\n`, "LOAD_ERR_YAML_VALIDATE", "maybe", "true or false"],
  ["tags that are no list", `${good}  tags: x\n`, "LOAD_ERR_YAML_VALIDATE", "x\n", "must be a list"],
  ["a list without items", "- list: l\n", "LOAD_ERR_YAML_VALIDATE", "list: l", "no 'items'"],
  [
    "an unclosed parenthesis",
    ruleWith("evt.type = open and (proc.name = x"),
    "LOAD_ERR_COMPILE_CONDITION",
    '"\n',
    "')' is expected at the end",
  ],
  [
    "no operator",
    ruleWith("evt.type = open and proc.name cat"),
    "LOAD_ERR_COMPILE_CONDITION",
    "cat",
    "an operator is expected before 'cat'",
  ],
  [
    "an unclosed string",
    ruleWith("evt.type = open and proc.name = 'cat"),
    "LOAD_ERR_COMPILE_CONDITION",
    "'cat",
    "not closed",
  ],
  [
    "an unknown field",
    ruleWith("evt.type = open and proc.nme = x"),
    "LOAD_ERR_COMPILE_CONDITION",
    "proc.nme",
    "unknown field 'proc.nme'",
  ],
  [
    "an unknown macro",
    `- macro: spawned\n  condition: evt.type = open\n${ruleWith("spwned and fd.num = 1")}`,
    "LOAD_ERR_COMPILE_CONDITION",
    "spwned",
    "did you mean 'spawned'?",
  ],
  ["an unknown event type", ruleWith("evt.type = opne"), "LOAD_ERR_COMPILE_CONDITION", "opne", "did you mean 'open'?"],
  [
    "an operator for another type",
    ruleWith("evt.type = open and fd.num contains x"),
    "LOAD_ERR_COMPILE_CONDITION",
    "fd.num",
    "contains cannot compare fd.num",
  ],
  [
    "a text for a number",
    ruleWith("evt.type = open and fd.num = x"),
    "LOAD_ERR_COMPILE_CONDITION",
    'x"',
    "'x' is not a whole number",
  ],
  [
    "a number out of range",
    ruleWith("evt.type = open and user.uid = 4294967296"),
    "LOAD_ERR_COMPILE_CONDITION",
    "4294967296",
    "out of the range",
  ],
  [
    "a bad network",
    ruleWith("evt.type = connect and fd.snet = 10.0.0.0"),
    "LOAD_ERR_COMPILE_CONDITION",
    "10.0.0.0",
    "not a network",
  ],
  [
    "a bad regular expression",
    ruleWith("evt.type = open and fd.name regex '(a'"),
    "LOAD_ERR_COMPILE_CONDITION",
    "'(a'",
    "not a regular expression",
  ],
  [
    "fields of different types",
    ruleWith("evt.type = open and fd.name = val(fd.num)"),
    "LOAD_ERR_COMPILE_CONDITION",
    "fd.name",
    "cannot be compared",
  ],
  [
    "an unknown field in the output",
    good.replace("output: o", "output: a %proc.nme"),
    "LOAD_ERR_COMPILE_OUTPUT",
    "%proc.nme",
    "unknown field 'proc.nme'",
  ],
  [
    "an append to nothing",
    "- list: l\n  items: [a]\n  override:\n    items: append\n",
    "LOAD_ERR_VALIDATE",
    "list: l",
    "no list 'l' yet",
  ],
  [
    "a macro that refers to itself",
    "- macro: a\n  condition: proc.name = x\n- macro: b\n  condition: a\n- macro: a\n  condition: b\n",
    "LOAD_ERR_COMPILE_CONDITION",
    "a\n- macro: a",
    "a → b → a",
  ],
  [
    "a list that holds itself",
    `- list: a\n  items: [b]\n- list: b\n  items: [a]\n${ruleWith("evt.type=open and proc.name in (a)")}`,
    "LOAD_ERR_VALIDATE",
    "a]",
    "a → b → a",
  ],
  ["an unknown source", `${good}  source: k8s_audit\n`, "LOAD_UNKNOWN_SOURCE", "rule: r", "k8s_audit"],
  [
    "no event type",
    ruleWith("proc.name = x").replace("  warn_evttypes: false\n", ""),
    "LOAD_NO_EVTTYPE",
    "rule: r",
    "evt.type",
  ],
  ["an unused macro", `- macro: m\n  condition: fd.num = 1\n${good}`, "LOAD_UNUSED_MACRO", "macro: m", "'m'"],
  ["an unused list", `- list: l\n  items: [a]\n${good}`, "LOAD_UNUSED_LIST", "list: l", "'l'"],
  ["an unknown item", `- thing: x\n${good}`, "LOAD_UNKNOWN_ITEM", "thing", "neither a rule"],
  ["an unknown key", `${good}  colour: red\n`, "LOAD_UNKNOWN_KEY", "colour", "'colour'"],
  [
    "an invalid macro name",
    `- macro: 1m\n  condition: fd.num = 1\n${good}`,
    "LOAD_INVALID_MACRO_NAME",
    "macro: 1m",
    "macro's name",
  ],
  ["an invalid list name", `- list: a b\n  items: [a]\n${good}`, "LOAD_INVALID_LIST_NAME", "list: a b", "list's name"],
  [
    "an exception name twice",
    `${good}  exceptions:\n  - name: e\n    fields: fd.name\n  - name: e\n    fields: fd.name\n`,
    "LOAD_EXCEPTION_NAME_NOT_UNIQUE",
    "name: e\n    fields: fd.name\n",
    "'e'",
  ],
  [
    "an append without values",
    `${good}  exceptions:\n  - name: e\n    fields: fd.name\n- rule: r\n  exceptions:\n  - name: e\n  override:\n    exceptions: append\n`,
    "LOAD_APPEND_NO_VALUES",
    "name: e\n  override",
    "'e'",
  ],
  [
    "%container.info",
    good.replace("output: o", "output: o %container.info"),
    "LOAD_DEPRECATED_ITEM",
    "%container.info",
    "%container.info",
  ],
  [
    "a regex that plain operators could replace",
    ruleWith("evt.type = open and fd.name regex '.*shadow'"),
    "LOAD_COMPILE_CONDITION",
    "'.*shadow'",
    "quicker",
  ],
  [
    "a field's name as a text",
    ruleWith("evt.type = open and fd.name = proc.exepath"),
    "LOAD_COMPILE_CONDITION",
    "proc.exepath",
    "val(proc.exepath)",
  ],
  [
    "a transformer as a text",
    ruleWith("evt.type = open and fd.name = 'tolower(fd.name)'"),
    "LOAD_COMPILE_CONDITION",
    "'tolower",
    "looks like a transformer",
  ],
  [
    "an unknown list without parentheses",
    `- list: shells\n  items: [sh]\n${ruleWith("evt.type = open and proc.name in shels and proc.pname in (shells)")}`,
    "LOAD_COMPILE_CONDITION",
    "shels",
    "did you mean 'shells'?",
  ],
  [
    "an event that is not captured",
    ruleWith("evt.type in (open, mount)"),
    "LOAD_COMPILE_CONDITION",
    "mount",
    "'mount'",
  ],
];

describe("a diagnostic names code, line and column", () => {
  for (const [what, text, code, at, message] of CASES) {
    test(`of ${what}`, () => {
      const { diagnostics, ruleset } = load(text);
      const found = diagnostics.find((one) => one.code === code);
      assert.ok(found, diagnostics.map(shortly).join("\n"));
      const { offset, line, column } = found.range.start;
      assert.equal(text.slice(offset, offset + at.length), at, found.message);
      assert.equal(text.split("\n")[line - 1]?.slice(column - 1), text.slice(offset).split("\n")[0]);
      assert.ok(found.message.includes(message), found.message);
      assert.equal(found.severity, code.startsWith("LOAD_ERR") ? "error" : "warning");
      assert.equal(
        ruleset === null,
        diagnostics.some((one) => one.severity === "error"),
      );
      const caret = found.snippet.split("\n")[1] ?? "";
      if (at !== "\n  output") assert.equal(caret.length, column, found.snippet);
    });
  }
});

test("the cases and the rest cover every code but the ones no file can raise", () => {
  const covered = new Set([
    ...CASES.map(([, , code]) => code),
    "LOAD_UNKNOWN_FILTER",
    "LOAD_UNSAFE_NA_CHECK",
    "LOAD_ERR_FILE_READ",
  ]);
  const missing = Object.keys(DIAGNOSTIC_CODES).filter((code) => !covered.has(code));
  // This engine has no extension items.
  assert.deepEqual(missing, ["LOAD_ERR_EXTENSION", "LOAD_WARNING_EXTENSION"]);
  assert.equal(Object.keys(DIAGNOSTIC_CODES).length, 22);
});

test("all of a file's errors are reported at once, each once, in order", () => {
  const text = `${ruleWith("evt.type = opne")}- rule: s
  desc: d
  condition: m and proc.nme = 1 and fd.num = x
  output: "%nosuch.field"
  priority: LOUD
- macro: m
  condition: fd.nam = x
${ruleWith("evt.type = open and m and proc.nme = 2").replace("rule: r", "rule: t")}`;
  const places = load(text).diagnostics.map((one) => `${one.range.start.line} ${one.code}`);
  assert.deepEqual(places, [
    "3 LOAD_ERR_COMPILE_CONDITION",
    "11 LOAD_ERR_YAML_VALIDATE",
    "13 LOAD_ERR_COMPILE_CONDITION",
    "16 LOAD_ERR_COMPILE_CONDITION",
  ]);
});

test("an error in a folded condition points into the right line of the file", () => {
  const text =
    "- rule: r\n  desc: d\n  condition: >\n    evt.type = open and\n    (proc.name = cat or\n     proc.nme = dog)\n  output: o\n  priority: INFO\n";
  const [found] = load(text).diagnostics;
  assert.equal(found && shortly(found).split(" ")[0], "1.yaml:6:6");
  assert.equal(found?.snippet, "     proc.nme = dog)\n     ^\n");
});

test("an error in an appended part points to the file that appends", () => {
  const more = "- rule: r\n  condition: and proc.nme = 1\n  override:\n    condition: append\n";
  const [found] = load([good, more]).diagnostics;
  assert.equal(found && shortly(found).split(" ")[0], "2.yaml:2:18");
});

test("what refers to an item with errors is not reported again", () => {
  const text = `- macro: m\n  condition: "("\n- list: l\n  items: x\n${ruleWith("evt.type = open and m and proc.name in (l)")}`;
  assert.deepEqual(
    load(text).diagnostics.map((one) => one.code),
    ["LOAD_ERR_COMPILE_CONDITION", "LOAD_ERR_YAML_VALIDATE"],
  );
});

test("reports are text, in short and at length, and JSON in Falco's shape", () => {
  const { diagnostics } = load([ruleWith("evt.type = opne"), good.replace("rule: r", "rule: s")]);
  const files = ["1.yaml", "2.yaml"];
  assert.equal(
    reportText(files, diagnostics, false),
    "1.yaml: Invalid\n  1 error: LOAD_ERR_COMPILE_CONDITION\n2.yaml: Ok",
  );
  const long = reportText(files, diagnostics, true);
  assert.ok(
    long.includes(
      "In rules content: (1.yaml:1:1)\n    rule 'r': (1.yaml:1:3)\n    rule condition: (1.yaml:3:14)\n------\n",
    ),
    long,
  );
  assert.ok(
    long.includes(
      "^\n------\nLOAD_ERR_COMPILE_CONDITION (the condition does not compile) at 1.yaml:3:26: unknown event type 'opne'",
    ),
    long,
  );
  const json = JSON.parse(JSON.stringify(reportJson(files, diagnostics)));
  assert.deepEqual(Object.keys(json[0]), ["errors", "name", "successful", "warnings"]);
  assert.equal(json[0].errors[0].context.locations[1].item_name, "r");
  assert.equal(json[1].successful, true);
  const [first] = diagnostics;
  assert.ok(first && formatDiagnostic(first).startsWith("1.yaml:3:26: error: unknown event type 'opne'"));
});

test("a file that cannot be read has its own diagnostic", () => {
  const diagnostic = fileReadDiagnostic("rules.d", "it is a directory");
  assert.equal(
    formatDiagnostic(diagnostic),
    "rules.d:1:1: error: the rules file cannot be read: it is a directory (LOAD_ERR_FILE_READ)",
  );
});
