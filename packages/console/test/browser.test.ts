import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect, openPage, openPath, settle, shoot, startWorld, until, type World } from "./support/browser.ts";
import { makeEvents } from "./support/make-events.ts";

const PAGES = [
  ["discover", "/app/discover"],
  ["dashboards", "/app/dashboards"],
  ["dashboard", "/app/dashboards/falco-overview"],
  ["visualize", "/app/visualize"],
  ["visualize-pie", "/app/visualize/visualization/falco-pie-rule"],
  ["rules", "/app/rules"],
  ["alerts", "/app/alerts"],
  ["pipeline", "/app/pipeline"],
  ["management", "/app/management"],
  ["new-data-view", "/app/management/new-data-view"],
] as const;
const SIZES = [
  [1440, 900],
  [390, 844],
] as const;

const EVENTS = makeEvents(2_000, Date.now());
let world: World;
before(async () => {
  world = await startWorld();
  await world.index(EVENTS);
});
after(() => world.close());

test("the road that users know works by clicks alone: index pattern, pie, dashboard", async () => {
  const { page, faults } = await openPage(world, "/app/discover");
  await page.getByRole("link", { name: "Create a data view" }).click();
  await page.getByLabel("Index pattern").fill("logstash*");
  await page.getByText(/Matches indices with \d+ fields/).waitFor();
  await page.getByRole("button", { name: "Next step" }).click();
  await page.getByLabel("Time field").selectOption("@timestamp");
  await page.getByRole("button", { name: "Create index pattern" }).click();
  await page.getByText("2,000").first().waitFor();
  assert.equal(await page.locator(".event-row").count(), 100);

  await page.getByRole("link", { name: "Visualize" }).click();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("button", { name: /^Pie/ }).click();
  await page.getByRole("button", { name: /logstash\*/ }).click();
  await page.getByRole("button", { name: "Split slices" }).click();
  await page.getByLabel("Aggregation").nth(1).selectOption("Terms");
  await page.getByRole("combobox", { name: "Field", exact: true }).selectOption("priority.keyword");
  await page.getByRole("button", { name: "Options" }).click();
  await page.getByLabel("Donut").uncheck();
  await page.getByLabel("Show labels").check();
  await page.getByRole("button", { name: "Apply" }).click();
  await page.locator(".slice").nth(3).waitFor();
  assert.ok((await page.locator(".slice-label").count()) >= 4);
  assert.match(
    (await page.locator(".slice").first().getAttribute("d")) ?? "",
    /^M0,/,
    "a slice begins in the middle: no hole",
  );
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByLabel("Title").fill("My priorities");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "My priorities" }).waitFor();
  await shoot(page, "seed-pie");

  await page.getByRole("link", { name: "Dashboards" }).first().click();
  await page.getByRole("link", { name: "Create" }).click();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("button", { name: /My priorities/ }).click();
  await page.getByRole("button", { name: "Close" }).click();
  await page.locator(".panel .slice").first().waitFor();
  await page.getByRole("button", { name: "Wider: My priorities" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByLabel("Title").fill("Mine");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "Mine" }).waitFor();
  await page.waitForURL(/\/app\/dashboards\/[0-9a-f-]{36}/);
  await page.reload();
  await page.locator(".panel .slice").first().waitFor();
  await shoot(page, "seed-dashboard");
  assert.deepEqual(faults, []);
  await page.context().close();
});

test("after falco-bootstrap the dashboard shows the events that are there, slice by slice", async () => {
  assert.match(await world.bootstrap(), /Falco overview|created|installed/i);
  const { page, faults } = await openPage(world, "/app/dashboards");
  await page.getByRole("link", { name: /Falco overview/ }).click();
  for (const [name, field] of [
    ["Falco events by priority", "priority"],
    ["Falco events by rule", "rule"],
  ] as const) {
    const pie = page.getByRole("region", { name });
    const counts = new Map<string, number>();
    for (const { source } of EVENTS) {
      const value = String(source[field]);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    for (const [value, count] of counts) {
      const title = pie.locator(".slice title", { hasText: `${value}: ${count.toLocaleString("en")} (` });
      await until(async () => (await title.count()) === 1);
    }
  }
  assert.deepEqual(await page.locator(".panel .fault").allTextContents(), []);
  assert.deepEqual(faults, []);
  await page.context().close();
});

test("Discover searches by KQL with completion, opens an event, filters by a value, and its URL brings it all back", async () => {
  await world.importObjects();
  const { page, faults } = await openPage(world, "/app/discover");
  const input = page.getByRole("combobox", { name: "Query (KQL)" });
  await input.click();
  await input.pressSequentially("prio");
  await page
    .getByRole("option", { name: /^priority/ })
    .first()
    .click();
  await page.getByRole("option", { name: /Emergency/ }).click();
  await input.press("Escape");
  await input.press("Enter");
  await page.waitForURL(/q=priority/);
  const count = page.locator(".count");
  await until(async () => !["2,000", "…"].includes((await page.locator(".count").textContent()) ?? "…"));
  const emergencies = Number((await count.textContent())?.replace(",", ""));
  assert.ok(emergencies > 0 && emergencies < 500);
  assert.equal(await page.locator(".event-row").count(), Math.min(100, emergencies));

  await page.getByRole("button", { name: "Open the event" }).first().click();
  await page.getByRole("button", { name: "Filter for hostname" }).click();
  await page.locator(".pill", { hasText: "hostname:" }).waitFor();
  await until(async () => Number(await count.textContent()) < emergencies);
  const filtered = await count.textContent();
  const url = page.url();
  await page
    .getByRole("button", { name: /^Close the event|^Open the event/ })
    .first()
    .click();
  await shoot(page, "discover-filtered");
  await page.goto("about:blank");
  await page.goto(url);
  await until(async () => (await count.textContent()) === filtered);
  assert.equal(await input.inputValue(), 'priority: "Emergency" ');

  await input.fill("rule: (a or");
  await page.locator(".kql-fault").waitFor();
  assert.match((await page.locator(".kql-fault").textContent()) ?? "", /expected a value|not closed/);

  for (const [from, offered] of [
    ["now-24h", true],
    ["now-20y", true],
    ["2001-01-01T00:00:00Z", false],
  ] as const) {
    const to = offered ? "now" : "2001-01-02T00:00:00Z";
    await page.goto(`${world.console.url}/app/discover?from=${from}&to=${to}`);
    await page.locator(".count").waitFor();
    const answer = page.waitForResponse((response) => (response.request().postData() ?? "").includes('"values"'));
    await input.fill("priority: Emer");
    await answer;
    const option = page.getByRole("option", { name: /Emergency/ });
    if (offered) await option.waitFor();
    else assert.equal(await option.count(), 0, "no event of this time has the value");
  }
  assert.deepEqual(faults, []);
  await page.context().close();
});

test("a histogram is brushed to a shorter time, and a whole search is exported", async () => {
  const { page, faults } = await openPage(world, "/app/discover");
  const box = await page.locator(".histogram svg").boundingBox();
  assert.ok(box !== null);
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + 40, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/from=20\d\d-/);
  await until(async () => !["2,000", "…"].includes((await page.locator(".count").textContent()) ?? "…"));
  const total = Number((await page.locator(".count").textContent())?.replace(",", ""));
  assert.ok(total > 50 && total < 1_000, String(total));
  await page.getByRole("button", { name: "Export" }).click();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: /NDJSON/ }).click(),
  ]);
  const stream = await file.createReadStream();
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  const lines = text.trim().split("\n");
  assert.equal(lines.length, total);
  assert.match(lines[0] ?? "", /"evt.time":\d{19}/);
  assert.deepEqual(faults, []);
  await page.context().close();
});

test("the shipped dashboard is drawn, and a click on a slice filters every panel", async () => {
  await world.importObjects();
  const { page, faults } = await openPage(world, "/app/dashboards/falco-overview");
  assert.equal(await page.locator(".panel").count(), 9);
  assert.deepEqual(await page.locator(".panel .fault").allTextContents(), []);
  const pie = page.getByRole("region", { name: "Falco events by priority" });
  await pie.getByRole("button", { name: /^Warning/ }).click();
  await page.locator(".pill", { hasText: "priority.keyword: Warning" }).waitFor();
  await until(async () => (await pie.locator(".slice").count()) === 1);
  assert.deepEqual(faults, []);
  await page.context().close();
});

test("documents with the mark of a replay bring the banner, on every page of their time and on no other", async () => {
  const { page, faults } = await openPage(world, "/app/discover");
  assert.equal(await page.locator(".replay").count(), 0);
  const [event] = makeEvents(1, Date.now() - 2 * 86_400_000);
  assert.ok(event !== undefined);
  await world.index([
    { ...event, id: "replayed", source: { ...event.source, mode: "REPLAY" } },
    { ...event, id: "not-replayed", source: { ...event.source, mode: "replay", tags: ["REPLAY"] } },
  ]);
  await openPath(world, page, "/app/dashboards?from=now-7d&to=now");
  await page.locator(".replay").waitFor();
  assert.match((await page.locator(".replay").textContent()) ?? "", /^REPLAY Some events in this time range/);
  await openPath(world, page, "/app/discover?from=now-1h&to=now");
  assert.equal(await page.locator(".replay").count(), 0);
  assert.deepEqual(faults, []);
  await page.context().close();
});

test("the Pipeline page draws the road with the engine's and the shipper's own figures", async () => {
  const { page, faults } = await openPage(world, "/app/pipeline");
  for (const name of ["Engine", "Events file", "Shipper", "Elasticsearch"])
    await page.getByRole("region", { name, exact: true }).getByText("running").waitFor();
  await page.getByRole("region", { name: "Elasticsearch" }).getByText("documents").waitFor();
  await page.getByText("All figures of the engine").click();
  await page.getByText("uptime seconds").waitFor();
  assert.deepEqual(faults, []);
  await page.context().close();
});

test("the Rules page lists what the engine has loaded, and opens to condition and output", async () => {
  const { page, faults } = await openPage(world, "/app/rules");
  const rule = page.locator(".rule", { hasText: "Terminal shell in container" });
  await rule.getByText(/^[\d,]+ events?$/).waitFor();
  await rule.getByText("What it watches for").click();
  await rule.getByText("Condition", { exact: true }).waitFor();
  assert.match((await rule.locator("pre").first().textContent()) ?? "", /container/);
  await page.getByLabel("Search in the rules").fill("no rule has these words");
  await page.getByText("No rule matches").waitFor();
  assert.deepEqual(faults, []);
  await page.context().close();
});

test("new events appear by themselves while Live is on", async () => {
  const { page, faults } = await openPage(world, "/app/discover?refresh=2&q=hostname%3A%20late-host");
  await page.getByText("Nothing matches").waitFor();
  const [event] = makeEvents(1, Date.now());
  assert.ok(event !== undefined);
  await world.index([{ ...event, id: "late", source: { ...event.source, hostname: "late-host" } }]);
  await page.locator(".event-row").first().waitFor();
  assert.deepEqual(faults, []);
  await page.context().close();
});

test("whatever an attacker writes into an event is shown as text and does nothing", async () => {
  const [event] = makeEvents(1, Date.now());
  assert.ok(event !== undefined);
  const values = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "javascript:alert(1)",
    "\u001b[2J\u001b[31mred",
    "\u202egnp.exe",
    "zero\u200bwidth",
    "{{constructor.constructor('alert(1)')()}}",
    "x".repeat(1_048_576),
  ];
  await world.index(
    values.map((value, number) => ({
      ...event,
      id: `hostile-${number}`,
      source: {
        ...event.source,
        hostname: "hostile",
        rule: value.slice(0, 2_000),
        priority: value.slice(0, 200),
        output: value,
        tags: [value.slice(0, 300)],
        output_fields: { "proc.cmdline": value.slice(0, 4_000) },
      },
    })),
  );
  await world.importObjects();
  const { page, faults } = await openPage(world, "/app/discover?q=hostname%3A%20hostile");
  await page
    .locator(".event-row")
    .nth(values.length - 1)
    .waitFor();
  for (let row = 0; row < values.length; row += 1) {
    // An opened row's button has another name, so the first is always the next.
    await page.getByRole("button", { name: "Open the event" }).first().click();
    await page.getByRole("button", { name: "JSON" }).nth(row).click();
  }
  const text = (await page.locator(".event-table").textContent()) ?? "";
  assert.ok(text.includes("<script>alert(1)</script>"));
  assert.ok(text.includes("⟨U+202E⟩gnp.exe"));
  assert.ok(text.includes("␛[31mred"));
  assert.ok(text.includes("1,048,576 characters"));
  assert.equal(await page.locator("main script, main img, main svg[onload], main a[href^='javascript']").count(), 0);
  await shoot(page, "hostile");
  await openPath(world, page, "/app/dashboards/falco-overview?q=hostname%3A%20hostile");
  await openPath(world, page, "/app/rules");
  assert.equal(await page.locator("main script, main img").count(), 0);
  assert.deepEqual(faults, []);
  await page.context().close();
});

for (const [name, path] of PAGES) {
  test(`the page ${name} has no serious fault for axe, in both themes and at both widths`, async () => {
    await world.importObjects();
    const { page, faults } = await openPage(world, path);
    for (const [width, height] of SIZES) {
      await page.setViewportSize({ width, height });
      for (const theme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme: theme });
        await page.locator(`html[data-theme=${theme}]`).waitFor();
        await settle(page);
        await shoot(page, `${name}-${width}-${theme}`);
        const { serious, overflow } = await inspect(page);
        assert.deepEqual(serious, [], `${theme} ${width}`);
        assert.ok(overflow <= 0, `${theme} ${width}: the page is ${overflow} pixels too wide`);
      }
    }
    assert.deepEqual(faults, []);
    await page.context().close();
  });
}
