import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { live } from "../support/suite.ts";
import { until } from "../support/until.ts";
import { performRound, ROUND } from "./load.ts";
import { droppedOf, type Holdings, type Status, startWatchedEngine, underWay } from "./watched-engine.ts";

const long = process.env["FALCO_EFK_LONG"] === "1";
const MINUTE = 60_000;
const DURATION = long ? 30 * MINUTE : MINUTE / 3;
/** Until then buffers and tables grow to the size that the load asks for. */
const WARM_UP = DURATION / 4;
/** Between two rounds: half an hour of nothing but fork bombs would leave nobody else on the machine anything to run on. */
const PAUSE = long ? 2000 : 0;
/** How much of its memory the engine may gain after the warm-up, by the line through all samples. */
const MOST_GROWTH = long ? 0.1 : 1;

interface Sample extends Holdings {
  /** Milliseconds since the start. */
  readonly at: number;
  readonly tables: Status["tables"];
}

/** Slope of the line through the points by least squares. */
function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (of: (point: readonly [number, number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const x = mean((point) => point[0]);
  const y = mean((point) => point[1]);
  const above = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return above / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}

/** The first sample of each minute. */
function eachMinute(samples: readonly Sample[]): object[] {
  const first = Map.groupBy(samples, ({ at }) => Math.floor(at / MINUTE));
  return [...first.values()].flatMap(([sample]) =>
    sample === undefined
      ? []
      : {
          minute: Math.round(sample.at / 6000) / 10,
          rss: sample.rss,
          anonymous: sample.anonymous,
          processes: sample.tables["processes"],
        },
  );
}

test("under fork bombs, opens and connects the engine's memory, descriptors and maps stay as they are, and its counters add up", {
  skip: live ? false : "needs root: the live kernel is watched",
  timeout: DURATION + 10 * MINUTE,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "efk-soak-"));
  const [plain, marked] = [join(folder, "plain"), join(folder, "marked")];
  for (const file of [plain, marked]) writeFileSync(file, "");
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  const engine = await startWatchedEngine(folder, marked);
  t.after(() => engine.end().then(() => rmSync(folder, { recursive: true, force: true })));

  const samples: Sample[] = [];
  let rounds = 0;
  const begin = performance.now();
  while (performance.now() - begin < DURATION) {
    await performRound(plain, marked);
    rounds += 1;
    const status = await engine.status();
    assert.ok(underWay(status) >= 0, `more came out than was produced: ${JSON.stringify(status.events)}`);
    await pause(PAUSE);
    samples.push({ at: performance.now() - begin, ...engine.holdings(), tables: status.tables });
  }
  const status = await until("an empty ring buffer", 10_000, async () => {
    const now = await engine.status();
    return underWay(now) === 0 ? now : null;
  });
  const marks = await until("the output's last line", 10_000, () => {
    const count = engine.marks();
    return count === rounds * ROUND.marks || droppedOf(status) > 0 ? count : null;
  });

  const warm = samples.filter((sample) => sample.at > WARM_UP);
  const mean = warm.reduce((sum, sample) => sum + sample.anonymous, 0) / warm.length;
  const perMinute = slope(warm.map((sample) => [sample.at / MINUTE, sample.anonymous]));
  const growth = warm.length < 2 ? 0 : (perMinute * ((DURATION - WARM_UP) / MINUTE)) / mean;
  const result = {
    date: new Date().toISOString(),
    commit,
    kernel: release(),
    processor: cpus()[0]?.model,
    minutes: Math.round((performance.now() - begin) / 6000) / 10,
    rounds,
    perRound: ROUND,
    events: status.events,
    alerts: { ...status.alerts, markedOpens: rounds * ROUND.marks, markedAlerts: marks },
    memoryKilobytes: {
      first: samples[0]?.rss,
      last: samples.at(-1)?.rss,
      highest: Math.max(...samples.map(({ rss }) => rss)),
      anonymousMean: Math.round(mean),
      anonymousGrowthPerMinute: Math.round(perMinute * 10) / 10,
    },
    descriptors: { first: samples[0]?.descriptors, last: samples.at(-1)?.descriptors },
    tables: { first: samples[0]?.tables, last: samples.at(-1)?.tables },
  };
  t.diagnostic(JSON.stringify(result));
  if (long) {
    const file = new URL(`../../bench/results/soak-${result.date.slice(0, 10)}.json`, import.meta.url);
    writeFileSync(fileURLToPath(file), `${JSON.stringify({ ...result, samples: eachMinute(samples) }, null, 2)}\n`);
  }

  assert.ok(rounds >= 2, `${rounds} rounds are too few to tell anything`);
  for (const { descriptors } of warm) assert.deepEqual(descriptors, warm[0]?.descriptors);
  assert.ok(growth < MOST_GROWTH, `memory grew by ${Math.round(perMinute)} kB a minute from ${Math.round(mean)} kB`);
  assert.ok(status.events.produced >= rounds * (2 * ROUND.processes + ROUND.marks), "the load was seen");
  assert.ok(marks >= rounds * ROUND.marks - droppedOf(status), `${marks} alerts of ${rounds * ROUND.marks} opens`);
  assert.equal(status.outputs["file"]?.dropped, 0);
  assert.equal(await engine.end(), 0);
});
