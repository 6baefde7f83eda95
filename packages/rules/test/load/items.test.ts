import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventTypeByName } from "@falco-efk/event";
import { load, loadGood, ruleWith, shortly } from "../support/load.ts";
import type { TableEvent } from "../support/table-resolver.ts";

const open = eventTypeByName("open")?.id as number;
const base = `- rule: r
  desc: first
  condition: evt.type = open and proc.name = cat
  output: out %proc.name
  priority: WARNING
  tags: [b, a]
`;
const over = (text: string): string => `- rule: r\n${text}`;

function matches(texts: string | readonly string[], event: TableEvent): boolean {
  return loadGood(texts).evaluate({ "evt.type": "open", "evt.num": 1, ...event }, open).length > 0;
}

describe("override", () => {
  test("appends to a condition with one blank between, before it is parsed", () => {
    const more = over("  condition: or proc.name = dog\n  override:\n    condition: append\n");
    assert.ok(matches([base, more], { "proc.name": "dog" }));
    assert.ok(matches([base, more], { "proc.name": "cat" }));
  });

  test("replaces a condition, an output, a priority and tags", () => {
    const more = over(`  condition: evt.type = open and proc.name = dog
  output: other
  priority: INFO
  tags: [z]
  override:
    condition: replace
    output: replace
    priority: replace
    tags: replace
`);
    const [info] = load([base, more]).rules;
    assert.equal(info?.condition, "evt.type = open and proc.name = dog");
    assert.equal(info?.output, "other");
    assert.equal(info?.priority, "Informational");
    assert.deepEqual(info?.tags, ["z"]);
  });

  test("appends to desc, output and tags", () => {
    const more = over(
      "  desc: second\n  output: and more\n  tags: [c]\n  override:\n    desc: append\n    output: append\n    tags: append\n",
    );
    const [info] = load([base, more]).rules;
    assert.equal(info?.description, "first second");
    assert.equal(info?.output, "out %proc.name and more");
    assert.deepEqual(info?.tags, ["a", "b", "c"]);
  });

  test("changes lists and macros", () => {
    const texts = [
      "- list: l\n  items: [cat]\n- macro: m\n  condition: proc.name in (l)\n",
      ruleWith("evt.type = open and m"),
      "- list: l\n  items: [dog]\n  override:\n    items: append\n- macro: m\n  condition: or fd.num = 7\n  override:\n    condition: append\n",
    ];
    assert.ok(matches(texts, { "proc.name": "dog" }));
    assert.ok(matches(texts, { "fd.num": 7 }));
    assert.ok(matches(texts, { "proc.name": "cat" }));
  });

  for (const [what, text, message] of [
    [
      "a key that cannot be appended to",
      "  priority: INFO\n  override:\n    priority: append\n",
      "'priority' cannot be appended to; it can be replaced",
    ],
    [
      "a key that cannot be replaced",
      "  source: syscall\n  override:\n    source: replace\n",
      "'source' cannot be replaced",
    ],
    [
      "an unknown operation",
      "  output: x\n  override:\n    output: prepend\n",
      "'prepend' is no way to override 'output'",
    ],
    [
      "a key that is not there",
      "  output: x\n  override:\n    output: append\n    desc: append\n",
      "'override' names 'desc', and the rule has no 'desc'",
    ],
    [
      "a key it says nothing of",
      "  output: x\n  desc: y\n  override:\n    output: append\n",
      "'override' does not say what is done with 'desc'",
    ],
    [
      "append: true beside it",
      "  output: x\n  append: true\n  override:\n    output: append\n",
      "'append: true' and 'override' cannot stand together",
    ],
  ] as const) {
    test(`is refused for ${what}`, () => {
      const errors = load([base, over(text)]).diagnostics.filter((one) => one.severity === "error");
      assert.equal(errors.length, 1, errors.map(shortly).join("\n"));
      assert.ok(errors[0]?.message.includes(message), errors[0]?.message);
    });
  }
});

test("append: true still appends conditions and exceptions, with a warning", () => {
  const more = over("  append: true\n  condition: and fd.num = 1\n");
  assert.ok(matches([base, more], { "proc.name": "cat", "fd.num": 1 }));
  assert.ok(!matches([base, more], { "proc.name": "cat" }));
  assert.deepEqual(
    load([base, more]).diagnostics.map((one) => one.code),
    ["LOAD_DEPRECATED_ITEM"],
  );
});

test("a rule with enabled alone switches an earlier one, with a warning", () => {
  const result = load([base, over("  enabled: false\n")]);
  assert.equal(result.rules[0]?.enabled, false);
  assert.equal(result.ruleset?.rules.length, 0);
  assert.deepEqual(
    result.diagnostics.map((one) => one.code),
    ["LOAD_DEPRECATED_ITEM"],
  );
});

test("a later definition replaces an earlier one and keeps its position", () => {
  const second = base.replace("rule: r", "rule: s");
  const again = base.replace("proc.name = cat", "proc.name = dog");
  const ruleset = loadGood([base, second, again]);
  assert.deepEqual(
    ruleset.rules.map((rule) => [rule.name, rule.conditionText.slice(-3)]),
    [
      ["r", "dog"],
      ["s", "cat"],
    ],
  );
});

test("with rule_matching first the first rule in load order wins, with all every one", () => {
  const texts = [
    base,
    base.replace("rule: r", "rule: s"),
    base.replace("rule: r", "rule: t").replace("= cat", "= dog"),
  ];
  const event = { "evt.type": "open", "proc.name": "cat" };
  assert.deepEqual(
    loadGood(texts)
      .evaluate(event, open)
      .map((rule) => rule.name),
    ["r"],
  );
  const all = loadGood(texts, { ruleMatching: "all" });
  assert.deepEqual(
    all.evaluate(event, open).map((rule) => rule.name),
    ["r", "s"],
  );
});

test("rules less severe than the minimum priority are listed and not evaluated", () => {
  const texts = [base, base.replace("rule: r", "rule: s").replace("WARNING", "NOTICE")];
  const { ruleset, rules } = load(texts, { minimumPriority: "Warning" });
  assert.deepEqual(
    ruleset?.rules.map((rule) => rule.name),
    ["r"],
  );
  assert.equal(rules.length, 2);
});

test("rule selection applies its steps in order, by wildcard and by tag", () => {
  const texts = [
    base,
    base.replace("rule: r", "rule: read a [b]").replace("[b, a]", "[x]"),
    base.replace("rule: r", "rule: write"),
  ];
  const names = (selection: Parameters<typeof load>[1]): readonly string[] =>
    load(texts, selection)
      .rules.filter((rule) => rule.enabled)
      .map((rule) => rule.name);
  assert.deepEqual(
    names({
      selection: [
        { action: "disable", rule: "*" },
        { action: "enable", rule: "r*" },
      ],
    }),
    ["r", "read a [b]"],
  );
  assert.deepEqual(names({ selection: [{ action: "disable", tag: "a" }] }), ["read a [b]"]);
  assert.deepEqual(names({ selection: [{ action: "disable", rule: "*a [b]" }] }), ["r", "write"]);
});

describe("exceptions", () => {
  const with_ = (exceptions: string): string => `${base}  exceptions:\n${exceptions}`;
  const cat = { "proc.name": "cat" };
  const cases: readonly (readonly [what: string, exceptions: string, excepted: TableEvent, caught: TableEvent])[] = [
    [
      "fields, comps and values as lists",
      "  - name: e\n    fields: [fd.name, user.name]\n    comps: [startswith, =]\n    values:\n    - [/etc, root]\n    - [/var, dev]\n",
      { "fd.name": "/var/x", "user.name": "dev" },
      { "fd.name": "/var/x", "user.name": "root" },
    ],
    [
      "lists without comps, which are =",
      "  - name: e\n    fields: [fd.name, user.name]\n    values:\n    - [/etc, root]\n",
      { "fd.name": "/etc", "user.name": "root" },
      { "fd.name": "/etc/x", "user.name": "root" },
    ],
    [
      "one field, whose values are a list for in",
      "  - name: e\n    fields: user.name\n    values: [root, dev]\n",
      { "user.name": "dev" },
      { "user.name": "u" },
    ],
    [
      "one field with pmatch",
      "  - name: e\n    fields: fd.name\n    comps: pmatch\n    values: [/etc, /usr]\n",
      { "fd.name": "/usr/bin" },
      { "fd.name": "/usrx" },
    ],
    [
      "one field with a modifier",
      "  - name: e\n    fields: fd.name\n    comps: startswith anyof\n    values: [/etc, /usr]\n",
      { "fd.name": "/usrx" },
      { "fd.name": "/home" },
    ],
    [
      "a value that is a list",
      "  - name: e\n    fields: [fd.name, user.name]\n    comps: [pmatch, in]\n    values:\n    - [[/etc, /usr], [root, dev]]\n",
      { "fd.name": "/etc/x", "user.name": "dev" },
      { "fd.name": "/etc/x", "user.name": "u" },
    ],
    [
      "a value in parentheses",
      "  - name: e\n    fields: [user.name]\n    comps: [in]\n    values:\n    - [(root, dev)]\n".replace(
        "(root, dev)",
        '"(root, dev)"',
      ),
      { "user.name": "dev" },
      { "user.name": "u" },
    ],
    [
      "a value with a blank",
      "  - name: e\n    fields: [user.name]\n    values:\n    - [a b]\n",
      { "user.name": "a b" },
      { "user.name": "a" },
    ],
  ];
  for (const [what, exceptions, excepted, caught] of cases) {
    test(`are worked in: ${what}`, () => {
      assert.equal(matches(with_(exceptions), { ...cat, ...excepted }), false);
      assert.equal(matches(with_(exceptions), { ...cat, ...caught }), true);
    });
  }

  test("may name a list of the file", () => {
    const text = `- list: admins\n  items: [root, dev]\n${with_("  - name: e\n    fields: [user.name]\n    comps: [in]\n    values:\n    - [admins]\n")}`;
    assert.equal(matches(text, { ...cat, "user.name": "dev" }), false);
  });

  test("without values change nothing, and take values by append", () => {
    const text = with_("  - name: e\n    fields: [user.name]\n    comps: [=]\n");
    assert.equal(matches(text, { ...cat, "user.name": "dev" }), true);
    const more = over("  exceptions:\n  - name: e\n    values:\n    - [dev]\n  override:\n    exceptions: append\n");
    assert.equal(matches([text, more], { ...cat, "user.name": "dev" }), false);
  });

  test("guard the whole condition, an or at its top included", () => {
    const text = with_("  - name: e\n    fields: user.name\n    values: [dev]\n").replace(
      "= cat",
      "= cat or proc.name = dog",
    );
    assert.equal(matches(text, { "proc.name": "cat", "user.name": "dev" }), false);
    assert.equal(matches(text, { "proc.name": "dog", "user.name": "dev" }), false);
  });

  for (const [what, exceptions, message] of [
    [
      "fields and comps of different length",
      "  - name: e\n    fields: [fd.name, user.name]\n    comps: [=]\n",
      "same length",
    ],
    [
      "values of the wrong length",
      "  - name: e\n    fields: [fd.name, user.name]\n    values:\n    - [a]\n",
      "must hold 2 values",
    ],
    ["an unknown operator", "  - name: e\n    fields: [fd.name]\n    comps: [like]\n", "'like' is no operator"],
    ["an unknown field", "  - name: e\n    fields: [fd.nme]\n", "fd.nme"],
    ["no fields", "  - name: e\n    values: [x]\n", "has no 'fields'"],
    ["one field with =", "  - name: e\n    fields: fd.name\n    comps: =\n", "in, pmatch, intersects"],
    ["no name", "  - fields: fd.name\n", "the key 'name' is missing"],
  ] as const) {
    test(`are refused: ${what}`, () => {
      const errors = load(with_(exceptions)).diagnostics.filter((one) => one.severity === "error");
      assert.equal(errors.length, 1, errors.map(shortly).join("\n"));
      assert.ok(errors[0]?.message.includes(message), errors[0]?.message);
    });
  }

  test("cannot be given other fields by append", () => {
    const text = with_("  - name: e\n    fields: user.name\n");
    const more = over(
      "  exceptions:\n  - name: e\n    fields: fd.name\n    values: [x]\n  override:\n    exceptions: append\n",
    );
    const errors = load([text, more]).diagnostics.filter((one) => one.severity === "error");
    assert.ok(errors[0]?.message.includes("only values can be appended"), errors.map(shortly).join("\n"));
  });
});

test("lists hold lists, items with blanks and items in quotes", () => {
  const text = `- list: inner
  items: [a b, '"c d"', "'e'"]
- list: outer
  items: [inner, x]
${ruleWith("evt.type = open and proc.name in (outer, y)")}`;
  for (const name of ["a b", "c d", "e", "x", "y"]) assert.ok(matches(text, { "proc.name": name }), name);
  assert.ok(!matches(text, { "proc.name": "inner" }));
});

test("a list of one item can stand where one value is compared", () => {
  const text = `- list: only\n  items: [cat]\n${ruleWith("evt.type = open and proc.name = only")}`;
  assert.ok(matches(text, { "proc.name": "cat" }));
});

test("a macro sees only what is defined before it, and a redefinition counts from its new place", () => {
  const late = "- macro: a\n  condition: b\n- macro: b\n  condition: proc.name = cat\n";
  assert.equal(load([late, ruleWith("evt.type = open and a")]).ruleset, null);
  const again = "- macro: a\n  condition: b\n";
  const first = "- macro: a\n  condition: proc.name = dog\n- macro: b\n  condition: proc.name = cat\n";
  assert.ok(matches([first, again, ruleWith("evt.type = open and a")], { "proc.name": "cat" }));
});

test("skip-if-unknown-filter turns an unknown field or event type into a warning and skips the rule", () => {
  for (const condition of ["evt.type = open and proc.nosuch = 1", "evt.type = opne"]) {
    const strict = load(ruleWith(condition));
    assert.equal(strict.ruleset, null);
    const lenient = load(ruleWith(condition, "  skip-if-unknown-filter: true\n"));
    assert.equal(lenient.ruleset?.rules.length, 0);
    assert.deepEqual(
      lenient.diagnostics.map((one) => one.code),
      ["LOAD_UNKNOWN_FILTER"],
    );
  }
});

test("engine and plugin versions are compared with what there is", () => {
  const need = (text: string): readonly string[] => load([text, base]).diagnostics.map((one) => one.code);
  assert.deepEqual(need("- required_engine_version: 57\n"), []);
  assert.deepEqual(need("- required_engine_version: 0.63.0\n"), []);
  assert.deepEqual(need("- required_engine_version: 0.64.0\n"), ["LOAD_ERR_VALIDATE"]);
  assert.deepEqual(need("- required_engine_version: 1.0.0\n"), ["LOAD_ERR_VALIDATE"]);
  assert.deepEqual(need("- required_engine_version: new\n"), ["LOAD_ERR_YAML_VALIDATE"]);
  const plugin = (rest: string): string => `- required_plugin_versions:\n  - name: ${rest}`;
  assert.deepEqual(need(plugin("container\n    version: 0.4.0\n")), []);
  assert.deepEqual(need(plugin("json\n    version: 0.4.0\n")), ["LOAD_ERR_VALIDATE"]);
  assert.deepEqual(
    need(plugin("json\n    version: 0.4.0\n    alternatives:\n    - name: container\n      version: 0.1.0\n")),
    [],
  );
  assert.deepEqual(need(plugin("json\n    version: x\n")), ["LOAD_ERR_VALIDATE"]);
});

test("the event types of a condition are those it can hold for", () => {
  const types = (condition: string): readonly string[] => load(ruleWith(condition)).rules[0]?.eventTypes ?? [];
  assert.deepEqual(types("evt.type = open"), ["open"]);
  assert.deepEqual(types("evt.type in (open, openat) and not evt.type = open"), ["openat"]);
  assert.deepEqual(types("evt.type = open or evt.type = connect"), ["open", "connect"]);
  assert.deepEqual(types("evt.type = open and evt.type = connect"), []);
  assert.deepEqual(types("not (evt.type = open or proc.name = x) and evt.type in (open, dup)"), ["dup"]);
  assert.equal(types("evt.type != open").includes("open"), false);
  assert.equal(types("proc.name = x").length, types("evt.type exists").length);
  assert.deepEqual(types("evt.num = 0"), []);
});

test("an event type that no rule names is not wanted, and evaluates to nothing", () => {
  const ruleset = loadGood(base);
  assert.deepEqual([...ruleset.eventTypes], [open]);
  assert.deepEqual(ruleset.evaluate({ "evt.type": "connect" }, eventTypeByName("connect")?.id as number), []);
});
