import assert from "node:assert/strict";
import { test } from "node:test";
import { buildWorld, MINUTE } from "./support/world.ts";

const THRESHOLD = `
  - { name: many, when: count above 1000 in the last 5 minutes, throttle: 10m, recipients: [hook] }`;

test("10,000 matching events make one message", async () => {
  await using world = await buildWorld(THRESHOLD);
  world.happen(10_000);
  for (let count = 0; count < 5; count++) await world.step(30_000);
  assert.deepEqual(world.titles(), ["Falco alert many is firing"]);
  const body = world.hook.received[0]?.body as { groups: { value: number }[]; text: string; link: string };
  assert.equal(body.groups[0]?.value, 10_000);
  assert.match(body.text, /10000 events in 5 minutes, above 1000/);
  assert.match(body.link, /^http:\/\/kibana:5601\/app\/discover#\/\?_g=\(time|%28time/);
});

test("exactly the threshold doesn't fire, one more does", async () => {
  await using world = await buildWorld(THRESHOLD);
  world.happen(1000);
  await world.step(1000);
  assert.deepEqual(world.titles(), []);
  world.happen(1);
  await world.step(1000);
  assert.deepEqual(world.titles(), ["Falco alert many is firing"]);
});

test("when it stops, one message says so", async () => {
  await using world = await buildWorld(THRESHOLD);
  world.happen(2000);
  await world.step(1000);
  await world.step(6 * MINUTE);
  await world.step(MINUTE);
  assert.deepEqual(world.titles(), ["Falco alert many is firing", "Falco alert many is over"]);
});

test("while it keeps firing it's told again after the throttle, with the number of evaluations held back", async () => {
  await using world = await buildWorld(THRESHOLD);
  for (let count = 0; count < 11; count++) {
    world.happen(1500);
    await world.step(MINUTE);
  }
  assert.deepEqual(world.titles(), ["Falco alert many is firing", "Falco alert many is firing"]);
  const second = world.hook.received[1]?.body as { suppressed: number; text: string };
  assert.equal(second.suppressed, 9);
  assert.match(second.text, /It fired 9 more times since the last message\./);
});

test("what fires again within the throttle and is over by its end is still told", async () => {
  await using world = await buildWorld(
    "  - { name: one, when: count above 0 in the last 1 minute, throttle: 10m, recipients: [hook] }",
  );
  world.happen(1);
  await world.step(1000);
  await world.step(2 * MINUTE);
  world.happen(1);
  await world.step(1000);
  await world.step(2 * MINUTE);
  assert.deepEqual(world.titles(), ["Falco alert one is firing", "Falco alert one is over"]);
  await world.step(10 * MINUTE);
  assert.equal(world.titles().at(-1), "Falco alert one fired and is over");
  await world.step(10 * MINUTE);
  assert.equal(world.titles().length, 3);
});

test("events that arrive late are found by the second look", async () => {
  await using world = await buildWorld(
    "  - { name: one, when: count above 0 in the last 1 minute, recipients: [hook] }",
  );
  for (let count = 0; count < 4; count++) await world.step(MINUTE);
  world.happen(1, { agoMs: 3 * MINUTE });
  await world.step(30_000);
  assert.deepEqual(world.titles(), []);
  for (let count = 0; count < 40; count++) await world.step(30_000);
  assert.deepEqual(world.titles(), ["Falco alert one fired and is over"]);
});

test("what was told in time isn't told again by the second look", async () => {
  await using world = await buildWorld(
    "  - { name: one, when: count above 0 in the last 1 minute, throttle: '0', recipients: [hook] }",
  );
  await world.step(MINUTE);
  world.happen(1);
  await world.step(1000);
  for (let count = 0; count < 60; count++) await world.step(30_000);
  const fired = world.titles().filter((title) => title.includes("is firing") || title.includes("fired and"));
  assert.ok(
    fired.length <= 2,
    `with throttle 0 each evaluation in the window may tell it, the second look none: ${fired.length}`,
  );
  assert.ok(!world.titles().some((title) => title.includes("fired and is over")));
});

test("what happened while falco-alert was down is told after the restart, once", async () => {
  await using world = await buildWorld(THRESHOLD);
  await world.step(MINUTE);
  world.now += 30 * MINUTE;
  world.happen(3000);
  world.now += 90 * MINUTE;
  await world.restart();
  for (let count = 0; count < 10; count++) await world.step(30_000);
  assert.deepEqual(world.titles(), ["Falco alert many fired and is over"]);
});

test("after a restart nothing is told twice and what wasn't delivered is", async () => {
  await using world = await buildWorld(THRESHOLD);
  world.hook.answers.push({ status: 503 });
  world.happen(2000);
  await world.step(1000);
  assert.equal(world.hook.received.length, 1);
  await world.restart();
  await world.step(10_000);
  assert.equal(world.hook.received.length, 2);
  await world.restart();
  await world.step(10_000);
  assert.equal(world.hook.received.length, 2);
  const ids = world.hook.received.map(({ headers }) => headers["idempotency-key"]);
  assert.equal(new Set(ids).size, 1, "both tries carry the same key");
});

test("a rule per host tells every host in one message", async () => {
  await using world = await buildWorld(
    "  - { name: hosts, when: count above 5 in the last 5 minutes per hostname, recipients: [hook] }",
  );
  for (let host = 0; host < 25; host++) world.happen(6, { host: `host-${host}` });
  world.happen(5, { host: "calm" });
  await world.step(1000);
  assert.equal(world.hook.received.length, 1);
  const body = world.hook.received[0]?.body as { groups: unknown[]; text: string };
  assert.equal(body.groups.length, 25);
  assert.match(body.text, /… and 15 more/);
  assert.doesNotMatch(body.text, /calm/);
});

test("one host that stops while another keeps firing is over by itself", async () => {
  await using world = await buildWorld(
    "  - { name: hosts, when: count above 5 in the last 5 minutes per hostname, recipients: [hook] }",
  );
  world.happen(6, { host: "a" });
  world.happen(6, { host: "b" });
  await world.step(1000);
  await world.step(4 * MINUTE);
  world.happen(6, { host: "b" });
  await world.step(2 * MINUTE);
  assert.deepEqual(world.titles(), ["Falco alert hosts is firing", "Falco alert hosts is over"]);
  assert.match(world.text(1), /^a: no longer above 5/m);
});

test("a rule that wasn't seen for so long fires once; those known before the first start don't", async () => {
  await using world = await buildWorld("  - { name: new, when: a rule not seen for 1 day, recipients: [hook] }");
  world.happen(1, { rule: "Old" });
  world.events.events.splice(0);
  world.happen(3, { rule: "Fresh" });
  await world.step(MINUTE);
  world.happen(1, { rule: "Fresh" });
  await world.step(MINUTE);
  assert.equal(world.hook.received.length, 1);
  assert.match(world.text(0), /The rule "Fresh" has fired \(3 events\)/);
  await world.step(25 * 60 * MINUTE);
  world.happen(1, { rule: "Fresh" });
  await world.step(MINUTE);
  assert.equal(world.hook.received.length, 2);
});

test("silence fires after its window and is over when events come in again", async () => {
  await using world = await buildWorld("  - { name: silence, when: no events for 10 minutes, recipients: [hook] }");
  await world.step(9 * MINUTE);
  assert.deepEqual(world.titles(), [], "a pipeline that was just set up may be silent");
  await world.step(2 * MINUTE);
  world.happen(1);
  await world.step(1000);
  assert.deepEqual(world.titles(), ["Falco alert silence is firing", "Falco alert silence is over"]);
});

test("events that can't be read are silence after the window, and no other rule fires or ends because of it", async () => {
  await using world = await buildWorld(`
  - { name: many, when: count above 10 in the last 5 minutes, recipients: [hook] }
  - { name: silence, when: no events for 10 minutes, recipients: [hook] }`);
  world.happen(20);
  await world.step(1000);
  world.events.failure = "connection refused";
  for (let count = 0; count < 11; count++) await world.step(MINUTE);
  assert.deepEqual(world.titles(), ["Falco alert many is firing", "Falco alert silence is firing"]);
  assert.match(world.text(1), /can't be read for 10 minutes: connection refused/);
  assert.match(world.alerter.health() ?? "", /connection refused/);
});

test("a rule added through the API survives a restart and can be removed; one from the file can't", async () => {
  await using world = await buildWorld(THRESHOLD);
  world.alerter.add({ name: "mine", when: "count above 1 in the last 1 minute", recipients: ["hook"] });
  assert.throws(() => world.alerter.add({ name: "mine", when: "no events for 1m", recipients: ["hook"] }), {
    code: "RULE_EXISTS",
  });
  await world.restart();
  world.happen(2);
  await world.step(1000);
  assert.deepEqual(world.titles(), ["Falco alert mine is firing"]);
  world.alerter.remove("mine");
  await world.restart();
  assert.deepEqual(
    world.alerter.list().map(({ rule }) => rule.name),
    ["many"],
  );
  assert.throws(() => world.alerter.remove("many"), { code: "RULE_IN_FILE" });
  assert.throws(() => world.alerter.remove("gone"), { code: "RULE_UNKNOWN" });
});

test("a sample message is sent at once and says that it is one", async () => {
  await using world = await buildWorld(THRESHOLD);
  const [delivery] = await world.alerter.sample("many");
  assert.equal(delivery?.state, "sent");
  assert.deepEqual(world.titles(), ["Falco alert many (sample message)"]);
  world.hook.answers.push({ status: 404 });
  const [refused] = await world.alerter.sample("many");
  assert.equal(refused?.state, "given-up");
  assert.match(refused?.error ?? "", /answers 404/);
});

test("a sample that is on its way isn't sent a second time by the rounds of a running falco-alert", async () => {
  await using world = await buildWorld(THRESHOLD);
  world.hook.answers.push("silence");
  const sample = world.alerter.sample("many");
  await world.alerter.deliverDue();
  const [delivery] = await sample;
  assert.equal(delivery?.state, "given-up");
  assert.equal(delivery?.error, "no answer in time");
  await world.step(MINUTE);
  assert.equal(world.hook.received.length, 1);
});

test("the link narrows to the groups that fired, whatever stands in their names", async () => {
  await using world = await buildWorld(
    "  - { name: hosts, when: count above 0 in the last 5 minutes per hostname, recipients: [hook] }",
  );
  world.happen(1, { host: 'a "quoted" \\ host' });
  await world.step(1000);
  const link = (world.hook.received[0]?.body as { link: string } | undefined)?.link ?? "";
  const app = new URLSearchParams(link.split("?")[1]).get("_a") ?? "";
  assert.ok(app.includes('hostname: ("a \\"quoted\\" \\\\ host")'), app);
});
