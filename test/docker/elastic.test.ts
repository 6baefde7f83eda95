import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { lacks } from "../support/requirements.ts";
import { until } from "../support/until.ts";
import { buildElasticsearchImage } from "./elasticsearch-image.ts";
import { assertShellIsFound, PROJECT, type SearchEndpoint, type Stack, search, startStack } from "./stack.ts";
import { startWebhook, type Webhook } from "./webhook.ts";

const VICTIM = `falco-efk-victim-${process.pid}`;
const GENERATOR = `${PROJECT}-falco-generate-1`;

interface RulesOf {
  readonly aggregations: { readonly rules: { readonly buckets: readonly { readonly key: string }[] } };
}

describe("docker compose up with Elasticsearch, generated events and Slack", {
  skip: lacks("dockerd", "docker", "debootstrap", "go", "ip", "mvn", "javac", "python3", "curl"),
  timeout: 900_000,
}, () => {
  let stack: Stack;
  let webhook: Webhook;
  let elasticsearch: SearchEndpoint;

  before(async () => {
    webhook = await startWebhook();
    stack = await startStack({
      profiles: "elastic,generate,slack",
      overrides: ["test/docker/elasticsearch/compose.yaml"],
      environment: { SLACK_WEBHOOK_URL: `http://host.docker.internal:${webhook.port}/services/test` },
      importImages: buildElasticsearchImage,
    });
    elasticsearch = {
      url: `https://127.0.0.1:${stack.storePort}`,
      password: stack.password,
      ca: await stack.compose("exec", "-T", "elasticsearch", "cat", "config/secrets/ca.crt"),
    };
  });

  after(async () => {
    await stack?.daemon.docker("rm", "-f", VICTIM).catch(() => undefined);
    await stack?.remove();
    webhook?.close();
  });

  it("becomes healthy, and what had to end has ended well", async () => {
    for (const state of await stack.settled()) {
      assert.match(
        state,
        / running healthy 0$|^falco-generate running +0$|^(setup|setup-users|setup-keys|falco-bootstrap) exited +0$/,
      );
    }
  });

  it("ships with a key that can't read what it has written", async () => {
    const variables = await stack.compose("exec", "-T", "falco-ship", "cat", "/etc/falco-efk/env");
    assert.match(variables, /^ELASTICSEARCH_AUTHORIZATION="ApiKey /m);
    assert.ok(!variables.includes(stack.password));
  });

  it("finds a shell that was started in a container, with the container's id, name and image", () =>
    assertShellIsFound(stack.daemon, elasticsearch, VICTIM));

  it("finds what falco-generate performs in its container", async () => {
    const rules = await until("ten rules", 120_000, async () => {
      const { aggregations } = await search<RulesOf>(elasticsearch, {
        size: 0,
        query: { term: { "output_fields.container.name": GENERATOR } },
        aggs: { rules: { terms: { field: "rule.keyword", size: 100 } } },
      });
      const found = aggregations.rules.buckets.map(({ key }) => key);
      return found.length >= 10 ? found : null;
    });
    assert.ok(rules.includes("Read sensitive file untrusted"), rules.join(", "));
  });

  it("tells Slack of a critical event", async () => {
    const message = await until("a message", 120_000, async () => webhook.messages[0] ?? null);
    assert.match(message, /critical/);
  });

  it("delivers with as many workers as it's told", async () => {
    await stack.compose("up", "--detach", "--no-build", "--scale", "falco-ship-worker=2");
    const states = (await stack.settled()).filter((state) => state.startsWith("falco-ship-worker "));
    assert.deepEqual(states, Array(2).fill("falco-ship-worker running healthy 0"));
  });

  it("leaves nothing behind after `down -v`", async () => {
    await stack.compose("down", "-v");
    const filter = ["--filter", `label=com.docker.compose.project=${PROJECT}`];
    assert.deepEqual(await stack.list("ps", "-aq", ...filter), []);
    assert.deepEqual(await stack.list("volume", "ls", "-q", ...filter), []);
  });
});
