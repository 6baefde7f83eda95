import assert from "node:assert/strict";
import { test } from "node:test";
import { eventTypeByName } from "@falco-efk/event";
import { explainRule, explainVerdict, mergeMatches } from "../src/index.ts";
import { load, loadGood, ruleWith } from "./support/load.ts";
import { tableResolver } from "./support/table-resolver.ts";

const open = eventTypeByName("open")?.id as number;
const two = `${ruleWith("evt.type = open and fd.name startswith /etc")}${ruleWith("evt.type = open and proc.name = cat").replace("rule: r", "rule: s")}`;

test("over the other path only rules that read a path are evaluated", () => {
  const ruleset = loadGood(two);
  assert.ok(ruleset.hasAlternative(open));
  const real = { "evt.type": "open", "fd.name": "/etc/shadow", "proc.name": "cat" };
  assert.deepEqual(
    ruleset.evaluateAlternative(real, open).map((rule) => rule.name),
    ["r"],
  );
  assert.ok(!loadGood(ruleWith("evt.type = open and proc.name = cat")).hasAlternative(open));
});

test("the verdicts over both paths join in load order, each rule once, one rule with first", () => {
  const { rules } = loadGood(two);
  const [r, s] = rules;
  assert.ok(r && s);
  assert.deepEqual(mergeMatches([[s], [r]], "first"), [{ rule: r, verdict: 1 }]);
  assert.deepEqual(mergeMatches([[s], [r]], "all"), [
    { rule: r, verdict: 1 },
    { rule: s, verdict: 0 },
  ]);
  assert.deepEqual(mergeMatches([[r], [r]], "all"), [{ rule: r, verdict: 0 }]);
});

test("a field is read at most once an event, however many rules and macros ask for it", () => {
  let reads = 0;
  const resolver = {
    ...tableResolver,
    resolve: (name: string, argument: string | null): ReturnType<typeof tableResolver.resolve> => {
      const access = tableResolver.resolve(name, argument);
      if ("code" in access || name !== "proc.name") return access;
      return {
        ...access,
        extract: (event) => {
          reads++;
          return access.extract(event);
        },
      };
    },
  };
  const macro = "- macro: m\n  condition: proc.name in (a, b, c, d) or proc.name startswith x\n";
  const rules = ["m", "not m and proc.name = z", "proc.name endswith q or m"]
    .map((condition, index) => ruleWith(`evt.type = open and (${condition})`).replace("rule: r", `rule: r${index}`))
    .join("");
  const ruleset = loadGood([macro, rules], { resolver, ruleMatching: "all" });
  ruleset.evaluate({ "evt.type": "open", "proc.name": "y" }, open);
  assert.equal(reads, 1);
  ruleset.evaluate({ "evt.type": "open", "proc.name": "y" }, open);
  assert.equal(reads, 2);
});

test("text of a rule never becomes code", () => {
  const evil = '\\"); process.exit(1); (\\"';
  const ruleset = loadGood(
    ruleWith(`evt.type = open and proc.name = "${evil}" and proc.aname[2] in ("${evil}", "\u2028")`),
  );
  assert.deepEqual(ruleset.evaluate({ "evt.type": "open", "proc.name": '"); process.exit(1); ("' }, open), []);
  assert.ok(ruleset.code().includes(JSON.stringify('"); process.exit(1); ("')));
});

test("a rule is explained: its condition, what is left for each event type, the kernel's part, the code", () => {
  const text = `- list: l\n  items: [/etc/shadow, /etc/sudoers]\n- macro: m\n  condition: fd.name in (l)\n${ruleWith("evt.type in (open, creat) and evt.is_open_read=true and m")}`;
  const [rule] = loadGood(text).rules;
  assert.ok(rule);
  const explanation = explainRule(rule);
  assert.equal(
    explanation.condition,
    "evt.type in (open, creat) and evt.is_open_read = true and fd.name in (/etc/shadow, /etc/sudoers)",
  );
  assert.deepEqual(
    explanation.types.map((type) => type.name),
    ["open", "creat"],
  );
  assert.equal(explanation.types[0]?.condition, "evt.is_open_read = true and fd.name in (/etc/shadow, /etc/sudoers)");
  assert.equal(explanation.types[0]?.kernel?.kind, "clauses");
  assert.ok(explanation.code.includes("function type_open("));
});

test("a verdict is explained by the clauses that decided it", () => {
  const text = `- macro: m\n  condition: (proc.name = cat or proc.name = dog)\n${ruleWith("evt.type = open and m and not fd.num = 1")}`;
  const [rule] = loadGood(text).rules;
  assert.ok(rule);
  const verdict = explainVerdict(rule.condition, { "evt.type": "open", "proc.name": "cow", "fd.num": 1 });
  assert.deepEqual(
    verdict.parts.map((part) => [part.text, part.held]),
    [
      ["m", false],
      ["not fd.num = 1", false],
    ],
  );
  assert.deepEqual(
    verdict.parts[0]?.parts.map((part) => part.text),
    ["proc.name = cat", "proc.name = dog"],
  );
});

test("rules, macros and lists are listed with what they use", () => {
  const text = `- list: l\n  items: [a, k]\n- list: k\n  items: [b]\n- macro: m\n  condition: proc.name in (l)\n${ruleWith("evt.type = open and m and fd.num exists")}`;
  const { rules, macros, lists } = load(text);
  assert.deepEqual(rules[0]?.macros, ["m"]);
  assert.deepEqual(rules[0]?.conditionFields, ["evt.type", "fd.num", "proc.name"]);
  assert.deepEqual(rules[0]?.operators, ["=", "exists", "in"]);
  assert.deepEqual(
    macros.map(({ name, lists: used, used: isUsed }) => [name, used, isUsed]),
    [["m", ["l"], true]],
  );
  assert.deepEqual(
    lists.map(({ name, lists: within }) => [name, within]),
    [
      ["l", ["k"]],
      ["k", []],
    ],
  );
});
