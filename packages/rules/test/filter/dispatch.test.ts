import assert from "node:assert/strict";
import { test } from "node:test";
import { eventTypeByName } from "@falco-efk/event";
import fc from "fast-check";
import { buildValueIndex } from "../../src/filter/codegen/value-index.ts";
import { loadGood, ruleWith } from "../support/load.ts";
import { tableResolver } from "../support/table-resolver.ts";

const openat = eventTypeByName("openat")?.id as number;

test("an index leaves possible exactly the rules whose values or prefixes the text has", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "/"), maxLength: 6 });
  const entry = fc.record({
    values: fc.array(text, { maxLength: 3 }),
    prefixes: fc.array(
      text.filter((one) => one !== ""),
      { maxLength: 3 },
    ),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 40 }), fc.array(text, { minLength: 1 }), (entries, texts) => {
      const groups = Math.ceil(entries.length / 24);
      const placed = entries.map((one, place) => ({ ...one, group: Math.floor(place / 24), bit: place % 24 }));
      const index = buildValueIndex(placed, groups);
      for (const value of texts) {
        const bits = index.find(value);
        for (const { group, bit, values, prefixes } of placed) {
          const possible = values.includes(value) || prefixes.some((prefix) => value.startsWith(prefix));
          assert.equal(((bits[group] as number) & (1 << bit)) !== 0, possible);
        }
      }
    }),
  );
});

test("a missing value leaves no rule possible, several values leave every one", () => {
  const index = buildValueIndex([{ group: 0, bit: 3, values: [7], prefixes: [] }], 1);
  assert.deepEqual([...index.find(null)], [0]);
  assert.deepEqual([...index.find(7)], [8]);
  assert.deepEqual([...index.find(8)], [0]);
  assert.deepEqual([...index.find([8, 9])], [8]);
});

test("of a thousand rules on one field's value, an event asks only those that can match", () => {
  let reads = 0;
  const resolver = {
    ...tableResolver,
    resolve: (name: string, argument: string | null): ReturnType<typeof tableResolver.resolve> => {
      const access = tableResolver.resolve(name, argument);
      if ("code" in access || name !== "proc.cmdline") return access;
      return {
        ...access,
        extract: (event) => {
          reads++;
          return access.extract(event);
        },
      };
    },
  };
  const rules = Array.from({ length: 1000 }, (_, index) =>
    ruleWith(
      `evt.type = openat and proc.cmdline contains x and (fd.name startswith /srv/${index}/ or fd.name = /one/${index})`,
    ).replace("rule: r", `rule: r${index}`),
  ).join("");
  const ruleset = loadGood(rules, { resolver });
  const evaluate = (path: string): readonly string[] =>
    ruleset.evaluate({ "fd.name": path, "proc.cmdline": "xyz" }, openat).map((rule) => rule.name);
  assert.deepEqual(evaluate("/usr/lib/libc.so"), []);
  assert.equal(reads, 0);
  assert.deepEqual(evaluate("/srv/998/a"), ["r998"]);
  assert.deepEqual(evaluate("/one/31"), ["r31"]);
  assert.deepEqual(evaluate("/one/310/a"), []);
  assert.equal(reads, 2);
});
