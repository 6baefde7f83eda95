import assert from "node:assert/strict";
import test from "node:test";
import { checkTime, SearchTimeoutError, underDeadline } from "../src/query/time-limit.ts";
import { bulkBody, call, openStore } from "./open-store.ts";

test("work over very many values ends at its deadline, and other work has none", () => {
  const work = (): number => {
    for (let i = 0; i < 10_000; i++) {
      checkTime();
    }
    return 1;
  };
  assert.throws(() => underDeadline(performance.now() - 1, work), SearchTimeoutError);
  assert.equal(underDeadline(performance.now() + 60_000, work), 1);
  assert.equal(work(), 1);
});

test("a search that takes longer than it may answers with what it has, and says so", async (t) => {
  const { url } = await openStore(t, { searchLimitMs: 2 });
  const documents = Array.from({ length: 20_000 }, (_, n) => ({ id: `${n}`, source: `{"text":"word${n} other${n}"}` }));
  for (let from = 0; from < documents.length; from += 2000) {
    await call(`${url}/_bulk`, "POST", bulkBody("logstash-a", documents.slice(from, from + 2000)));
  }
  const query = { fuzzy: { text: { value: "word12345", fuzziness: 2 } } };
  const { status, body } = await call(`${url}/logstash-a/_search`, "POST", { query });
  assert.deepEqual([status, body.timed_out], [200, true]);
});
