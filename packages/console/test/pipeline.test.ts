import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBytes, readEngine, readShip, sum } from "../page/pipeline/figures.ts";

test("the engine's status becomes the figures that matter, event types by how often they were seen", () => {
  const engine = readEngine({
    mode: "live",
    events: { total: 7, perSecond: 1.5, dropped: { "ring-full": 2, "scratch-busy": 0 } },
    alerts: { total: 3 },
    pushdown: { execve: { seen: 5, passed: 5 }, openat: { seen: 90, passed: 1 } },
    outputs: { file: { accepted: 3, delivered: 3, dropped: 1, queued: 0 } },
    rules: { loaded: 20, refusedReloads: 1 },
  });
  assert.deepEqual([engine.events, engine.eventsPerSecond, engine.alerts, engine.rulesLoaded], [7, 1.5, 3, 20]);
  assert.deepEqual(engine.drops, [
    { cause: "ring-full", count: 2 },
    { cause: "scratch-busy", count: 0 },
  ]);
  assert.deepEqual(
    engine.pushdown.map(({ type }) => type),
    ["openat", "execve"],
  );
  assert.equal(engine.outputs[0]?.dropped, 1);
  assert.equal(sum(engine.pushdown.map(({ passed }) => passed)), 6);
});

test("figures that a station doesn't give are 0, and nothing it gives breaks the page", () => {
  for (const answer of [null, [], "x", 5, { events: [], alerts: null, files: "x", pushdown: 3 }]) {
    assert.equal(readEngine(answer).events, 0);
    assert.deepEqual(readShip(answer).files, []);
  }
});

test("the shipper's stats tell lag by file, dead letters and why it stands still", () => {
  const ship = readShip({
    acknowledged: 4,
    deadLettered: 1,
    inFlight: { records: 2, bytes: 9 },
    trouble: "no disk",
    files: [{ path: "/var/log/falco_events.json", size: 100, lag: 40 }],
  });
  assert.deepEqual([ship.acknowledged, ship.deadLettered, ship.inFlight, ship.trouble], [4, 1, 2, "no disk"]);
  assert.deepEqual(ship.files, [{ path: "/var/log/falco_events.json", size: 100, lag: 40 }]);
});

test("bytes are shown in units that people read", () => {
  assert.deepEqual([0, 999, 1_000, 138_400_000, 2e15].map(formatBytes), ["0 B", "999 B", "1 kB", "138 MB", "2000 TB"]);
});
