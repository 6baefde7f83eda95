import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  linkSync,
  lstatSync,
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
import { type LiveEngine, type RuleInput, startEngine } from "../support/engine.ts";
import { live } from "../support/suite.ts";
import { until } from "../support/until.ts";

const SOURCE = fileURLToPath(new URL("../../packages/probe/test/evasions.c", import.meta.url));

/** What a rule asks of `fd.name`, by the rule's name. */
const QUESTIONS: Readonly<Record<string, string>> = {
  "the program itself": "fd.name = /proc/self/exe",
  "below /var/run": "fd.name startswith /var/run/",
  "below /run": "fd.name startswith /run/",
  "below /lib": "fd.name startswith /lib/",
  "below /usr/lib": "fd.name startswith /usr/lib/",
  "the mount table": "fd.name = /etc/mtab",
  "a process's mounts": "fd.name startswith /proc/ and fd.name endswith /mounts",
  "the secret": "fd.filename = efk-secret and fd.directory endswith /kept",
};
const RULES: readonly RuleInput[] = Object.entries(QUESTIONS).map(([rule, question]) => ({
  rule,
  condition: `evt.type in (open, openat, openat2) and fd.num >= 0 and proc.name startswith pa- and ${question}`,
  output: "%proc.name %fd.name",
}));

interface Deed {
  /** The process's name. */
  readonly name: string;
  readonly way: string;
  readonly path: string;
  readonly place?: string;
  /** What Falco says: the rules that match the name as it was given. */
  readonly falco: Readonly<Record<string, string>>;
  /** What is told beside that where the kernel's path counts too. */
  readonly more: Readonly<Record<string, string>>;
}

/** Opens that rules of Falco's own files ask about by names that are symbolic links, and the ways round a path. */
function deeds(folder: string): readonly Deed[] {
  const kept = join(folder, "kept");
  const place = join(folder, "place");
  const [secret, link, twin] = [join(kept, "efk-secret"), join(folder, "link"), join(folder, "twin")];
  for (const made of [kept, place]) mkdirSync(made);
  writeFileSync(secret, "");
  symlinkSync(secret, link);
  linkSync(secret, twin);
  const told = { "the secret": secret };
  const ran = `/var/run/efk-paths-${process.pid}`;
  writeFileSync(ran, "");
  return [
    {
      name: "pa-self",
      way: "plain",
      path: "/proc/self/exe",
      falco: { "the program itself": "/proc/self/exe" },
      more: {},
    },
    {
      name: "pa-run",
      way: "plain",
      path: ran,
      falco: { "below /var/run": ran },
      more: { "below /run": realpathSync(ran) },
    },
    {
      name: "pa-mtab",
      way: "plain",
      path: "/etc/mtab",
      falco: { "the mount table": "/etc/mtab" },
      more: { "a process's mounts": "/proc/<pid>/mounts" },
    },
    { name: "pa-plain", way: "plain", path: secret, falco: told, more: {} },
    { name: "pa-dirfd", way: "dirfd", path: secret, falco: told, more: {} },
    { name: "pa-relative", way: "relative", path: secret, falco: told, more: {} },
    { name: "pa-dots", way: "plain", path: `${kept}/../kept/./efk-secret`, falco: told, more: {} },
    { name: "pa-link", way: "plain", path: link, falco: {}, more: told },
    { name: "pa-twin", way: "plain", path: twin, falco: {}, more: told },
    { name: "pa-chroot", way: "chroot", path: secret, falco: {}, more: told },
    { name: "pa-bind", way: "bind-folder", path: secret, place, falco: {}, more: told },
    { name: "pa-fd", way: "descriptor", path: secret, falco: told, more: {} },
  ];
}

const isLink = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
const ready = ["/var/run", "/lib", "/etc/mtab"].every(isLink);

test("a rule is held against the name as it was given, as Falco does, and unless that is turned off against the kernel's path", {
  skip: live ? (ready ? false : "/var/run, /lib and /etc/mtab aren't all symbolic links here") : "needs root",
}, async (t) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "efk-paths-")));
  t.after(() => rmSync(`/run/efk-paths-${process.pid}`, { force: true }));
  const program = join(folder, "evasions");
  execFileSync("cc", ["-O1", "-o", program, SOURCE]);
  const list = deeds(folder);
  const start = (match_realpath: boolean): Promise<LiveEngine> =>
    startEngine({ folder, rules: RULES, config: { rule_matching: "all", engine: { match_realpath } } });
  const engines = { falco: await start(false), whole: await start(true) };
  t.after(async () => {
    await Promise.all(Object.values(engines).map((engine) => engine.end()));
    rmSync(folder, { recursive: true, force: true });
  });
  for (const { name, way, path, place } of list) {
    const copy = join(folder, name);
    copyFileSync(program, copy);
    execFileSync(copy, [way, path, ...(place === undefined ? [] : [place])]);
  }
  const told = (engine: LiveEngine, process: string): Record<string, string> =>
    Object.fromEntries(
      engine
        .alerts()
        .filter(({ output_fields: fields }) => fields["proc.name"] === process)
        .map(({ rule, output_fields: fields }) => [
          rule,
          String(fields["fd.name"]).replace(/\/proc\/\d+\//, "/proc/<pid>/"),
        ]),
    );
  // The last deed's alert is the last of all.
  for (const engine of Object.values(engines)) {
    await until("the last deed's alert", 10_000, () => told(engine, "pa-fd")["the secret"] ?? null);
  }
  // Every program loads the C library, by a name below /lib.
  const loads = { "below /lib": told(engines.falco, "pa-plain")["below /lib"] ?? "" };
  assert.match(loads["below /lib"], /^\/lib\//);
  const reallyLoads = { "below /usr/lib": realpathSync(loads["below /lib"]) };
  for (const { name, falco, more } of list) {
    await t.test(name, () => {
      assert.deepEqual(told(engines.falco, name), { ...loads, ...falco });
      assert.deepEqual(told(engines.whole, name), { ...loads, ...reallyLoads, ...falco, ...more });
    });
  }
});
