import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { lacks, ROOT } from "../support/requirements.ts";
import { cacheFolder } from "./cache-folder.ts";
import { type CleanRoot, makeCleanRoot } from "./clean-root.ts";
import { run } from "./run.ts";

const PROGRAMS = [
  ...["falco-engine", "falco-ship", "falco-bootstrap", "falco-alert"],
  ...["falco-generate", "falco-store", "falco-console", "falco-efk"],
];

describe("the packed packages in a clean Debian without a compiler", {
  skip: lacks("debootstrap", "unshare", "chroot"),
  timeout: 600_000,
}, () => {
  let root: CleanRoot;
  const tarballs = mkdtempSync(join(tmpdir(), "falco-efk-tarballs-"));

  before(async () => {
    await run(process.execPath, [join(ROOT, "scripts/release.ts"), "pack", tarballs], { timeoutMs: 300_000 });
    root = await makeCleanRoot(cacheFolder(), tarballs);
  });

  after(() => {
    root?.remove();
    rmSync(tarballs, { recursive: true });
  });

  it("is one tarball a package", () => {
    assert.equal(readdirSync(tarballs).length, readdirSync(join(ROOT, "packages")).length);
  });

  for (const program of PROGRAMS) {
    it(`gives ${program}, which says its version with the commit and helps`, async () => {
      const { version } = JSON.parse(readFileSync(join(ROOT, "packages/kit/package.json"), "utf8")) as {
        version: string;
      };
      const said = (await root.run(program, "--version")).split("\n")[0] ?? "";
      assert.ok(said.includes(version), said);
      assert.match(said, /\(commit [0-9a-f]{12}(, changed)?\)/);
      assert.match(await root.run(program, "--help"), new RegExp(`^Usage: ${program} `));
    });
  }

  it("has the default rules in the engine's package", async () => {
    await root.run("falco-engine", "--dry-run");
    const rules = JSON.parse(await root.run("falco-engine", "-L", "--json")) as { rules?: unknown[] } | unknown[];
    const list = Array.isArray(rules) ? rules : (rules.rules ?? []);
    assert.ok(list.length >= 15, `${list.length} rules`);
  });

  it("has the saved objects in bootstrap's package and the page in the console's", async () => {
    const modules = join(root.folder, "usr/local/lib/node_modules/@falco-efk");
    assert.ok(readdirSync(join(modules, "bootstrap/kibana-saved-objects")).includes("dashboard.ndjson"));
    assert.ok(readdirSync(join(modules, "console/dist/page")).includes("index.html"));
  });

  it("checks the shipper's configuration", async () => {
    const config = {
      inputs: [{ type: "filestream", paths: ["/var/log/falco_events.json"] }],
      "output.elasticsearch": {},
    };
    writeFileSync(join(root.folder, "etc/ship.yml"), JSON.stringify(config));
    assert.match(await root.run("falco-ship", "--config", "/etc/ship.yml", "test", "config"), /ok/);
  });

  it("watches the kernel and alerts", async () => {
    const engine = root.start("falco-engine", "-U", "-o", "webserver.enabled=false");
    try {
      await engine.printed(/watching the kernel/);
      await engine.printed(/\d+ rules from/);
      await root.run("cat", "/etc/shadow");
      await engine.printed(/command=cat \/etc\/shadow/);
    } finally {
      await engine.stop();
    }
  });
});
