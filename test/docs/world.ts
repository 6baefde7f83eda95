import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programs } from "../../scripts/reference-pages.ts";
import { ROOT } from "../support/requirements.ts";

/** What a reader may change by what the pages tell: inside, it's a layer of its own that goes with the world. */
const LAYERS = ["/etc", "/var/lib", "/usr/lib/sysusers.d", "/usr/share/bash-completion", "/usr/local/lib", ROOT];

/**
 * A reader's machine: this one with ports of its own and with folders whose changes nobody else sees. The programs are on its
 * path under the names that an installation gives them.
 */
export interface World {
  /** Where commands are typed that aren't typed in the project's folder. */
  readonly home: string;
  /** Starts a shell's command line in a folder. */
  start(command: string, folder: string): RunningCommand;
  /** Ends what still runs, as Ctrl-C does, and takes all away. */
  remove(): Promise<void>;
}

export interface RunningCommand {
  /** All that it has printed so far. */
  output(): string;
  /** Resolves to its exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Ctrl-C. */
  interrupt(): void;
}

/** Makes the world. Remove it. Needs root. */
export async function makeWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "falco-efk-docs-"));
  const home = join(folder, "home");
  const layers = join(folder, "layers");
  for (const name of [home, layers, join(folder, "bin")]) mkdirSync(name);
  for (const { folder: source, program } of programs()) {
    const cli = join(ROOT, "packages", source, "src/cli.ts");
    const flags = "--conditions=@falco-efk/source --disable-warning=ExperimentalWarning";
    writeProgram(join(folder, "bin", program), `exec "${process.execPath}" ${flags} "${cli}" "$@"`);
  }
  writeProgram(join(folder, "bin/sudo"), 'exec "$@"');
  const holder = await holdNamespaces(layers);
  const commands = new Set<RunningCommand>();
  return {
    home,
    start(command, from) {
      const inside = ["--net", "--mount", `--target=${holder.pid}`, `--wdns=${from}`, "sh", "-c", command];
      // A group of its own: Ctrl-C reaches all of it, as in a terminal.
      const child = spawn("nsenter", inside, {
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, PATH: `${join(folder, "bin")}:${process.env["PATH"]}`, HOME: home },
      });
      const started = running(child);
      commands.add(started);
      void started.ended.then(() => commands.delete(started));
      return started;
    },
    async remove() {
      for (const command of commands) command.interrupt();
      await Promise.all([...commands].map(({ ended }) => ended));
      holder.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function writeProgram(file: string, line: string): void {
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
}

/** A process that does nothing but keep the namespaces. */
async function holdNamespaces(layers: string): Promise<ChildProcess> {
  const mounts = LAYERS.map((path, index) => {
    const upper = join(layers, `${index}-upper`);
    const work = join(layers, `${index}-work`);
    return `mkdir -p ${upper} ${work} && mount -t overlay overlay -o lowerdir=${path},upperdir=${upper},workdir=${work} ${path}`;
  });
  const script = [
    "ip link set lo up",
    `mount -t tmpfs tmpfs ${layers}`,
    ...mounts,
    "echo ready",
    "exec sleep infinity",
  ];
  const holder = spawn("unshare", ["--net", "--mount", "sh", "-ec", script.join("\n")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [first] = await Promise.race([once(holder.stdout, "data"), once(holder, "exit")]);
  if (String(first).trim() !== "ready") throw new Error("the namespaces can't be made: see the message above");
  return holder;
}

function running(child: ChildProcess): RunningCommand {
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const ended = once(child, "close").then(([code, name]: (number | string | null)[]) => code ?? name ?? "no exit code");
  const interrupt = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGINT");
    } catch {
      // It has ended by itself.
    }
  };
  return { output: () => output, ended, interrupt };
}
