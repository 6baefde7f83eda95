import assert from "node:assert/strict";
import { test } from "node:test";
import { pauseAfter } from "../src/deliver/deliverer.ts";
import { discoverLink } from "../src/deliver/discover-link.ts";
import { composeMessage } from "../src/deliver/message.ts";
import { smtpRecipient } from "../src/deliver/smtp-recipient.ts";
import type { Notification } from "../src/index.ts";
import { startMailReceiver } from "./support/mail-receiver.ts";
import { buildWorld, MINUTE } from "./support/world.ts";

const ONE = "  - { name: one, when: count above 0 in the last 1 minute, recipients: [hook] }";

test("a 429 is tried again no sooner than its Retry-After says", async () => {
  await using world = await buildWorld(ONE);
  world.hook.answers.push({ status: 429, headers: { "retry-after": "40" } });
  world.happen(1);
  await world.step(1000);
  await world.step(39_000);
  assert.equal(world.hook.received.length, 1);
  await world.step(1000);
  assert.equal(world.hook.received.length, 2);
});

test("a Retry-After of years is taken for an hour, so that it doesn't silence what comes after", async () => {
  await using world = await buildWorld(ONE);
  world.hook.answers.push({ status: 429, headers: { "retry-after": "100000000" } });
  world.happen(1);
  await world.step(1000);
  await world.step(59 * MINUTE);
  assert.equal(world.hook.received.length, 1);
  await world.step(MINUTE);
  assert.ok(world.hook.received.length > 1);
});

test("Slack gets no link longer than it takes, and no cut one", async () => {
  await using world = await buildWorld(
    `  - { name: one, when: count above 0 in the last 1 minute, filter: 'output: "${"x".repeat(3000)}"', recipients: [hook] }`,
    "slack",
  );
  world.happen(1);
  await world.step(1000);
  const blocks = (world.hook.received[0]?.body as { blocks: { type: string }[] } | undefined)?.blocks ?? [];
  assert.deepEqual(
    blocks.map(({ type }) => type),
    ["header", "section", "section"],
  );
});

test("a Retry-After that is a date is honoured too", async () => {
  await using world = await buildWorld(ONE);
  world.happen(1);
  world.hook.answers.push({ status: 503, headers: { "retry-after": new Date(Date.now() + 120_000).toUTCString() } });
  await world.step(1000);
  await world.step(100_000);
  assert.equal(world.hook.received.length, 1);
  await world.step(30_000);
  assert.deepEqual(world.titles().slice(0, 2), ["Falco alert one is firing", "Falco alert one is firing"]);
});

test("a recipient that answers 500 and then nothing at all is tried again until it takes the message", async () => {
  await using world = await buildWorld(ONE);
  world.hook.answers.push({ status: 500 }, "silence");
  world.happen(1);
  await world.step(1000);
  await world.step(5_000);
  const [entry] = world.alerter.store.history({ limit: 1 });
  assert.equal(entry?.deliveries[0]?.error, "no answer in time");
  assert.equal(entry?.deliveries[0]?.state, "pending");
  await world.step(10_000);
  assert.equal(world.hook.received.length, 3);
  assert.equal(world.alerter.store.history({ limit: 1 })[0]?.deliveries[0]?.state, "sent");
});

test("a message that the recipient calls malformed is given up and doesn't hold up the next", async () => {
  await using world = await buildWorld(ONE);
  world.hook.answers.push({ status: 400 });
  world.happen(1);
  await world.step(1000);
  assert.equal(world.alerter.store.history({ limit: 1 })[0]?.deliveries[0]?.state, "given-up");
  await world.step(2 * MINUTE);
  assert.deepEqual(world.titles().slice(1), ["Falco alert one is over"]);
});

test("messages to one recipient keep their order while it is down", async () => {
  await using world = await buildWorld(ONE);
  for (let count = 0; count < 4; count++) world.hook.answers.push({ status: 500 });
  world.happen(1);
  for (let count = 0; count < 8; count++) await world.step(MINUTE / 2);
  const sent = world.hook.received.slice(-2).map(({ body }) => (body as { title: string }).title);
  assert.deepEqual(sent, ["Falco alert one is firing", "Falco alert one is over"]);
});

test("a recipient that is down for a day is given up", async () => {
  await using world = await buildWorld(ONE);
  for (let count = 0; count < 400; count++) world.hook.answers.push({ status: 500 });
  world.happen(1);
  await world.step(1000);
  world.now += 25 * 60 * MINUTE;
  await world.alerter.deliverDue();
  const states = world.alerter.store
    .history({ limit: 10 })
    .flatMap(({ deliveries }) => deliveries.map(({ state }) => state));
  assert.deepEqual(states, ["given-up"]);
});

test("the pause between tries doubles from 5 seconds to a quarter of an hour", () => {
  assert.deepEqual(
    [1, 2, 3, 20].map((attempts) => pauseAfter(attempts, 0.5)),
    [5_000, 10_000, 20_000, 900_000],
  );
  assert.equal(pauseAfter(1, 0), 3_750);
});

test("Slack gets a text, a header, the numbers, the top rules and a link, with its control characters escaped", async () => {
  await using world = await buildWorld(ONE, "slack");
  world.happen(3, { rule: "Shell <!channel> & more" });
  await world.step(1000);
  const body = world.hook.received[0]?.body as {
    text: string;
    blocks: { type: string; text?: { type: string; text: string }; elements?: { text: string }[] }[];
  };
  assert.deepEqual(
    body.blocks.map(({ type }) => type),
    ["header", "section", "section", "context"],
  );
  assert.equal(body.blocks[0]?.text?.text, "Falco alert one is firing");
  assert.equal(body.blocks[0]?.text?.type, "plain_text");
  assert.match(body.blocks[1]?.text?.text ?? "", /3 events in 1 minute, above 0/);
  assert.equal(body.blocks[2]?.text?.text, "*Top rules*\n• 3 × Shell &lt;!channel&gt; &amp; more");
  assert.match(
    body.blocks[3]?.elements?.[0]?.text ?? "",
    /^<http:\/\/kibana:5601\/app\/discover#\/[^ |>]+\|Open in Discover>$/,
  );
  assert.match(body.text, /3 events/);
});

test("the link to Discover carries the span and the filter in Kibana's notation", () => {
  const link = discoverLink("http://kibana:5601/", 'rule: "it\'s" and a: *', 0, 60_000);
  const [, parameters = ""] = link.split("?");
  const values = Object.fromEntries(new URLSearchParams(parameters));
  assert.equal(values._g, "(time:(from:'1970-01-01T00:00:00.000Z',to:'1970-01-01T00:01:00.000Z'))");
  assert.equal(values._a, "(index:logstash,query:(language:kuery,query:'rule: \"it!'s\" and a: *'))");
});

test("mail is sent, and one that is refused for good isn't tried again", async () => {
  await using receiver = await startMailReceiver();
  const recipient = smtpRecipient({
    name: "duty",
    host: "127.0.0.1",
    port: receiver.port,
    tls: false,
    from: "falco@example.org",
    to: ["duty@example.org"],
    timeoutMs: 2000,
  });
  const notification: Notification = {
    id: 7,
    time: 0,
    rule: "many",
    when: "count above 5 in the last 5 minutes",
    kind: "firing",
    groups: [{ group: "", value: 9, suppressed: 0, since: 0, topRules: [], over: false }],
    error: null,
    message: "Look at the runbook",
    kql: "",
    from: 0,
    to: 1,
  };
  const message = composeMessage(notification, null);
  assert.deepEqual(await recipient.send(message, "id-1"), { result: "sent" });
  assert.match(receiver.mails[0] ?? "", /^Subject: Falco alert many is firing/m);
  assert.match(receiver.mails[0] ?? "", /^Message-ID: <id-1@falco-alert>/m);
  assert.match(receiver.mails[0] ?? "", /Look at the runbook/);
  assert.match(receiver.mails[0] ?? "", /9 events in 5 minutes, above 5/);
  receiver.refusal = "550 no such mailbox";
  assert.equal((await recipient.send(message, "id-2")).result, "refused");
  receiver.refusal = "451 come back later";
  assert.equal((await recipient.send(message, "id-3")).result, "retry");
  await recipient.close();
});
