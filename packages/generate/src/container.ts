import { mkdir, readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "@falco-efk/kit";

/** Writes its own pid into each given file, then becomes the command: so the command starts inside those cgroups. */
const JOIN_AND_EXEC =
  'n=$1; shift; while [ "$n" -gt 0 ]; do echo $$ 2>/dev/null >"$1" || :; shift; n=$((n - 1)); done; exec "$@"';

/**
 * Makes a cgroup `docker/<id>` in every hierarchy that lets us, and answers their folders.
 * Throws UserError (`NO_CGROUP`) when none does.
 */
export async function makeContainerCgroups(id: string): Promise<string[]> {
  const made: string[] = [];
  for (const mountPoint of await cgroupMounts()) {
    const folder = join(mountPoint, "docker", id);
    try {
      await mkdir(folder, { recursive: true });
      made.push(folder);
    } catch {
      // A hierarchy that is read-only or not ours: one of the others will do.
    }
  }
  if (made.length === 0) {
    throw new UserError("no cgroup could be made", {
      code: "NO_CGROUP",
      hint: "run as root where a cgroup file system is mounted writable",
    });
  }
  return made;
}

/** The command line that runs `command` in those cgroups, with its own pid and mount namespaces. */
export function enterContainer(cgroups: readonly string[], command: readonly string[]): string[] {
  const files = cgroups.map((folder) => join(folder, "cgroup.procs"));
  const namespaces = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--"];
  return ["sh", "-c", JOIN_AND_EXEC, "sh", String(files.length), ...files, ...namespaces, ...command];
}

/** Removes the cgroups and the `docker` folder above them where that is empty now. */
export async function removeCgroups(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    for (let attempt = 0; attempt < 50 && !(await removed(folder)); attempt++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await removed(join(folder, ".."));
  }
}

/** A cgroup can't go while the kernel still buries its last process. */
async function removed(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOENT";
  }
}

async function cgroupMounts(): Promise<string[]> {
  const mounts = await readFile("/proc/self/mounts", "utf8");
  return mounts
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, , type]) => type === "cgroup" || type === "cgroup2")
    .map(([, mountPoint = ""]) => mountPoint);
}
