import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect, openPage, shoot, startWorld, until, type World } from "./support/browser.ts";
import { makeEvents } from "./support/make-events.ts";
import { type StandIn, standIn } from "./support/start.ts";

let webhook: StandIn;
let world: World;
before(async () => {
  webhook = await standIn("ok");
  world = await startWorld({ webhook: webhook.url, password: "correct horse" });
});
after(async () => {
  await world.close();
  await webhook.close();
});

test("after the log-in a threshold is made, sends a sample and fires, and is deleted after a question", async () => {
  const { page, faults } = await openPage(world, "/app/alerts");
  await page.waitForURL(/\/login/);
  await shoot(page, "login-1440-light");
  assert.deepEqual((await inspect(page)).serious, []);
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByText("That is not the password.").waitFor();
  await page.getByLabel("Password").fill("correct horse");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL(/\/app\/alerts$/);

  await page.getByText("No threshold yet.").waitFor();
  await page.getByRole("button", { name: "Add threshold" }).click();
  await page.getByLabel("Name").fill("many-warnings");
  await page.getByLabel("More than this many events").fill("3");
  await page.getByLabel("Only events that match (KQL)").fill('priority: "Warning" and');
  await page.getByLabel("team (webhook)").check();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(/expected .* at column 24/).waitFor();
  await page.getByLabel("Only events that match (KQL)").fill('priority: "Warning"');
  await page.getByRole("button", { name: "Save" }).click();
  const card = page.getByRole("region", { name: "many-warnings" });
  await card.getByText('priority: "Warning"').waitFor();

  await card.getByRole("button", { name: "Send a sample message now" }).click();
  await page.getByText("The sample message is sent").waitFor();
  assert.equal(webhook.asked.length, 1);
  assert.match(webhook.asked[0]?.body ?? "", /many-warnings/);

  const [event] = makeEvents(1, Date.now());
  assert.ok(event !== undefined);
  await world.index(
    [1, 2, 3, 4, 5].map((id) => ({ ...event, id: `${id}`, source: { ...event.source, priority: "Warning" } })),
  );
  await card.getByText("firing", { exact: true }).waitFor();
  await until(async () => webhook.asked.length >= 2);
  await page.getByRole("heading", { name: "Sent" }).waitFor();
  await shoot(page, "alerts-firing-1440-light");
  assert.deepEqual((await inspect(page)).serious, []);

  await card.getByRole("button", { name: /^Delete/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await until(async () => (await card.count()) === 0);
  // The wrong password is a 401, which browsers write to their console by themselves.
  assert.deepEqual(
    faults.filter((fault) => !/status of 40[01]/.test(fault)),
    [],
  );
  await page.context().close();
});
