import { test } from "node:test";
import fc from "fast-check";
import { temporaryFolder } from "./support/ship-process.ts";
import { TailerWorld } from "./support/tailer-world.ts";

type Step = readonly [string, (world: TailerWorld) => void | Promise<void>];

const STEPS: readonly fc.Arbitrary<Step>[] = [
  fc.integer({ min: 1, max: 12 }).map((count) => [`write ${count}`, (world) => world.write(count)]),
  ...(
    [
      ["write half a line", (world) => world.writeHalf()],
      ["scan", (world) => world.scan()],
      ["scan", (world) => world.scan()],
      ["rename", (world) => world.rename()],
      ["copytruncate", (world) => world.copytruncate()],
      ["gzip", (world) => world.gzip()],
      ["rename in the middle of a scan", (world) => world.surprise("rename")],
      ["copytruncate in the middle of a scan", (world) => world.surprise("copytruncate")],
      ["gzip in the middle of a scan", (world) => world.surprise("gzip")],
      ["truncate", (world) => world.truncate()],
      ["delete and recreate", (world) => world.recreate()],
      ["hold", (world) => world.holdAcknowledgements(true)],
      ["acknowledge", (world) => world.holdAcknowledgements(false)],
      ["crash", (world) => world.crash()],
      ["restart", (world) => world.restart()],
    ] satisfies Step[]
  ).map((step) => fc.constant<Step>(step)),
];

/** The long form: `SHIP_MODEL_RUNS=5000 npm test`. */
const RUNS = Number(process.env.SHIP_MODEL_RUNS ?? 150);

test("no order of writing, rotating, truncating and restarting loses or repeats a line", async () => {
  const steps = fc.array(fc.oneof(...STEPS), { minLength: 1, maxLength: 30 });
  const named = steps.map((list) => Object.assign(list, { toString: () => list.map(([name]) => name).join(", ") }));
  await fc.assert(
    fc.asyncProperty(named, async (list) => {
      using folder = temporaryFolder();
      const world = new TailerWorld(folder.path);
      await world.start();
      for (const [, run] of list) await run(world);
      await world.verify();
    }),
    { numRuns: RUNS },
  );
});
