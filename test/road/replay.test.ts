import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startSuite } from "../support/suite.ts";
import { until } from "../support/until.ts";

const SAMPLE = fileURLToPath(new URL("../../packages/up/captures/sample.capture", import.meta.url));

test("a replay fills the store, and the status, every document and the console say REPLAY", async (t) => {
  const suite = await startSuite(["--replay", SAMPLE]);
  t.after(() => suite.remove());
  await suite.running();

  const answer = await until("the replayed alerts in the store", 20_000, async () => {
    const found = await suite.search({ size: 100, track_total_hits: true });
    return found.hits.total.value >= 20 ? found : null;
  });
  assert.deepEqual(new Set(answer.hits.hits.map((hit) => hit._source["mode"])), new Set(["REPLAY"]));
  const pipeline = await fetch(`${suite.consoleUrl}/api/console/pipeline`);
  assert.match(await pipeline.text(), /"mode":"replay"/);
  assert.equal(await suite.interrupt(), 0, suite.output());
  assert.match(suite.output(), /^REPLAY /m);
  assert.match(suite.output(), /Open http:\S+\?from=\S+&to=\S+ in a browser/);
});

test("no program stays behind when falco-efk is killed", async (t) => {
  const suite = await startSuite(["--replay", SAMPLE]);
  t.after(() => suite.remove());
  await suite.running();
  const urls = [suite.storeUrl, suite.consoleUrl, suite.shipUrl, suite.alertUrl];
  suite.process.kill("SIGKILL");
  await until("every program to end", 20_000, async () => {
    const answers = await Promise.all(
      urls.map((url) =>
        fetch(url).then(
          () => true,
          () => false,
        ),
      ),
    );
    return answers.includes(true) ? null : true;
  });
});
