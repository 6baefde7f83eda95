import assert from "node:assert/strict";
import { test } from "node:test";
import { type BudgetReport, type Detail, MemoryBudget } from "../src/memory/memory-budget.ts";
import { formatSize, parseSize } from "../src/memory/size.ts";

const NEED = 100;
const BUDGET = 200;

/** A program of `held` units for details and some of garbage, which only a collection frees. */
function program(held: Readonly<Record<string, number>>) {
  const pools = new Map(Object.entries(held));
  const gone: string[] = [];
  const reports: BudgetReport[] = [];
  const state = { now: 0, garbage: 0, live: 0, collections: 0, looks: 0 };
  const details = [...pools.keys()].map(
    (name): Detail => ({
      name,
      letGo() {
        const pieces = pools.get(name) ?? 0;
        pools.set(name, 0);
        state.garbage += pieces;
        if (pieces > 0) gone.push(name);
        return pieces;
      },
      keep: () => void gone.push(`${name} is kept`),
    }),
  );
  const budget = new MemoryBudget({
    details,
    used: () => NEED + state.live + state.garbage + [...pools.values()].reduce((sum, size) => sum + size, 0),
    collect() {
      state.collections++;
      state.garbage = 0;
    },
    now: () => state.now,
    report: (report) => reports.push(report),
  });
  const look = (afterMs = 10): void => {
    state.now += afterMs;
    budget.look();
  };
  return { budget, state, pools, gone, reports, look };
}

test("nothing is collected or let go below 70 % of the room", () => {
  const { budget, state, gone, look } = program({ a: 69 });
  budget.set(BUDGET, NEED);
  look();
  assert.deepEqual([state.collections, gone], [0, []]);
});

test("garbage goes before any detail", () => {
  const { budget, state, gone, look } = program({ a: 40 });
  budget.set(BUDGET, NEED);
  state.garbage = 55;
  look();
  assert.deepEqual([state.collections, gone], [1, []]);
});

test("details go in their order, the next only while as much is used still, and are counted", () => {
  const { budget, pools, gone, look } = program({ a: 20, b: 20, c: 20, d: 35 });
  budget.set(BUDGET, NEED);
  look();
  assert.deepEqual(gone, ["a"]);
  look();
  assert.deepEqual(gone, ["a", "b"]);
  look();
  assert.deepEqual(gone, ["a", "b"], "55 of 100 are few enough");
  pools.set("a", 25);
  look(1000);
  assert.deepEqual(gone, ["a", "b", "a"]);
  assert.deepEqual(budget.counters().shed, { a: 45, b: 20, c: 0, d: 0 });
});

test("one kind goes on from look to look while it has more to give, down to half of the room", () => {
  let left = 90;
  const budget = new MemoryBudget({
    details: [
      {
        name: "a",
        letGo() {
          left -= 10;
          return 1;
        },
        keep: () => undefined,
      },
    ],
    used: () => NEED + left,
    collect: () => undefined,
    now: () => (now += 10),
    report: () => undefined,
  });
  let now = 0;
  budget.set(BUDGET, NEED);
  for (let index = 0; index < 20; index++) budget.look();
  assert.equal(left, 50);
});

test("a kind that frees next to nothing takes the next with it", () => {
  const { budget, gone, look } = program({ a: 1, b: 80 });
  budget.set(BUDGET, NEED);
  look();
  assert.deepEqual(gone, ["a", "b"]);
});

test("close to the budget itself it does not wait for the next look", () => {
  const { budget, gone, look } = program({ a: 10, b: 10, c: 84 });
  budget.set(BUDGET, NEED);
  look();
  assert.deepEqual(gone, ["a", "b"]);
  look();
  look();
  assert.deepEqual(gone, ["a", "b", "c"]);
});

test("what comes back is let go again, and counted again", () => {
  const { budget, pools, look } = program({ a: 80 });
  budget.set(BUDGET, NEED);
  look();
  pools.set("a", 90);
  look();
  assert.deepEqual(budget.counters().shed, { a: 170 });
});

test("all is kept again after a calm minute, and not before", () => {
  const { budget, gone, look } = program({ a: 80 });
  budget.set(BUDGET, NEED);
  look();
  look();
  look(59_000);
  assert.deepEqual(gone, ["a"]);
  look(2000);
  assert.deepEqual(gone, ["a", "a is kept"]);
  look(120_000);
  assert.deepEqual(gone, ["a", "a is kept"]);
});

test("when nothing is left to let go of, that is said, and it is tried ever more seldom", () => {
  const { budget, state, reports, look } = program({ a: 1 });
  budget.set(BUDGET, NEED);
  state.live = 150;
  for (let index = 0; index < 1000; index++) look();
  assert.ok(state.collections < 30, `${state.collections} collections in ten seconds`);
  assert.equal(reports[0]?.exhausted, true);
  assert.equal(reports.length, 1);
});

test("a report a minute tells all that went since the last", () => {
  const { budget, pools, reports, look } = program({ a: 80 });
  budget.set(BUDGET, NEED);
  look();
  for (let index = 0; index < 5; index++) {
    pools.set("a", 80);
    look(1000);
  }
  assert.deepEqual(
    reports.map(({ shed }) => [...shed]),
    [[["a", 80]]],
  );
  look(60_000);
  assert.deepEqual(
    reports.map(({ shed }) => [...shed]),
    [[["a", 80]], [["a", 400]]],
  );
});

test("without a budget nothing happens, whatever is used", () => {
  const { budget, state, gone, look } = program({ a: 1000 });
  look();
  assert.deepEqual([state.collections, gone, budget.room], [0, [], Number.POSITIVE_INFINITY]);
});

test("sizes take a unit of 1024", () => {
  assert.equal(parseSize("160M"), 160 * 1024 ** 2);
  assert.equal(parseSize("160 mib"), 160 * 1024 ** 2);
  assert.equal(parseSize("2GB"), 2 * 1024 ** 3);
  assert.equal(parseSize("0"), 0);
  for (const text of ["160", "", "M", "-1M", "1.5G", "1T"]) assert.equal(parseSize(text), null, text);
  assert.equal(formatSize(111 * 1024 ** 2 + 1), "112M");
});
