import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { freePorts } from "../support/ports.ts";
import { DEBIAN_IMAGE, importBaseImages } from "./base-images.ts";
import { type Compose, composeProgram, composeWith } from "./compose.ts";
import { type Daemon, startDaemon } from "./daemon.ts";
import { cacheFolder, lacks } from "./requirements.ts";
import { eventually } from "./run.ts";

interface Found {
  readonly hits: { readonly hits: readonly { readonly _source: AlertDocument }[] };
}
interface AlertDocument {
  readonly rule: string;
  readonly hostname: string;
  readonly output_fields: Readonly<Record<string, unknown>>;
}

const PROJECT = "falco-efk-test";
const VICTIM = `falco-efk-victim-${process.pid}`;

describe("docker compose up with the profile embedded", {
  skip: lacks("dockerd", "docker", "debootstrap", "go", "ip"),
  timeout: 900_000,
}, () => {
  let daemon: Daemon;
  let compose: Compose;
  let store: string;
  let password: string;

  before(async () => {
    const cache = cacheFolder();
    daemon = await startDaemon(join(cache, "data"));
    await importBaseImages(daemon, cache);
    const [storePort, consolePort] = await freePorts(2);
    store = `http://127.0.0.1:${storePort}`;
    compose = composeWith(await composeProgram(cache), {
      DOCKER_HOST: `unix://${daemon.socket}`,
      FALCO_EFK_TEST_SOCKET: daemon.socket,
      COMPOSE_PROJECT_NAME: PROJECT,
      COMPOSE_PROFILES: "embedded",
      ELASTICSEARCH_PORT: String(storePort),
      KIBANA_PORT: String(consolePort),
    });
    await compose("down", "-v", "--remove-orphans");
    await compose("build");
    await compose("up", "--detach", "--no-build");
    password = (await compose("run", "--rm", "--no-deps", "setup", "password")).trim();
  });

  after(async () => {
    await daemon?.docker("rm", "-f", VICTIM).catch(() => undefined);
    await compose?.("down", "-v").catch(() => undefined);
    // What an earlier build left in the cache folder; the newest layers stay.
    await daemon?.docker("image", "prune", "--force").catch(() => undefined);
    await daemon?.docker("builder", "prune", "--force", "--keep-storage", "4gb").catch(() => undefined);
    await daemon?.stop();
  });

  const ids = async (...args: string[]): Promise<string[]> =>
    (await daemon.docker(...args)).split("\n").filter((line) => line !== "");

  it("becomes healthy, and what had to end has ended well", async () => {
    const states = await eventually("health", 120_000, async () => {
      const lines = (await compose("ps", "--all", "--format", "{{.Service}} {{.State}} {{.Health}} {{.ExitCode}}"))
        .trim()
        .split("\n");
      return lines.some((line) => / (starting|unhealthy|created) /.test(line)) ? null : lines;
    });
    for (const state of states) {
      assert.match(state, / running healthy 0$|^(setup|setup-keys|falco-bootstrap-embedded) exited +0$/);
    }
    assert.equal(states.length, 10);
  });

  it("lets nobody in without the password", async () => {
    assert.equal((await fetch(`${store}/_search`)).status, 401);
  });

  it("keeps each secret to the account that reads it", async () => {
    const volumes = (await ids("volume", "ls", "-q", "--filter", `label=com.docker.compose.project=${PROJECT}`)).filter(
      (name) => /secrets$|_setup$/.test(name),
    );
    assert.ok(volumes.length >= 9);
    for (const volume of volumes) {
      const open = await daemon.docker(
        ...["run", "--rm", "-v", `${volume}:/v:ro`, DEBIAN_IMAGE, "find", "/v", "-perm", "/077", "-print"],
      );
      assert.equal(open, "", `${volume} has files that others can read`);
    }
  });

  it("finds a shell that was started in a container, with the container's id, name and image", async () => {
    const id = (await daemon.docker("run", "-d", "--name", VICTIM, DEBIAN_IMAGE, "sleep", "600")).trim();
    const document = await eventually("the alert", 60_000, async () => {
      await daemon.docker("exec", "-t", VICTIM, "bash", "-c", "id");
      return findAlert(store, password);
    });
    assert.equal(document.output_fields["container.id"], id.slice(0, 12));
    assert.equal(document.output_fields["container.name"], VICTIM);
    assert.equal(document.output_fields["container.image.repository"], DEBIAN_IMAGE.split(":")[0]);
    assert.equal(document.output_fields["proc.name"], "bash");
    assert.notEqual(document.hostname, id.slice(0, 12));
  });

  it("changes nothing when it is brought up again", async () => {
    await compose("up", "--detach", "--no-build");
    assert.equal((await compose("run", "--rm", "--no-deps", "setup", "password")).trim(), password);
    assert.ok((await findAlert(store, password)) !== null);
  });

  it("leaves nothing behind after `down -v`", async () => {
    await compose("down", "-v");
    const filter = ["--filter", `label=com.docker.compose.project=${PROJECT}`];
    assert.deepEqual(await ids("ps", "-aq", ...filter), []);
    assert.deepEqual(await ids("volume", "ls", "-q", ...filter), []);
    assert.deepEqual(await ids("network", "ls", "-q", ...filter), []);
  });
});

async function findAlert(store: string, password: string): Promise<AlertDocument | null> {
  const query = {
    query: {
      bool: {
        filter: [
          { term: { "rule.keyword": "Terminal shell in container" } },
          { term: { "output_fields.container.name": VICTIM } },
        ],
      },
    },
  };
  const response = await fetch(`${store}/logstash-*/_search`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`elastic:${password}`).toString("base64")}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(query),
  });
  assert.equal(response.status, 200);
  return ((await response.json()) as Found).hits.hits[0]?._source ?? null;
}
