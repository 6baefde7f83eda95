import assert from "node:assert/strict";
import { test } from "node:test";
import { redraw, statusLine, statusScreen } from "../src/screen.ts";
import type { Status } from "../src/status.ts";

const STATUS: Status = {
  mode: "live",
  uptimeSeconds: 3725,
  eventsPerSecond: 1234.5,
  alerts: 12,
  drops: 0,
  shipped: 12,
  lagBytes: 2048,
  deadLetters: 0,
};

test("a plain line has every figure, and dead letters only when there are some", () => {
  assert.equal(statusLine(STATUS), "live 01:02:05  events/s 1,235  alerts 12  shipped 12  lag 2 KiB  drops 0");
  assert.match(statusLine({ ...STATUS, deadLetters: 3 }), /dead letters 3$/);
});

test("a figure that could not be had is a dash, never a zero", () => {
  assert.match(statusLine({ ...STATUS, alerts: null, drops: null }), /alerts – {2}.*drops –$/);
});

test("a replay is called one, on the line and on the screen", () => {
  const heading = { consoleUrl: "http://c", storeUrl: "http://s", eventsFile: "/e" };
  assert.match(statusLine({ ...STATUS, mode: "replay" }), /^REPLAY /);
  assert.match(statusScreen({ ...STATUS, mode: "replay" }, heading)[0] ?? "", /REPLAY/);
});

test("a screen is drawn over the one before, each line cleared to its end", () => {
  assert.equal(redraw(["a", "b"], 0), "a\u001b[K\nb\u001b[K\n");
  assert.equal(redraw(["a"], 2), "\u001b[2Aa\u001b[K\n");
});
