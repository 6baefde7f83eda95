import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type TestContext, test } from "node:test";
import { type LiveEngine, type RuleInput, startEngine } from "../support/engine.ts";
import { live } from "../support/suite.ts";
import { until } from "../support/until.ts";

type Fields = Readonly<Record<string, unknown>>;
const needsRoot = { skip: live ? false : "needs root: the live kernel is watched" };
const EXEC = "evt.type in (execve, execveat) and evt.res = SUCCESS";

interface Scene {
  readonly folder: string;
  readonly engine: LiveEngine;
  /** Copies a program of this machine into the folder under another name. */
  copy(program: string, name: string): string;
  /** Fields of the alerts of a rule about a process, in their order, once there are as many. */
  seen(rule: string, process: string, count?: number): Promise<readonly Fields[]>;
}

async function scene(t: TestContext, rules: readonly RuleInput[]): Promise<Scene> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "efk-fields-")));
  const engine = await startEngine({ folder, rules, config: { rule_matching: "all" } });
  t.after(() => engine.end().then(() => rmSync(folder, { recursive: true, force: true })));
  return {
    folder,
    engine,
    copy(program, name) {
      const to = join(folder, name);
      copyFileSync(program, to);
      return to;
    },
    seen: (rule, process, count = 1) =>
      until(`${count} alerts of "${rule}" about ${process}`, 10_000, () => {
        const found = engine.alerts().filter((alert) => alert.rule === rule);
        const fields = found.map((alert) => alert.output_fields).filter((all) => all["proc.name"] === process);
        return fields.length >= count ? fields : null;
      }),
  };
}

/** Runs the shell's program in a mount namespace of its own. */
const apart = (script: string, ...args: string[]): void => {
  execFileSync("unshare", ["--mount", "--propagation", "private", "--", "sh", "-ec", script, "sh", ...args]);
};

const OVERLAY = `
mount -t tmpfs tmpfs "$1"; cd "$1"; mkdir lower upper work merged
cp /bin/true lower/fl-below
mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged
cp /bin/true merged/fl-above
merged/fl-below; merged/fl-above`;

/** Gives itself an unnamed copy of a program and becomes that, by execveat on the descriptor alone. */
const FROM_MEMORY = `
my $name = "fl-memory"; my $fd = syscall(319, $name, 0); open(my $to, ">&=", $fd) or die; open(my $from, "<", "/bin/true") or die;
{ local $/; print {$to} <$from>; } $to->flush;
my $argv = pack("p x8", $name); my $envp = pack("x8");
my $empty = ""; syscall(322, $fd, $empty, $argv, $envp, 0x1000); die "execveat: $!";`;

test("where a program lies is told: an overlay's layers, memory without a name, a file", needsRoot, async (t) => {
  const shown = "%proc.name %proc.is_exe_upper_layer %proc.is_exe_lower_layer %proc.is_exe_from_memfd %proc.exepath";
  const condition = `${EXEC} and (proc.name startswith fl- or proc.is_exe_from_memfd = true)`;
  const { folder, engine, copy, seen } = await scene(t, [{ rule: "Program", condition, output: shown }]);
  const layers = async (name: string): Promise<readonly unknown[]> => {
    const [fields] = await seen("Program", name);
    return ["upper_layer", "lower_layer", "from_memfd"].map((part) => fields?.[`proc.is_exe_${part}`]);
  };
  apart(OVERLAY, folder);
  assert.deepEqual(await layers("fl-above"), [true, false, false]);
  assert.deepEqual(await layers("fl-below"), [false, true, false]);
  execFileSync(copy("/bin/true", "fl-plain"));
  assert.deepEqual(await layers("fl-plain"), [false, false, false]);
  execFileSync("perl", ["-MIO::Handle", "-e", FROM_MEMORY]);
  const { output_fields: memory } = await engine.alert("the program in memory", ({ output_fields: fields }) =>
    String(fields["proc.exepath"]).startsWith("memfd:"),
  );
  assert.equal(memory["proc.is_exe_from_memfd"], true);
  assert.equal(memory["proc.exepath"], "memfd:fl-memory");
  assert.equal(memory["proc.is_exe_upper_layer"], false);
});

test("capabilities are those of the process at the event", needsRoot, async (t) => {
  const output = "%proc.name %thread.cap_permitted %thread.cap_effective %thread.cap_inheritable";
  const { copy, seen } = await scene(t, [
    {
      rule: "Capable",
      condition: `${EXEC} and proc.name startswith fl- and thread.cap_effective contains CAP_`,
      output,
    },
    {
      rule: "Incapable",
      condition: `${EXEC} and proc.name startswith fl- and not thread.cap_effective contains CAP_`,
      output,
    },
  ]);
  const some = copy("/bin/true", "fl-some");
  execFileSync("setpriv", ["--bounding-set", "-all,+chown,+net_raw", "--inh-caps", "-all,+net_raw", some]);
  const [fields] = await seen("Capable", "fl-some");
  assert.equal(fields?.["thread.cap_permitted"], "CAP_CHOWN CAP_NET_RAW");
  assert.equal(fields?.["thread.cap_effective"], "CAP_CHOWN CAP_NET_RAW");
  assert.equal(fields?.["thread.cap_inheritable"], "CAP_NET_RAW");
  const none = copy("/bin/true", "fl-none");
  execFileSync("chmod", ["755", join(none, "..")]);
  execFileSync("setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", none]);
  const [without] = await seen("Incapable", "fl-none");
  assert.ok([null, ""].includes(without?.["thread.cap_permitted"] as null | string), JSON.stringify(without));
});

test("every ancestor is known, up to the first process, and none above it", needsRoot, async (t) => {
  const GENERATIONS = 12;
  const indices = Array.from({ length: 40 }, (_, index) => index + 1);
  const output = `%proc.name ${indices.map((index) => `%proc.aname[${index}] %proc.apid[${index}]`).join(" ")} %proc.aname`;
  const condition = `${EXEC} and proc.name = fl-leaf and proc.aname = fl-${GENERATIONS}`;
  const { folder, copy, seen } = await scene(t, [{ rule: "Descendant", condition, output }]);
  const chain = join(folder, "chain");
  writeFileSync(chain, 'next=$1; shift; if [ $# -gt 0 ]; then "$next" "$0" "$@"; else "$next"; fi; :');
  const shells = indices.slice(0, GENERATIONS).map((index) => copy("/bin/sh", `fl-${index}`));
  execFileSync("sh", [chain, ...shells.reverse(), copy("/bin/true", "fl-leaf")]);
  const [fields] = await seen("Descendant", "fl-leaf");
  const names = indices.map((index) => fields?.[`proc.aname[${index}]`]);
  assert.deepEqual(names.slice(0, GENERATIONS + 2), [
    ...indices.slice(0, GENERATIONS).map((index) => `fl-${index}`),
    "sh",
    basename(process.execPath),
  ]);
  // From this process on, /proc knows the rest.
  const above: string[] = [];
  for (let pid = process.pid; pid > 0; pid = parentOf(pid)) above.push(String(pid));
  const pids = indices.map((index) => fields?.[`proc.apid[${index}]`]).filter((pid) => pid !== null && pid !== "<NA>");
  assert.deepEqual(pids.slice(GENERATIONS + 1).map(String), above);
  assert.equal(above.at(-1), "1");
});

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
}

const LAST_PID = "/proc/sys/kernel/ns_last_pid";

test("a process that gets another's pid isn't taken for it, nor are its children", {
  skip: live ? (existsSync(LAST_PID) ? false : "the kernel has no ns_last_pid") : "needs root",
}, async (t) => {
  const condition = `${EXEC} and proc.name startswith fl-`;
  const output = "%proc.name %proc.pid %proc.pname %proc.ppid %proc.cmdline %proc.exepath";
  const { folder, copy, seen } = await scene(t, [{ rule: "Started", condition, output }]);
  const [first, second, child] = ["fl-first", "fl-second", "fl-child"].map((name) => copy("/bin/sh", name));
  // Others take pids too: try until the second got the first one's.
  const script = `
pid=$("$1" -c 'echo $$; :')
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  echo $((pid - 1)) > ${LAST_PID}
  "$2" -c 'echo $$; "$0" -c :; :' "$3" > "$4" & wait
  [ "$(cat "$4")" = "$pid" ] && { echo "$pid"; exit 0; }
done
exit 1`;
  const ran = execFileSync("sh", ["-c", script, "sh", first ?? "", second ?? "", child ?? "", join(folder, "pid")]);
  const pid = Number(ran);
  const [before] = await seen("Started", "fl-first");
  assert.equal(before?.["proc.pid"], pid);
  const after = (await seen("Started", "fl-second")).find((fields) => fields["proc.pid"] === pid);
  assert.equal(after?.["proc.exepath"], second);
  assert.equal(after?.["proc.pname"], "sh");
  const below = (await seen("Started", "fl-child")).find((fields) => fields["proc.ppid"] === pid);
  assert.equal(below?.["proc.pname"], "fl-second");
});

test(
  "processes that start while the engine does are known, with their parents, and none of their deeds is missed after",
  needsRoot,
  async (t) => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "efk-fields-")));
    for (const name of ["fl-top", "fl-parent", "fl-child"]) copyFileSync("/bin/sh", join(folder, name));
    const stop = join(folder, "stop");
    // Each parent lives for ten children, so that some are born before the scan of /proc, some in it and some after.
    const parent = 'i=0; while [ $i -lt 10 ]; do ./fl-child -c : "$1" $i; i=$((i + 1)); done';
    const top = `n=0; while [ ! -e stop ]; do ./fl-parent -c '${parent}' fl-parent $n; n=$((n + 1)); done`;
    const forks = spawn(join(folder, "fl-top"), ["-c", top], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
    const ended = once(forks, "close");
    const condition = `${EXEC} and proc.name = fl-child`;
    const output = "%proc.name %proc.args %proc.pname %proc.aname[2] %proc.pcmdline";
    const engine = await startEngine({ folder, rules: [{ rule: "Child", condition, output }] });
    t.after(() => engine.end().then(() => rmSync(folder, { recursive: true, force: true })));
    const children = (): Fields[] => engine.alerts().map(({ output_fields }) => output_fields);
    await until("children", 10_000, () => (children().length > 200 ? true : null));
    writeFileSync(stop, "");
    await ended;
    const numberOf = (fields: Fields): number => {
      const [, tens = "", ones = ""] = /(\d+) (\d)$/.exec(String(fields["proc.args"])) ?? [];
      return Number(tens) * 10 + Number(ones);
    };
    // The last one's alert is there when the parent that was being served is complete.
    const last = await until("the last child", 10_000, () => {
      const greatest = Math.max(...children().map(numberOf));
      return greatest % 10 === 9 ? greatest : null;
    });
    const seen = children();
    const first = numberOf(seen[0] ?? {});
    assert.deepEqual(
      seen.map(numberOf),
      Array.from({ length: last - first + 1 }, (_, index) => first + index),
    );
    for (const fields of seen) {
      assert.equal(fields["proc.pname"], "fl-parent");
      assert.equal(fields["proc.aname[2]"], "fl-top");
      assert.match(String(fields["proc.pcmdline"]), /^fl-parent -c .* fl-parent \d+$/);
    }
  },
);

const DATAGRAMS = `
use Socket; $| = 1;
socket(my $s, AF_INET, SOCK_DGRAM, 0) or die;
my ($a, $b) = map { pack_sockaddr_in($_, INADDR_LOOPBACK) } 40001, 40002;
send($s, "x", 0, $_) for $a, $a, $b, $a;
connect($s, $b) or die; send($s, "y", 0);
socket(my $t, AF_INET, SOCK_STREAM, 0) or die; connect($t, pack_sockaddr_in(1, INADDR_LOOPBACK));`;

test("a datagram socket's name changes with whom it is sent to, and a connect connects it", needsRoot, async (t) => {
  const condition = "evt.type in (sendto, connect) and proc.name = fl-udp and fd.type in (ipv4)";
  const output = "%proc.name %evt.type %fd.name %fd.name_changed %fd.connected";
  const { copy, seen } = await scene(t, [{ rule: "Sent", condition, output }]);
  execFileSync(copy("/usr/bin/perl", "fl-udp"), ["-e", DATAGRAMS]);
  const events = await seen("Sent", "fl-udp", 7);
  assert.deepEqual(
    events.map((fields) => [
      fields["evt.type"],
      /:(\d+)$/.exec(String(fields["fd.name"]))?.[1],
      fields["fd.name_changed"],
      fields["fd.connected"],
    ]),
    [
      ["sendto", "40001", true, false],
      ["sendto", "40001", false, false],
      ["sendto", "40002", true, false],
      ["sendto", "40001", true, false],
      ["connect", "40002", false, true],
      ["sendto", "40002", false, true],
      ["connect", "1", false, false],
    ],
  );
});

test("the engine's own deeds are told by who it is: the same program, run by another, alerts", needsRoot, async (t) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "efk-fields-")));
  const condition = `evt.type in (open, openat, openat2) and fd.name startswith ${folder}/`;
  const rules = [{ rule: "Touched", condition, output: "%proc.name %proc.pid %proc.exepath %fd.name" }];
  // Each write opens the file anew.
  const config = { file_output: { enabled: true, keep_alive: false, filename: join(folder, "own.json") } };
  const engine = await startEngine({ folder, rules, config });
  t.after(() => engine.end().then(() => rmSync(folder, { recursive: true, force: true })));
  const own = (): Fields[] =>
    (existsSync(join(folder, "own.json")) ? readFileSync(join(folder, "own.json"), "utf8").trimEnd().split("\n") : [])
      .filter((line) => line !== "")
      .map((line) => (JSON.parse(line) as { output_fields: Fields }).output_fields);
  execFileSync(process.execPath, ["-e", `require("fs").readFileSync("${folder}/own.json", { flag: "a+" })`]);
  const other = await until(
    "the other's alert",
    10_000,
    () => own().find((fields) => fields["proc.name"] === basename(process.execPath)) ?? null,
  );
  assert.equal(other["proc.exepath"], realpathSync(process.execPath));
  execFileSync(process.execPath, ["-e", `require("fs").readFileSync("${folder}/own.json")`]);
  await until("the next alert", 10_000, () => (own().length > 1 ? true : null));
  assert.ok(own().every((fields) => fields["proc.pid"] !== engine.pid));
});
