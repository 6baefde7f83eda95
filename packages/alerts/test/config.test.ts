import assert from "node:assert/strict";
import { test } from "node:test";
import { describeUserError, UserError } from "@falco-efk/kit";
import { formatWhen, parseConfig, parseWhen } from "../src/index.ts";

const RECIPIENT = 'recipients:\n  team: { type: slack, url: "${HOOK}" }\n';

function errorOf(yaml: string): string {
  try {
    parseConfig(yaml, "alerts.yml", (name) => (name === "HOOK" ? "https://hooks.example/x" : undefined));
  } catch (error) {
    if (error instanceof UserError) return describeUserError(error);
    throw error;
  }
  return "no error";
}

const rule = (text: string): string => `${RECIPIENT}rules:\n  - { name: r, recipients: [team], ${text} }\n`;

const FAULTS: readonly (readonly [string, string, RegExp])[] = [
  ["an unknown key", "intervall: 30s\n", /^alerts\.yml:1:\d+: intervall: unknown key \(did you mean interval\?\)$/],
  [
    "a sentence that isn't one",
    rule("when: often"),
    /^alerts\.yml:4:\d+: rules\.0\.when: "often" isn't understood \(write "count above/,
  ],
  [
    "a filter that isn't KQL",
    rule("when: no events for 5m, filter: 'a:'"),
    /rules\.0\.filter: a value is missing for a: at column 3$/,
  ],
  [
    "a priority that is none",
    rule("when: no events for 5m, priority: bad"),
    /"bad" is no priority \(use one of emergency, alert/,
  ],
  [
    "a throttle that is no duration",
    rule("when: no events for 5m, throttle: soon"),
    /"soon" is no duration \(write 10m or 0\)/,
  ],
  [
    "a recipient that isn't there",
    `rules:\n  - { name: r, when: no events for 5m, recipients: [team] }\n`,
    /team isn't there \(define it under recipients\)/,
  ],
  [
    "a secret in the file",
    'recipients:\n  team: { type: slack, url: "https://hooks.slack.com/services/x" }\n',
    /^alerts\.yml:2:\d+: recipients\.team\.url: is a secret and stands in the file \(put it into/,
  ],
  ["a password in the file", "elasticsearch: { username: a, password: b }\n", /elasticsearch\.password: is a secret/],
  [
    "a variable that isn't set",
    'recipients:\n  t: { type: slack, url: "${NOPE}" }\n',
    /^alerts\.yml:2:\d+: recipients\.t\.url: \$\{NOPE\}: it is not set \(set the variable NOPE, or put it into the keystore\)$/,
  ],
  [
    "a webhook whose address is none",
    "recipients:\n  t: { type: webhook, url: hooks.example/x }\n",
    /^alerts\.yml:2:\d+: recipients\.t\.url: isn't an address \(write http:\/\/HOST\/… or https:\/\/HOST\/…\)$/,
  ],
  [
    "a token in a header",
    "recipients:\n  t: { type: webhook, url: 'http://h/', headers: { X-Auth-Token: abc } }\n",
    /recipients\.t\.headers\.X-Auth-Token: is a secret and stands in the file \(.*\$\{X_AUTH_TOKEN\} here\)$/,
  ],
  [
    "an address that is none",
    "elasticsearch: { url: localhost }\n",
    /"localhost" isn't an address \(write http:\/\/HOST:PORT\)/,
  ],
  [
    "a name that is there twice",
    `${RECIPIENT}rules:\n  - &r { name: r, when: no events for 5m, recipients: [team] }\n  - *r\n`,
    /r is there twice/,
  ],
];

for (const [what, yaml, pattern] of FAULTS) {
  test(`${what} is one clear line`, () => assert.match(errorOf(yaml), pattern));
}

test("an empty file gives the defaults", () => {
  const config = parseConfig("", "alerts.yml", () => undefined);
  assert.equal(config.target.url, "http://127.0.0.1:9200");
  assert.equal(config.target.index, "logstash-*");
  assert.deepEqual(config.api, { host: "127.0.0.1", port: 5602 });
  assert.equal(config.intervalMs, 30_000);
});

test("every sentence is read, and written back in a form that is read the same", () => {
  for (const [text, condition] of [
    ["count above 1000 in the last 5 minutes", { type: "threshold", above: 1000, windowSeconds: 300 }],
    [
      "Count  above 0 in the last 90s per output_fields.proc.aname[2]",
      { type: "threshold", above: 0, windowSeconds: 90, per: "output_fields.proc.aname[2]" },
    ],
    ["a rule not seen for 30 days", { type: "new-rule", quietSeconds: 2_592_000 }],
    ["no events for 1 hour", { type: "absence", windowSeconds: 3600 }],
  ] as const) {
    assert.deepEqual(parseWhen(text), condition);
    const parsed = parseWhen(text);
    assert.deepEqual(parsed === null ? null : parseWhen(formatWhen(parsed)), condition);
  }
  for (const text of ["", "count above -1 in the last 5m", "count above 5", "no events for 0m", "no events for soon"]) {
    assert.equal(parseWhen(text), null);
  }
});
