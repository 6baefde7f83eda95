import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { lacks } from "../support/requirements.ts";
import { DEBIAN_IMAGE } from "./base-images.ts";
import { assertShellIsFound, findAlert, PROJECT, type SearchEndpoint, type Stack, startStack } from "./stack.ts";

const VICTIM = `falco-efk-victim-${process.pid}`;

describe("docker compose up with the profile embedded", {
  skip: lacks("dockerd", "docker", "debootstrap", "go", "ip"),
  timeout: 900_000,
}, () => {
  let stack: Stack;
  let store: SearchEndpoint;

  before(async () => {
    stack = await startStack({ profiles: "embedded" });
    store = { url: `http://127.0.0.1:${stack.storePort}`, password: stack.password };
  });

  after(async () => {
    await stack?.daemon.docker("rm", "-f", VICTIM).catch(() => undefined);
    await stack?.remove();
  });

  it("becomes healthy, and what had to end has ended well", async () => {
    const states = await stack.settled();
    for (const state of states) {
      assert.match(state, / running healthy 0$|^(setup|setup-keys|falco-bootstrap-embedded) exited +0$/);
    }
    assert.equal(states.length, 10);
  });

  it("lets nobody in without the password", async () => {
    assert.equal((await fetch(`${store.url}/_search`)).status, 401);
  });

  it("shows the dead letters of the shipper that delivers, to who is logged in to the console", async () => {
    const url = `http://127.0.0.1:${stack.consolePort}/api/console/dead-letters`;
    const letters = await fetch(url, { headers: { authorization: `Basic ${btoa(`elastic:${stack.password}`)}` } });
    assert.deepEqual([letters.status, await letters.json()], [200, { total: 0, letters: [] }]);
    assert.equal((await fetch(url)).status, 401);
  });

  it("keeps each secret to the account that reads it", async () => {
    const label = `label=com.docker.compose.project=${PROJECT}`;
    const volumes = (await stack.list("volume", "ls", "-q", "--filter", label)).filter((name) =>
      /secrets$|_setup$/.test(name),
    );
    assert.ok(volumes.length >= 9);
    for (const volume of volumes) {
      const open = await stack.list(
        ...["run", "--rm", "-v", `${volume}:/v:ro`, DEBIAN_IMAGE, "find", "/v", "-perm", "/077", "-print"],
      );
      assert.deepEqual(open, [], `${volume} has files that others can read`);
    }
  });

  it("finds a shell that was started in a container, with the container's id, name and image", () =>
    assertShellIsFound(stack.daemon, store, VICTIM));

  it("changes nothing when it is brought up again", async () => {
    await stack.compose("up", "--detach", "--no-build");
    assert.equal((await stack.compose("run", "--rm", "--no-deps", "setup", "password")).trim(), stack.password);
    assert.ok((await findAlert(store, "Terminal shell in container", VICTIM)) !== null);
  });

  it("leaves nothing behind after `down -v`", async () => {
    await stack.compose("down", "-v");
    const filter = ["--filter", `label=com.docker.compose.project=${PROJECT}`];
    assert.deepEqual(await stack.list("ps", "-aq", ...filter), []);
    assert.deepEqual(await stack.list("volume", "ls", "-q", ...filter), []);
    assert.deepEqual(await stack.list("network", "ls", "-q", ...filter), []);
  });
});
