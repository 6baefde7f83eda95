import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createByteBacklog } from "../src/outputs/backlog.ts";
import type { ByteDeliverer } from "../src/outputs/output.ts";

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ push: fc.array(fc.string({ unit: "binary", maxLength: 40 }), { maxLength: 20 }) }),
  },
  // A line that no chunk has room for beside another one.
  { weight: 1, arbitrary: fc.record({ push: fc.constant(["x".repeat(3_000_000)]) }) },
  { weight: 3, arbitrary: fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }) }) },
);

test("lines that are delivered in parts come out whole, in order and once, as the bytes of their text", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const written: Buffer[] = [];
      let share = 1;
      const deliverer: ByteDeliverer = {
        bytes: true,
        async deliver({ data, lines }) {
          const delivered = Math.floor(lines * share);
          let end = 0;
          for (let line = 0; line < delivered; line++) end = data.indexOf(0x0a, end) + 1;
          written.push(Buffer.from(data.subarray(0, end)));
          return { delivered, dropped: 0 };
        },
        close: async () => undefined,
      };
      const backlog = createByteBacklog(deliverer);
      const deliver = async (): Promise<void> => backlog.take((await backlog.deliver().result).delivered);
      const texts: string[] = [];
      for (const one of steps) {
        if ("push" in one) {
          for (const line of one.push) {
            const text = line.replaceAll("\n", " ");
            texts.push(`${text}\n`);
            backlog.push({ text, severity: 0 });
          }
        } else {
          share = one.share;
          await deliver();
        }
      }
      share = 1;
      while (backlog.lines > 0) await deliver();
      assert.equal(backlog.bytes, 0);
      assert.deepEqual(Buffer.concat(written), Buffer.from(texts.join("")));
    }),
    { numRuns: 60 },
  );
});

test("what an output could not deliver before the end is let go of in one go", () => {
  const backlog = createByteBacklog({
    bytes: true,
    deliver: () => new Promise(() => undefined),
    close: async () => undefined,
  });
  for (let line = 0; line < 5; line++) backlog.push({ text: "x".repeat(1_000_000), severity: 0 });
  backlog.deliver();
  backlog.take(5);
  assert.deepEqual([backlog.lines, backlog.bytes], [0, 0]);
});
