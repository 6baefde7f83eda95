import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { inspect, openPage, settle, shoot, startWorld, until, type World } from "./support/browser.ts";

const INDEX = "logstash-2001.02.03";

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world.close());

/** A field of this index is a number, so that an event with a word in it is refused. */
async function indexNumber(): Promise<void> {
  const response = await fetch(`${world.storeUrl}/${INDEX}/_doc?refresh=true`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ "@timestamp": "2001-02-03T00:00:00Z", rule: "First", clash: 5 }),
  });
  assert.equal(response.status, 201);
}

function line(rule: string): string {
  return `${JSON.stringify({ time: "2001-02-03T04:05:06.000000000Z", rule, priority: "Warning", clash: "no number" })}\n`;
}

test("a refused record is shown with its reason and origin, replayed when the cause is mended, or dropped", async () => {
  await indexNumber();
  await appendFile(world.eventsFile, line("<b>Kept aside</b>") + line("Not wanted") + line("Also kept"));
  const { page, faults } = await openPage(world, "/app/pipeline");
  const box = page.getByRole("region", { name: "Dead letters" });
  const letters = box.locator(".letter");
  await until(async () => (await letters.count()) === 3);

  const oldest = letters.last();
  assert.match((await oldest.locator(".letter-reason").textContent()) ?? "", /clash/);
  const origin = (await oldest.locator(".letter-origin").textContent()) ?? "";
  assert.ok(origin.includes(`${world.eventsFile}, byte 0`), origin);
  assert.match(origin, /\(400\)/);
  await oldest.getByText(/^The record/).click();
  assert.match((await oldest.locator("pre").textContent()) ?? "", /"rule": "<b>Kept aside<\/b>"/);
  await settle(page);
  await shoot(page, "dead-letters-1440-light");
  assert.deepEqual((await inspect(page)).serious, []);
  await page.setViewportSize({ width: 390, height: 844 });
  await oldest.scrollIntoViewIfNeeded();
  await shoot(page, "dead-letters-390-light");
  const narrow = await inspect(page);
  assert.deepEqual([narrow.serious, narrow.overflow], [[], 0]);

  const middle = letters.nth(1);
  await middle.getByRole("button", { name: /^Drop/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  assert.equal(await letters.count(), 3);
  await middle.getByRole("button", { name: /^Drop/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Drop" }).click();
  await page.getByText("1 dropped").waitFor();
  await until(async () => (await letters.count()) === 2);

  await letters
    .first()
    .getByRole("button", { name: /^Replay/ })
    .click();
  await page.getByText(/1 still here: .*clash/).waitFor();
  assert.equal(await letters.count(), 2);
  assert.equal((await fetch(`${world.storeUrl}/${INDEX}`, { method: "DELETE" })).status, 200);
  await box.getByRole("button", { name: "Replay all" }).click();
  await page.getByText("2 delivered").waitFor();
  await box.getByText(/^None\./).waitFor();
  const found = await fetch(`${world.storeUrl}/${INDEX}/_search`);
  const { hits } = (await found.json()) as { hits: { hits: { _source: { rule: string } }[] } };
  assert.deepEqual(hits.hits.map(({ _source }) => _source.rule).sort(), ["<b>Kept aside</b>", "Also kept"]);
  assert.deepEqual(faults, []);
  await page.context().close();
});
