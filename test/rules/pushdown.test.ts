import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { DEFAULT_RULES, type LiveEngine, startEngine } from "../support/engine.ts";
import { live } from "../support/suite.ts";
import { until } from "../support/until.ts";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const SOURCE = path("../../packages/probe/test/evasions.c");
const STOCK = ["falco_rules", "falco-incubating_rules", "falco-sandbox_rules"]
  .map((name) => path(`../../../shared/stock-rules/${name}.yaml`))
  .filter((file) => existsSync(file));
const PREFIX = "pd-";

/** What a program of ours did by an engine's word: rule, process, event and file, sorted. */
function verdicts(engine: LiveEngine): string[] {
  return engine
    .alerts()
    .filter(({ output_fields: fields }) => String(fields["proc.name"]).startsWith(PREFIX))
    .map(({ rule, output_fields: fields }) =>
      [rule, fields["proc.name"], fields["evt.type"], fields["fd.name"]].map(String).join(" | "),
    )
    .sort();
}

/** Everyday deeds and evading ones, by programs with names of ours. */
function act(folder: string): void {
  const program = join(folder, "evasions");
  execFileSync("cc", ["-O1", "-o", program, SOURCE]);
  const place = join(folder, "place");
  mkdirSync(place);
  const [link, twin] = [join(folder, "link"), `/etc/efk-pushdown-${process.pid}`];
  symlinkSync("/etc/shadow", link);
  linkSync("/etc/shadow", twin);
  const as = (name: string, file: string, ...args: string[]): void => {
    const copy = join(folder, `${PREFIX}${name}`);
    copyFileSync(file, copy);
    execFileSync(copy, args, { stdio: "ignore" });
  };
  try {
    for (const way of [
      "plain",
      "openat2",
      "dirfd",
      "relative",
      "descriptor",
      "chroot",
      "bind-folder",
      "uring",
      "int80",
    ]) {
      as(way, program, way, "/etc/shadow", place);
    }
    for (const [name, file] of Object.entries({ link, twin, dots: "/etc/../etc/./shadow", other: "/etc/hostname" })) {
      as(name, program, "plain", file);
    }
  } finally {
    rmSync(twin, { force: true });
  }
  const home = join(folder, "home/.ssh");
  mkdirSync(home, { recursive: true });
  as("touch", "/bin/touch", join(folder, ".bashrc"), join(home, "authorized_keys"), `/dev/efk-pushdown-${process.pid}`);
  as("rm", "/bin/rm", `/dev/efk-pushdown-${process.pid}`);
  as("chmod", "/bin/chmod", "4700", join(folder, ".bashrc"));
  as("ln", "/bin/ln", "-s", "/etc/shadow", join(folder, "another"));
  as("find", "/usr/bin/find", folder, "-maxdepth", "1", "-name", "id_rsa");
  as("mkdir", "/bin/mkdir", join(folder, "made"));
  as("last", program, "plain", "/etc/shadow");
}

test("with the kernel's filter and without it the same deeds give the same alerts", {
  skip: live ? false : "needs root: the live kernel is watched",
}, async (t) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "efk-pushdown-")));
  t.diagnostic(
    STOCK.length === 3 ? "with Falco's published rules and the default ones" : "with the default rules alone",
  );
  for (const [set, rulesFiles] of Object.entries({ default: [DEFAULT_RULES], stock: STOCK })) {
    if (rulesFiles.length === 0) continue;
    const start = (pushdown: boolean): Promise<LiveEngine> =>
      startEngine({ folder, rulesFiles, config: { rule_matching: "all", engine: { pushdown } } });
    const engines = [await start(true), await start(false)] as const;
    const work = join(folder, set);
    mkdirSync(work);
    writeFileSync(join(work, "plain"), "");
    act(work);
    for (const engine of engines) {
      await until("the last deed's alert", 20_000, () =>
        verdicts(engine).some((verdict) => verdict.includes(`${PREFIX}last`)) ? true : null,
      );
    }
    const [filtered = [], whole = []] = engines.map(verdicts);
    const passed = await Promise.all(engines.map(opensPassed));
    await Promise.all(engines.map((engine) => engine.end()));
    t.diagnostic(
      `${set}: ${filtered.length} alerts; opens passed of seen: ${passed.map((all) => all.join(" of ")).join(", ")}`,
    );
    assert.ok(filtered.length >= 15, `${filtered.length} alerts are too few to tell anything`);
    assert.deepEqual(filtered, whole);
  }
  rmSync(folder, { recursive: true, force: true });
});

/** Opens that came to user space, and all that the kernel saw. */
async function opensPassed(engine: LiveEngine): Promise<readonly [passed: number, seen: number]> {
  const status = (await (await fetch(`${engine.url}/status`)).json()) as {
    readonly pushdown: Readonly<Record<string, { readonly seen: number; readonly passed: number }>>;
  };
  const opens = ["open", "openat", "openat2"].map((type) => status.pushdown[type] ?? { seen: 0, passed: 0 });
  return [opens.reduce((sum, { passed }) => sum + passed, 0), opens.reduce((sum, { seen }) => sum + seen, 0)];
}
