import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type RealServer, serverMissing, startRealServer } from "../../../test/elasticsearch/real-server.ts";
import { openPage, openPath, settle, startWorld, until, type World } from "./support/browser.ts";
import { makeEvents } from "./support/make-events.ts";

const PASSWORD = "console-password";
const EVENTS = makeEvents(1_000, Date.now());

describe("in front of a real Elasticsearch 9.5", { skip: serverMissing() ?? false }, () => {
  let server: RealServer;
  let world: World;
  before(async () => {
    server = await startRealServer({ product: "elasticsearch", version: "9.5.3", password: PASSWORD, tls: true });
    const cluster = { url: server.url, ca: server.ca ?? "", username: "elastic", password: PASSWORD };
    world = await startWorld({ cluster });
  });
  after(async () => {
    await world?.close();
    await server?.stop();
  });

  test("falco-bootstrap installs into both, and every page shows what is there", async () => {
    assert.match(await world.bootstrap(), /Elasticsearch 9\.5\.3[\s\S]*created/);
    assert.doesNotMatch(await world.bootstrap(), / created /, "a second run changes nothing");
    await world.index(EVENTS);
    const { page, faults } = await openPage(world, "/app/discover");
    const count = page.locator(".count", { hasText: "1,000" });
    await count.waitFor();
    assert.equal(await page.locator(".event-row").count(), 100);
    for (const [query, expected] of [
      ['priority: "Warning" and not hostname: web-01', match("Warning")],
      ["rule: Clear*", EVENTS.filter(({ source }) => String(source.rule).startsWith("Clear")).length],
      ["output_fields.container.n*: nginx", field("container.name", "nginx")],
      ["output_fields.user.uid >= 33", EVENTS.filter(({ source }) => fieldOf(source, "user.uid") === 33).length],
      ["output_fields.fd.name: *", EVENTS.filter(({ source }) => fieldOf(source, "fd.name") !== null).length],
      ["tampered", EVENTS.filter(({ source }) => String(source.output).includes("tampered")).length],
    ] as const) {
      await openPath(world, page, `/app/discover?q=${encodeURIComponent(query)}`);
      const shown = page.locator(".count");
      await until(async () => (await shown.textContent()) === expected.toLocaleString("en"));
    }
    await openPath(world, page, "/app/dashboards/falco-overview");
    const pie = page.getByRole("region", { name: "Falco events by rule" });
    for (const [rule, list] of Map.groupBy(EVENTS, ({ source }) => String(source.rule))) {
      const title = pie.locator(".slice title", { hasText: `${rule}: ${list.length} (` });
      await until(async () => (await title.count()) === 1);
    }
    assert.deepEqual(await page.locator(".panel .fault").allTextContents(), []);
    await openPath(world, page, "/app/pipeline");
    await page.getByRole("region", { name: "Elasticsearch" }).getByText("9.5.3").waitFor();
    await openPath(world, page, "/app/rules");
    await page.getByText(/[\d,]+ of [\d,]+ rules, \d+ fired/).waitFor();
    await settle(page);
    assert.deepEqual(faults, []);
    await page.context().close();
  });
});

function fieldOf(source: Readonly<Record<string, unknown>>, name: string): unknown {
  return (source.output_fields as Readonly<Record<string, unknown>>)[name];
}

function field(name: string, value: unknown): number {
  return EVENTS.filter(({ source }) => fieldOf(source, name) === value).length;
}

function match(priority: string): number {
  return EVENTS.filter(({ source }) => source.priority === priority && source.hostname !== "web-01").length;
}
