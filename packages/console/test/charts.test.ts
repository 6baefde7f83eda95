import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { breakLabel, clipText } from "../page/charts/label-text.ts";
import { colorsFor } from "../page/charts/palette.ts";
import { layoutLabels, layoutPie, spread } from "../page/charts/pie-layout.ts";
import { timeTicks, valueTicks } from "../page/charts/scale.ts";
import { stack } from "../page/charts/stack.ts";
import { bucketStarts, chooseInterval, parseInterval } from "../page/time/interval.ts";
import type { BucketNode } from "../page/vis/tree.ts";

const leaf = (label: string, value: number, children: BucketNode[] = []): BucketNode => ({
  key: label,
  label,
  values: [value],
  children,
  filter: null,
});
const root = (children: BucketNode[]): BucketNode => leaf("All", 0, children);
const options = { radius: 100, donut: false, rings: 1 };

test("slices keep the buckets' order and share the circle by their values", () => {
  const slices = layoutPie(root([leaf("a", 3), leaf("b", 1), leaf("none", 0)]), options);
  assert.deepEqual(
    slices.map(({ node, share }) => [node.label, share]),
    [
      ["a", 0.75],
      ["b", 0.25],
    ],
  );
  assert.equal(slices[0]?.startAngle, 0);
  assert.equal(slices[1]?.endAngle, 2 * Math.PI);
  assert.match(slices[0]?.path ?? "", /^M0,-100A100,100/);
});

test("a pie of one value is a whole circle, and a donut has a hole", () => {
  assert.equal(layoutPie(root([leaf("a", 5)]), options)[0]?.share, 1);
  assert.match(layoutPie(root([leaf("a", 5)]), { ...options, donut: true })[0]?.path ?? "", /A55,55/);
});

test("inner buckets make an outer ring inside their parent's angle", () => {
  const slices = layoutPie(root([leaf("a", 2, [leaf("x", 1), leaf("y", 1)]), leaf("b", 2)]), { ...options, rings: 2 });
  const outer = slices.filter(({ depth }) => depth === 1);
  assert.deepEqual(
    outer.map(({ node, top }) => [top.label, node.label]),
    [
      ["a", "x"],
      ["a", "y"],
    ],
  );
  assert.ok((outer[1]?.endAngle ?? 9) <= Math.PI + 1e-9);
});

test("labels never lie over each other and never leave the chart", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 40 }), (values) => {
      const height = 300;
      const labels = layoutLabels(layoutPie(root(values.map((value, index) => leaf(`v${index}`, value))), options), {
        radius: 100,
        height,
        lineHeight: 26,
      });
      for (const anchor of ["start", "end"]) {
        const places = labels.filter((label) => label.anchor === anchor).map(({ y }) => y);
        places.forEach((y, index) => {
          assert.ok(Math.abs(y) <= height / 2);
          if (index > 0) assert.ok(y - (places[index - 1] ?? 0) >= 26 - 1e-6);
        });
      }
      // The line's last stretch stays beside the pie, at whatever height the label found room.
      for (const { line } of labels) {
        for (const [x, y] of line.slice(1)) assert.ok(Math.hypot(x, y) >= 100, `${x}, ${y} lies on the pie`);
        for (const [x] of line.slice(2)) assert.ok(Math.abs(x) > 100);
      }
    }),
  );
  assert.deepEqual(spread([0, 0, 0], 10, 100), [0, 10, 20]);
});

test("an axis begins at 0, ends at or above the greatest value and has round steps", () => {
  assert.deepEqual(valueTicks(3), [0, 1, 2, 3]);
  assert.deepEqual(valueTicks(139), [0, 50, 100, 150]);
  assert.deepEqual(valueTicks(0), [0, 1]);
  fc.assert(
    fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), (max) => {
      const ticks = valueTicks(max);
      assert.equal(ticks[0], 0);
      assert.ok((ticks.at(-1) ?? 0) >= max * (1 - 1e-9));
      assert.ok(ticks.length <= 9);
    }),
  );
});

test("time ticks lie inside the range and are not too many", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2e12 }), fc.integer({ min: 1_000, max: 4e10 }), (from, span) => {
      const { times } = timeTicks(from, from + span, 8);
      assert.ok(times.length <= 9);
      assert.ok(times.every((time) => time >= from && time <= from + span));
    }),
  );
});

test("stacked values stand on each other, others on the ground", () => {
  const series = [
    { name: "a", values: [1, 2], filter: null },
    { name: "b", values: [3, 0], filter: null },
  ];
  assert.deepEqual(stack(series, true), {
    bands: [
      [
        { low: 0, high: 1 },
        { low: 0, high: 2 },
      ],
      [
        { low: 1, high: 4 },
        { low: 2, high: 2 },
      ],
    ],
    max: 4,
  });
  assert.equal(stack(series, false).max, 3);
});

test("priorities have their own colours, and a saved colour that is no colour is not used", () => {
  const colors = colorsFor(["Critical", "x", "y"], { x: "#123456", y: "url(https://attacker.example)" });
  assert.deepEqual([...colors.values()], ["var(--p-critical)", "#123456", "var(--c1)"]);
});

test("no two names share a colour of the palette; those beyond it are grey", () => {
  const colors = [...colorsFor(Array.from({ length: 12 }, (_, index) => `rule ${index}`)).values()];
  assert.equal(new Set(colors.slice(0, 10)).size, 10);
  assert.deepEqual(colors.slice(10), ["var(--c-rest)", "var(--c-rest)"]);
});

test("an interval cuts any range into at most as many buckets as asked for, beginning on its multiples", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1e12, max: 2e12 }),
      fc.integer({ min: 1_000, max: 20 * 365 * 86_400_000 }),
      (from, span) => {
        const range = { from, to: from + span };
        const interval = chooseInterval(range, 80);
        assert.equal(parseInterval(interval.name)?.ms, interval.ms);
        const starts = bucketStarts(range, interval);
        assert.ok(starts.length <= 82);
        assert.ok((starts[0] ?? 0) <= from && (starts[0] ?? 0) % interval.ms === 0);
      },
    ),
  );
});

test("a label that is too long is broken between words, and what is cut ends in an ellipsis", () => {
  const measure = (text: string): number => text.length;
  assert.deepEqual(breakLabel("Write below etc", 20, 6, measure), ["Write below etc", ""]);
  assert.deepEqual(breakLabel("Terminal shell in container", 18, 6, measure), ["Terminal shell in", "container"]);
  assert.deepEqual(breakLabel("Launch Package Management Process", 15, 6, measure), ["Launch Package", "Manageme…"]);
  assert.deepEqual(breakLabel("mitre_privilege_escalation", 10, 6, measure), ["mitre_pri…", ""]);
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 2, max: 30 }), (text, room) => {
      const clipped = clipText(text, room, measure);
      assert.ok(clipped.length <= room || text.length <= room);
      assert.ok(clipped === text || clipped.endsWith("…"));
    }),
  );
});
