import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage, openPath, settle, startWorld, until, type World } from "./support/browser.ts";
import { makeEvents } from "./support/make-events.ts";

/** FALCO_EFK_LONG=1: a million. */
const COUNT = process.env.FALCO_EFK_LONG === "1" ? 1_000_000 : 50_000;
const BULK = 10_000;
/** From the click to the picture, on two busy cores. */
const PATIENCE_MS = 10_000;

/** Events are made for the 24 hours before the first of them is sent, which may be a good while ago by now. */
const SPAN = "from=now-2d&to=now";

let world: World;
const counts = new Map<string, number>();

before(async () => {
  world = await startWorld();
  const now = Date.now();
  for (let done = 0; done < COUNT; done += BULK) {
    // Each part a stretch of the day of its own, one after another.
    const events = makeEvents(BULK, now - 86_000_000 * (done / COUNT), 86_000_000 * (BULK / COUNT) * 0.9);
    for (const { source } of events) counts.set(String(source.rule), (counts.get(String(source.rule)) ?? 0) + 1);
    await world.index(events.map((event) => ({ ...event, id: `${done}-${event.id}` })));
  }
  await world.importObjects();
});
after(() => world.close());

test(`with ${COUNT} events Discover and the dashboard show every one of them, quickly`, async (context) => {
  const { page, faults } = await openPage(world, `/app/discover?${SPAN}`);
  const timed = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    const started = performance.now();
    await work();
    await settle(page);
    const took = performance.now() - started;
    context.diagnostic(`${name}: ${Math.round(took)} ms`);
    assert.ok(took < PATIENCE_MS, `${name} took ${took} ms`);
  };
  await page.locator(".count", { hasText: COUNT.toLocaleString("en") }).waitFor();
  await timed("Discover", () => openPath(world, page, `/app/discover?${SPAN}`));
  await page.locator(".count", { hasText: COUNT.toLocaleString("en") }).waitFor();
  await timed("free text", () => openPath(world, page, `/app/discover?${SPAN}&q=tampered`));
  const tampered = counts.get("Clear Log Activities") ?? 0;
  await page.locator(".count", { hasText: tampered.toLocaleString("en") }).waitFor();
  await timed("sorted by rule, 5,000 rows", () => openPath(world, page, `/app/discover?${SPAN}&sort=rule&size=5000`));
  assert.equal(await page.locator(".event-row").count(), 5_000);
  await timed("dashboard", () => openPath(world, page, `/app/dashboards/falco-overview?${SPAN}`));
  const pie = page.getByRole("region", { name: "Falco events by rule" });
  for (const [rule, count] of counts) {
    const title = pie.locator(".slice title", { hasText: `${rule}: ${count.toLocaleString("en")} (` });
    await until(async () => (await title.count()) === 1);
  }
  assert.deepEqual(await page.locator(".panel .fault").allTextContents(), []);
  assert.deepEqual(faults, []);
  await page.context().close();
});
