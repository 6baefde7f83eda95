import assert from "node:assert/strict";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Alerter, parseConfig } from "@falco-efk/alerts";
import { type BootstrapOptions, bootstrap, destroyBootstrap, readKeystore, type Secrets } from "@falco-efk/bootstrap";
import { createLogger } from "@falco-efk/kit";
import { checkConfig, createShipper, type ShipStats } from "@falco-efk/ship";
import { Agent, request } from "undici";
import { clashingPairs, type FalcoLine, falcoLines } from "./falco-lines.ts";
import { freePorts } from "./free-ports.ts";
import { type RealServer, type RealServerOptions, serverMissing, startRealServer } from "./real-server.ts";

/** The long form (`npm run long`) ships 100,000 lines. */
const LINES = process.env.FALCO_EFK_LONG === undefined ? 5_000 : 100_000;
const NOW = Date.now() - 60_000;

/** What a stock Falco 0.44.1 wrote, recorded; see the README beside it. */
const RECORDED = readFileSync(new URL("../../packages/rules/test/fixtures/falco-alerts.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((entry) => (JSON.parse(entry) as { line: string }).line);

interface ScrollPage {
  readonly _scroll_id: string;
  readonly hits: {
    readonly hits: readonly {
      readonly _source: { readonly time: string };
      readonly fields: { readonly "@timestamp": readonly [string] };
    }[];
  };
}

/** The line that a `_source` was: without what the shipper adds. */
function ownText(source: string): string {
  return source.replace(/"@timestamp":"[^"]*",?/, "").replace(/,\}$/, "}");
}

/** A time without the zeros at its fraction's end. */
function shortest(time: string): string {
  return time.replace(/\.?0+Z$/, "Z");
}

interface Json {
  readonly [key: string]: unknown;
}

/** Runs the whole road against one real server: bootstrap twice, ship, compare, alert, remove. */
export function testRoad(options: RealServerOptions): void {
  const name = `${options.product} ${options.version}`;
  const secured = options.password !== undefined;
  const skip = serverMissing() ?? false;
  describe(`the road against a real ${name}`, { skip }, () => {
    let server: RealServer;
    let agent: Agent;
    let folder: string;
    let bootstrapOptions: BootstrapOptions;
    let secrets: Secrets = {};
    const lines: FalcoLine[] = [];

    const admin = secured ? `Basic ${Buffer.from(`elastic:${options.password}`).toString("base64")}` : null;
    const call = async (method: string, path: string, body?: unknown, authorization: string | null = admin) => {
      const headers: Record<string, string> = { "content-type": "application/json" };
      if (authorization !== null) headers.authorization = authorization;
      const answer = await request(`${server.url}${path}`, {
        method: method as "GET",
        headers,
        dispatcher: agent,
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, text, json: (): Json => JSON.parse(text) };
    };
    const ship = async (input: Json, records: number, more: { index?: string; feed?: () => Promise<void> } = {}) => {
      const key = secrets.FALCO_SHIP_API_KEY;
      const ca = join(folder, "ca.pem");
      if (server.ca !== null) writeFileSync(ca, server.ca);
      const config = checkConfig({
        inputs: [input],
        output: {
          [options.product]: {
            hosts: [server.url],
            ...(more.index === undefined ? {} : { index: more.index }),
            ...(key === undefined ? {} : { api_key: key }),
            ...(server.ca === null ? {} : { ssl: { certificate_authorities: [ca] } }),
          },
        },
        registry: { path: mkdtempSync(join(folder, "registry-")) },
        http: { enabled: false },
      });
      await using shipper = await createShipper(config, { log: createLogger("ship", { level: "silent" }) });
      await more.feed?.();
      let known = 0;
      let deadline = 0;
      for (;;) {
        const stats: ShipStats = shipper.stats();
        const done = stats.acknowledged + stats.deadLettered;
        if (done >= records) return stats;
        if (done > known || deadline === 0) deadline = Date.now() + 120_000;
        if (Date.now() > deadline)
          assert.fail(`only ${done} of ${records}, none in 2 minutes: ${stats.trouble ?? "no trouble"}`);
        known = done;
        await delay(50);
      }
    };

    before(async () => {
      server = await startRealServer(options);
      agent = new Agent({ connect: server.ca === null ? {} : { ca: server.ca } });
      folder = mkdtempSync(join(tmpdir(), "falco-efk-road-"));
      bootstrapOptions = {
        elasticsearch: server.url,
        kibana: null,
        credentials: secured ? { user: "elastic", password: options.password as string } : null,
        ...(server.ca === null ? {} : { ca: server.ca }),
        keystore: join(folder, "keystore"),
        dataStream: true,
        waitMs: 60_000,
      };
    });
    after(async () => {
      await agent?.close();
      await server?.stop();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    });

    test("bootstrap installs, and a second run changes nothing", async () => {
      const first = await bootstrap(bootstrapOptions);
      assert.equal(first.cluster.version, options.version);
      assert.equal(first.cluster.flavour, options.product);
      assert.ok(first.steps.some(({ action }) => action === "create"));
      const second = await bootstrap(bootstrapOptions);
      assert.deepEqual(
        second.steps.filter(({ action }) => action !== "unchanged" && action !== "skip"),
        [],
      );
      secrets = await readKeystore(join(folder, "keystore"));
      assert.equal(Object.keys(secrets).length, secured ? 2 : 0);
    });

    test(`${LINES} lines over all of Falco's fields are shipped without one mapping error`, async (context) => {
      const file = join(folder, "falco_events.json");
      const stream = createWriteStream(file);
      for (const line of falcoLines(LINES, NOW)) {
        lines.push(line);
        if (!stream.write(`${line.text}\n`)) await once(stream, "drain");
      }
      stream.end();
      await once(stream, "finish");
      const started = performance.now();
      const stats = await ship({ type: "filestream", paths: [file] }, LINES);
      const seconds = (performance.now() - started) / 1000;
      context.diagnostic(
        `${Math.round(LINES / seconds)} lines/s into ${name}, ${clashingPairs().length} clashing pairs of names`,
      );
      assert.equal(stats.deadLettered, 0);
      assert.equal(stats.acknowledged, LINES);
      assert.ok(clashingPairs().length >= 72, "the fields whose names clash");
      await call("POST", "/logstash-*/_refresh");
    });

    test("every line is there once, in its UTC day's index", async () => {
      const days = Map.groupBy(lines, ({ day }) => day);
      for (const [day, list] of days) {
        const { json } = await call("GET", `/logstash-${day}/_count`);
        assert.equal(json().count, list.length, day);
      }
    });

    test("the pies' buckets are what was written", async () => {
      for (const [field, key] of [
        ["priority.keyword", "priority"],
        ["rule.keyword", "rule"],
      ] as const) {
        const aggs = { pie: { terms: { field, size: 100 } } };
        const { json } = await call("POST", "/logstash-*/_search", { size: 0, aggs });
        const { buckets } = (json().aggregations as { pie: { buckets: { key: string; doc_count: number }[] } }).pie;
        const expected = [...Map.groupBy(lines, (line) => line[key])].map(([value, list]) => [value, list.length]);
        assert.deepEqual(
          new Map(buckets.map((bucket) => [bucket.key, bucket.doc_count])),
          new Map(expected as [string, number][]),
        );
      }
    });

    test("_source of every line is its own text, token for token, and @timestamp has its nanoseconds", async () => {
      const missing = new Set(lines.map((line) => line.text));
      const first = {
        size: 1000,
        sort: ["_doc"],
        query: { match: { output: "line" } },
        docvalue_fields: [{ field: "@timestamp", format: "strict_date_optional_time_nanos" }],
      };
      let page = await call("POST", "/logstash-*/_search?scroll=2m", first);
      for (;;) {
        const { _scroll_id: scroll_id, hits } = page.json() as unknown as ScrollPage;
        if (hits.hits.length === 0) break;
        for (const { _source, fields } of hits.hits)
          assert.equal(shortest(fields["@timestamp"][0]), shortest(_source.time));
        // The answer's text, not what a parser makes of it: no double holds these integers.
        for (const [, source = ""] of page.text.matchAll(/"_source":(\{.*?"time":"[^"]*"[^}]*\})/g)) {
          const own = ownText(source);
          assert.ok(missing.delete(own), `not what was written, or there twice: ${own}`);
        }
        page = await call("POST", "/_search/scroll", { scroll: "2m", scroll_id });
      }
      assert.equal(missing.size, 0, "every line was found");
    });

    test("an integer above 2^63-1 is found by its digits", async () => {
      const matches = lines.map(({ text }) => /"([a-z_.]+)":18446744073709551615/.exec(text));
      const name = matches.find((match) => match !== null)?.[1];
      assert.ok(name !== undefined, "the generated lines hold such an integer");
      const field = `output_fields.${name}${options.product === "opensearch" ? "" : ".keyword"}`;
      const query = { term: { [field]: "18446744073709551615" } };
      const { json } = await call("POST", "/logstash-*/_count", { query });
      const expected = lines.filter(({ text }) => text.includes(`"${name}":18446744073709551615`)).length;
      assert.equal(json().count, expected);
    });

    /** The lines that a search finds, as their own text. */
    const found = async (index: string, query: object): Promise<string[]> => {
      await call("POST", `/${index}/_refresh`);
      const { text } = await call("POST", `/${index}/_search`, { size: 100, query });
      return [...text.matchAll(/"_source":(\{.*?"time":"[^"]*"[^}]*\})/g)]
        .map((match) => ownText(match[1] as string))
        .sort();
    };

    test("what a stock Falco wrote into its file is taken as it is", async () => {
      const file = join(folder, "stock.json");
      writeFileSync(file, RECORDED.map((line) => `${line}\n`).join(""));
      const stats = await ship({ type: "filestream", paths: [file] }, RECORDED.length);
      assert.deepEqual([stats.acknowledged, stats.deadLettered], [RECORDED.length, 0]);
      const query = { bool: { must_not: { match: { output: "line" } } } };
      assert.deepEqual(await found("logstash-*", query), [...RECORDED].sort());
    });

    test("what a stock Falco sends by http_output goes into the data stream, which rolls over", async () => {
      const port = await freePorts(1);
      const feed = async (): Promise<void> => {
        for (const line of RECORDED) {
          const answer = await request(`http://127.0.0.1:${port}/`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: line,
          });
          assert.equal(answer.statusCode, 200, await answer.body.text());
        }
      };
      const stats = await ship({ type: "http", port }, RECORDED.length, { index: "falco-events", feed });
      assert.deepEqual([stats.acknowledged, stats.deadLettered], [RECORDED.length, 0]);
      assert.deepEqual(await found("falco-events", { match_all: {} }), [...RECORDED].sort());
      const rolled = await call("POST", "/falco-events/_rollover");
      assert.equal(rolled.json().rolled_over, true, rolled.text);
      const { json } = await call("GET", "/falco-events/_mapping");
      assert.equal(Object.keys(json()).length, 2, "the backing index before and the one after");
      for (const { mappings } of Object.values(json()) as {
        mappings: { properties: Record<string, { type: string }> };
      }[])
        assert.equal(mappings.properties["@timestamp"]?.type, "date_nanos");
    });

    test("falco-alert counts what is there, with a key that can only read", async () => {
      const yaml = [
        `elasticsearch: { url: "${server.url}", api_key: "\${KEY:}" ${server.ca === null ? "" : `, ca: "${join(folder, "ca.pem")}"`} }`,
        `recipients: { hook: { type: webhook, url: "http://127.0.0.1:1/" } }`,
        "rules:",
        `  - { name: all, when: count above ${LINES - 1} in the last 3 days, filter: "output: line", recipients: [hook] }`,
        `  - { name: hosts, when: count above 0 in the last 3 days per hostname.keyword, filter: "not priority: Debug", recipients: [hook] }`,
        "  - { name: new, when: a rule not seen for 1 day, recipients: [hook] }",
      ].join("\n");
      const config = parseConfig(yaml, "alerts.yml", () => secrets.FALCO_READ_API_KEY);
      await using alerter = new Alerter({
        config,
        stateFile: ":memory:",
        logger: createLogger("alert", { level: "silent" }),
      });
      const [all, hosts, fresh] = (await alerter.evaluateAll(true)).map(({ evaluation }) => evaluation);
      assert.equal(all?.memory.error, null);
      assert.equal(all?.fired[0]?.value, LINES);
      const hostNames = lines.filter(({ priority }) => priority !== "Debug").length;
      const told = hosts?.fired.filter(({ group }) => group.startsWith("host-")) ?? [];
      assert.equal(
        told.reduce((sum, { value }) => sum + value, 0),
        hostNames,
      );
      assert.ok(Object.keys(fresh?.memory.seen ?? {}).length >= new Set(lines.map(({ rule }) => rule)).size);
    });

    if (secured) {
      test("the shipper's key can add events and do nothing else; the reader's can read and do nothing else", async () => {
        const shipKey = `ApiKey ${secrets.FALCO_SHIP_API_KEY}`;
        const readKey = `ApiKey ${secrets.FALCO_READ_API_KEY}`;
        const event = { "@timestamp": new Date().toISOString() };
        const status = async (method: string, path: string, body: unknown, key: string) =>
          (await call(method, path, body, key)).status;
        assert.equal(await status("POST", "/logstash-2020.01.01/_create/1", event, shipKey), 201);
        assert.equal(await status("PUT", "/logstash-2020.01.01/_doc/1", event, shipKey), 403, "no overwriting");
        assert.equal(await status("GET", "/logstash-*/_search", undefined, shipKey), 403, "no reading");
        assert.equal(await status("DELETE", "/logstash-2020.01.01", undefined, shipKey), 403, "no deleting");
        assert.equal(await status("POST", "/elsewhere/_create/1", event, shipKey), 403, "no other index");
        assert.equal(await status("GET", "/logstash-*/_search", undefined, readKey), 200);
        assert.equal(await status("POST", "/logstash-2020.01.01/_create/2", event, readKey), 403);
        assert.equal(await status("GET", "/.security/_search", undefined, readKey), 403);
      });
    }

    test("a read-only block is one clear line with the mend, and what it stopped is finished once it is lifted", async () => {
      const cluster = (value: boolean | null) =>
        call("PUT", "/_cluster/settings", { persistent: { "cluster.blocks.read_only": value } });
      await destroyBootstrap(bootstrapOptions);
      assert.equal((await cluster(true)).status, 200);
      const blocked = bootstrap(bootstrapOptions);
      await assert.rejects(blocked, (error: Error & { details?: { hint?: string } }) => {
        assert.match(error.message, /refuses to .*FORBIDDEN\/6\/cluster read-only/);
        assert.match(error.details?.hint ?? "", /lift the block: PUT \/_cluster\/settings/);
        return true;
      });
      assert.equal((await cluster(null)).status, 200);
      await bootstrap(bootstrapOptions);
      assert.equal((await bootstrap(bootstrapOptions)).unchanged, true);
    });

    test("another template of the same priority and wrong credentials are one clear line each", async () => {
      await destroyBootstrap(bootstrapOptions);
      const theirs = { index_patterns: ["logstash-*"], priority: 300 };
      assert.equal((await call("PUT", "/_index_template/theirs", theirs)).status, 200);
      await assert.rejects(
        bootstrap(bootstrapOptions),
        /falco-efk-logstash has the same priority \(300\) and pattern \(logstash-\*\) as theirs/,
      );
      await call("DELETE", "/_index_template/theirs");
      assert.ok((await bootstrap(bootstrapOptions)).steps.some(({ action }) => action === "create"));
      if (secured) {
        await assert.rejects(
          bootstrap({ ...bootstrapOptions, credentials: { user: "elastic", password: "wrong" } }),
          /refuses these credentials/,
        );
      }
      if (server.ca !== null) {
        const { ca: _trusted, ...untrusting } = bootstrapOptions;
        await assert.rejects(bootstrap({ ...untrusting, waitMs: 0 }), /its certificate is self-signed/);
      }
    });

    test("destroy leaves every event where it is, and the template that the data stream needs", async () => {
      const count = async () => (await call("GET", "/logstash-*,falco-events/_count")).json().count;
      const before = await count();
      const { steps } = await destroyBootstrap(bootstrapOptions);
      assert.equal((await call("GET", "/_index_template/falco-efk-logstash")).status, 404);
      assert.equal(steps.find(({ name }) => name === "falco-efk-events")?.action, "keep");
      assert.equal(await count(), before);
    });
  });
}
