import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { openPage, openPath, settle, startWorld, until, type World } from "./support/browser.ts";
import { makeEvents } from "./support/make-events.ts";

const EVENTS = makeEvents(1_500, Date.now());
let world: World;
before(async () => {
  world = await startWorld();
  await world.index(EVENTS);
  await world.importObjects();
});
after(() => world.close());

const countOf = (field: string, value: string): number =>
  EVENTS.filter(({ source }) => String(source[field]) === value).length;

async function shownCount(page: Page): Promise<number> {
  await settle(page);
  return Number(((await page.locator(".count").textContent()) ?? "").replaceAll(",", ""));
}

async function downloaded(page: Page, press: () => Promise<unknown>): Promise<string> {
  const [file] = await Promise.all([page.waitForEvent("download"), press()]);
  return readFile(await file.path(), "utf8");
}

test("the field list shows top values, filters in and out by them, and chooses columns; the URL keeps it all", async () => {
  const { page, faults } = await openPage(world, "/app/discover");
  const fields = page.getByRole("complementary", { name: "Fields" });
  await fields
    .getByRole("button", { name: /hostname/ })
    .first()
    .click();
  const top = fields.getByRole("list", { name: "Top values of hostname" });
  await top.getByText("web-01").waitFor();
  assert.equal(await top.locator("li").count(), 4);
  await top.getByRole("button", { name: "Filter out web-01" }).click();
  await page.locator(".pill.not", { hasText: "hostname: web-01" }).waitFor();
  await until(async () => (await shownCount(page)) === EVENTS.length - countOf("hostname", "web-01"));
  const name = "output_fields.proc.name";
  await fields.getByRole("button", { name: `Add the column ${name}` }).click();
  await page.getByRole("columnheader", { name }).waitFor();
  await page.getByRole("button", { name: "Remove the column output" }).first().click();
  await page.getByRole("columnheader", { name: "rule" }).getByRole("button").click();
  await page.waitForURL(/sort=-rule/);
  await settle(page);
  const headers = await page.locator(".event-table th").allTextContents();
  const url = page.url();
  await page.goto("about:blank");
  await page.goto(url);
  await page.getByRole("columnheader", { name }).waitFor();
  assert.deepEqual(await page.locator(".event-table th").allTextContents(), headers);
  assert.equal(await shownCount(page), EVENTS.length - countOf("hostname", "web-01"));
  const rules = (await page.locator("td.col-rule").allTextContents()).slice(0, 50);
  assert.deepEqual(rules, rules.toSorted().reverse(), "sorted by the field that was asked for");
  assert.deepEqual(faults, []);
  await page.context().close();
});

test("an event opens as fields and as JSON with every digit, and its values filter out", async () => {
  const { page, faults } = await openPage(world, "/app/discover");
  await page.getByRole("button", { name: "Open the event" }).first().click();
  const rule = (await page.locator("td.col-rule").first().textContent()) ?? "";
  await page.getByRole("button", { name: "JSON" }).click();
  const json = (await page.locator("pre.json").textContent()) ?? "";
  assert.match(json, /"evt\.time": \d{19},/);
  assert.ok(json.includes(JSON.stringify(rule)));
  await page.getByRole("button", { name: "Fields", exact: true }).click();
  await page.getByRole("button", { name: "Filter out rule", exact: true }).click();
  await until(async () => (await shownCount(page)) === EVENTS.length - countOf("rule", rule));
  assert.ok(!(await page.locator("td.col-rule").allTextContents()).includes(rule));
  assert.deepEqual(faults, []);
  await page.context().close();
});

test("a search is saved, opened again with its query, filters and columns, and exported as CSV", async () => {
  const { page, faults } = await openPage(
    world,
    "/app/discover?q=priority%3A%20%22Warning%22&cols=rule,hostname&from=now-2d&to=now",
  );
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByLabel("Title").fill("Warnings only");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.waitForURL(/search=/);
  await openPath(world, page, "/app/discover");
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await page.getByRole("link", { name: /Warnings only/ }).click();
  await page.waitForURL(/q=priority/);
  await until(async () => (await shownCount(page)) === countOf("priority", "Warning"));
  assert.deepEqual((await page.locator(".event-table th").allTextContents()).slice(2), ["rule ", "hostname "]);
  const csv = await downloaded(page, async () => {
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("button", { name: /CSV/ }).click();
  });
  const lines = csv.trim().split("\r\n");
  assert.equal(lines[0], "@timestamp,rule,hostname");
  assert.equal(lines.length - 1, countOf("priority", "Warning"));
  assert.deepEqual(faults, []);
  await page.context().close();
});

test("an empty answer and a broken query say what to do", async () => {
  const { page, faults } = await openPage(world, "/app/discover?q=hostname%3A%20nowhere");
  await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
  await page.getByRole("button", { name: "Clear query and filters" }).click();
  await until(async () => (await shownCount(page)) === EVENTS.length);
  await openPath(world, page, "/app/discover?q=rule%3A%20%28");
  await page.getByText("expected a value at character 8").waitFor();
  await page.getByRole("heading", { name: "The query can't be read" }).waitFor();
  assert.deepEqual(faults, []);
  await page.context().close();
});

/** What a chart of a kind has drawn when it shows something. */
const DRAWN = {
  "Vertical bar": ".time-series path, .bar-row",
  "Horizontal bar": ".bar-row",
  Line: ".time-series path, .bar-row",
  Area: ".time-series path, .bar-row",
  "Data table": ".data-table tbody tr",
  Metric: ".big-numbers b",
} as const;

for (const [kind, drawn] of Object.entries(DRAWN)) {
  test(`the chart ${JSON.stringify(kind)} is made by clicks alone and saved`, async () => {
    const { page, faults } = await openPage(world, "/app/visualize");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("button", { name: new RegExp(`^${kind}`) }).click();
    await page.getByRole("button", { name: /logstash\*/ }).click();
    await page.getByRole("form", { name: "Chart" }).waitFor();
    if (kind === "Horizontal bar" || kind === "Data table") {
      const editor = page.getByRole("form", { name: "Chart" });
      if ((await editor.getByRole("combobox", { name: "Field", exact: true }).count()) === 0)
        await editor
          .getByRole("button", { name: /^(Split rows|Add X-axis)/ })
          .first()
          .click();
      await editor.getByLabel("Aggregation").nth(1).selectOption("Terms");
      await editor.getByRole("combobox", { name: "Field", exact: true }).first().selectOption("rule.keyword");
      await editor.getByRole("button", { name: "Apply" }).click();
    }
    await page.locator(drawn).first().waitFor({ state: "attached" });
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByLabel("Title").fill(`My ${kind}`);
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: `My ${kind}` }).waitFor();
    await page.reload();
    await page.locator(drawn).first().waitFor({ state: "attached" });
    assert.deepEqual(faults, []);
    await page.context().close();
  });
}

test("saved objects are exported as Kibana's NDJSON, deleted after a question, and imported again", async () => {
  const { page, faults } = await openPage(world, "/app/management");
  const row = page.locator("tr", { hasText: "Falco events by rule" });
  await row.getByRole("checkbox").check();
  const text = await downloaded(page, () => page.getByRole("button", { name: /Export 1/ }).click());
  const lines = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const chart = lines.find(({ id }) => id === "falco-pie-rule");
  assert.equal(chart?.type, "visualization");
  assert.match(JSON.stringify(chart?.attributes), /"type\\":\\"pie/);
  assert.ok(
    lines.some(({ type }) => type === "index-pattern"),
    "what it needs comes along",
  );
  assert.equal(lines.at(-1)?.exportedCount, 2);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await until(async () => (await row.count()) === 0);
  await page.getByLabel("Import saved objects from a file").setInputFiles({
    name: "export.ndjson",
    mimeType: "application/ndjson",
    buffer: Buffer.from(text),
  });
  await row.waitFor();
  assert.deepEqual(faults, []);
  await page.context().close();
});

test("a legend with more names than there is room for scrolls inside its panel, at both widths", async () => {
  const references = [{ name: "kibanaSavedObjectMeta.searchSourceJSON.index", type: "index-pattern", id: "logstash" }];
  const terms = { field: "rule.keyword", orderBy: "1", order: "desc", size: 10 };
  const aggs = [
    { id: "1", enabled: true, type: "count", schema: "metric", params: {} },
    { id: "2", enabled: true, type: "date_histogram", schema: "segment", params: { field: "@timestamp" } },
    { id: "3", enabled: true, type: "terms", schema: "group", params: terms },
  ];
  const visState = JSON.stringify({ title: "Rules over time", type: "line", aggs, params: { addLegend: true } });
  const kibanaSavedObjectMeta = { searchSourceJSON: "{}" };
  const panel = { gridData: { x: 0, y: 0, w: 24, h: 9, i: "1" }, panelIndex: "1", panelRefName: "panel_1" };
  for (const [path, body] of [
    ["visualization/many", { attributes: { title: "Rules over time", visState, kibanaSavedObjectMeta }, references }],
    [
      "dashboard/many",
      {
        attributes: { title: "Many", panelsJSON: JSON.stringify([panel]), kibanaSavedObjectMeta },
        references: [{ name: "1:panel_1", type: "visualization", id: "many" }],
      },
    ],
  ] as const) {
    const response = await fetch(`${world.console.url}/api/saved_objects/${path}`, {
      method: "POST",
      headers: { "kbn-xsrf": "test", "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 200);
  }
  const { page, faults } = await openPage(world, "/app/dashboards/many");
  const frame = page.getByRole("region", { name: "Rules over time" });
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    await frame.locator(".legend li").nth(9).waitFor({ state: "attached" });
    const [outer, legend, plot] = await Promise.all(
      [frame, frame.locator(".legend"), frame.locator(".time-series svg")].map((locator) => locator.boundingBox()),
    );
    assert.ok(outer != null && legend != null && plot != null);
    for (const box of [legend, plot]) {
      assert.ok(box.y >= outer.y && box.y + box.height <= outer.y + outer.height, `${width}: ${JSON.stringify(box)}`);
      assert.ok(box.x >= outer.x && box.x + box.width <= outer.x + outer.width, `${width}: ${JSON.stringify(box)}`);
    }
    assert.ok(plot.height >= 80, "the chart keeps its room");
    await frame.locator(".legend button").last().scrollIntoViewIfNeeded();
    assert.ok(await frame.locator(".legend button").last().isVisible());
  }
  assert.deepEqual(faults, []);
  await page.context().close();
});

async function drag(page: Page, handle: Locator, by: readonly [number, number]): Promise<void> {
  const box = await handle.boundingBox();
  assert.ok(box !== null);
  const [x, y] = [box.x + Math.min(box.width / 2, 8), box.y + Math.min(box.height / 2, 8)];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + by[0], y + by[1], { steps: 8 });
  await page.mouse.up();
}

test("panels are dragged and sized by the pointer, and stay so when saved", async () => {
  const { page, faults } = await openPage(world, "/app/dashboards/falco-overview");
  const panel = page.getByRole("region", { name: "Falco events by priority" });
  const before = await panel.boundingBox();
  assert.ok(before !== null);
  await page.getByRole("button", { name: "Edit" }).click();
  await drag(page, panel.locator("header"), [before.width + 20, 0]);
  const moved = await panel.boundingBox();
  assert.ok(moved !== null && moved.x > before.x + before.width / 2, "it has moved to the right");
  await drag(page, panel.locator(".panel-corner"), [0, 100]);
  const sized = await panel.boundingBox();
  assert.ok(sized !== null && sized.height >= moved.height + 80, "it is higher");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Edit" }).waitFor();
  await page.reload();
  await until(async () => {
    const box = await panel.boundingBox();
    return box !== null && Math.abs(box.x - sized.x) < 2 && Math.abs(box.height - sized.height) < 2;
  });
  await world.importObjects();
  assert.deepEqual(faults, []);
  await page.context().close();
});

test("a dashboard refreshes by itself, and a row of its events filters out", async () => {
  const { page, faults } = await openPage(world, "/app/dashboards/falco-overview?refresh=2");
  const hosts = page.getByRole("region", { name: "Top hosts" });
  assert.equal(await hosts.getByText("new-host").count(), 0);
  const [event] = makeEvents(1, Date.now());
  assert.ok(event !== undefined);
  await world.index([{ ...event, id: "new-host", source: { ...event.source, hostname: "new-host" } }]);
  await hosts.getByText("new-host").waitFor();
  const rows = page.getByRole("region", { name: "Falco events", exact: true });
  await rows.getByRole("button", { name: "Open the event" }).first().click();
  await rows.getByRole("button", { name: "Filter out hostname" }).click();
  await page.locator(".pill.not", { hasText: "hostname: new-host" }).waitFor();
  await until(async () => (await hosts.getByText("new-host").count()) === 0);
  assert.deepEqual(faults, []);
  await page.context().close();
});
