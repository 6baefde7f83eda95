import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { kernelFacts } from "@falco-efk/probe";
import { atEnd, temporaryFolder, until } from "./support.ts";

const CLI = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
const NOBODY = "65534";
const NEEDED = ["bpf", "perfmon", "dac_read_search", "sys_ptrace"];

/** As systemd starts a service with `User=nobody` and `AmbientCapabilities=`. */
function asNobody(capabilities: readonly string[]): string[] {
  const set = ["-all", ...capabilities.map((name) => `+${name}`)].join(",");
  return [
    ...[`--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"],
    ...["inh-caps", "ambient-caps", "bounding-set"].map((name) => `--${name}=${set}`),
    ...[process.execPath, "--conditions=@falco-efk/source", CLI],
  ];
}

/** Why there can be no such user here; null when there can. */
function obstacle(): string | null {
  if (process.getuid?.() !== 0) return "only root can give capabilities to another user";
  if (spawnSync("setpriv", ["--version"]).status !== 0) return "there is no setpriv";
  if (spawnSync("setpriv", [...asNobody([]), "--version"]).status !== 0) return "nobody may not read the sources here";
  const { missingCapabilities, btf } = kernelFacts();
  if (missingCapabilities.length > 0) return `missing capabilities: ${missingCapabilities.join(", ")}`;
  return btf ? null : "the kernel has no BTF";
}

test("as another user with four capabilities it watches everything and reads what it needs of others", async (t) => {
  const reason = obstacle();
  if (reason !== null) return t.skip(reason);
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o755);
  const secret = join(folder, "secret");
  const rules = join(folder, "rules.yaml");
  const out = join(folder, "out");
  writeFileSync(secret, "secret", { mode: 0o600 });
  writeFileSync(out, "");
  const condition = `evt.type in (open, openat, openat2) and fd.name = ${secret}`;
  const output = "%proc.name of %proc.pname in %proc.cwd by %proc.exepath";
  writeFileSync(rules, `- {rule: Read, desc: d, condition: "${condition}", output: "${output}", priority: NOTICE}\n`);
  const settings = ["webserver.enabled=false", "engine.compat=on"].flatMap((setting) => ["-o", setting]);
  const child = spawn("setpriv", [...asNobody(NEEDED), "-r", rules, "-U", ...settings], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (said += data.toString()));
  atEnd(t, () => child.kill("SIGKILL"));
  await until(() => said.includes("1 rules from"), 60_000);
  assert.match(said, /programs for (6\.2|5\.17) on/, "the fallback is for older kernels");
  execFileSync("cat", [secret], { cwd: folder });
  const line = await until(() => /Notice (.*)/.exec(said)?.[1], 10_000);
  const parent = execFileSync("readlink", ["-f", `/proc/${process.pid}/exe`], { encoding: "utf8" }).trim();
  const told = `cat of ${parent.split("/").at(-1)} in ${folder}/ by ${readExe("cat")} `;
  assert.ok(line.startsWith(told), `${line} starts with ${told}`);
  child.kill("SIGINT");
  await once(child, "close");
});

function readExe(name: string): string {
  return execFileSync("sh", ["-c", `readlink -f "$(command -v ${name})"`], { encoding: "utf8" }).trim();
}

test("doctor names the capability that is missing", (t) => {
  const reason = obstacle();
  if (reason !== null) return t.skip(reason);
  const { stdout, status } = spawnSync("setpriv", [...asNobody(NEEDED.slice(1)), "doctor"], { encoding: "utf8" });
  assert.match(stdout, /capabilities.*CAP_BPF/);
  assert.notEqual(status, 0);
});
