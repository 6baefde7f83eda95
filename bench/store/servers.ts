import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePorts } from "../../test/elasticsearch/free-ports.ts";
import type { Measured } from "./measure.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const CLI = join(ROOT, "packages", "store", "src", "cli.ts");
const SCRIPT = join(ROOT, "test", "elasticsearch", "server.sh");

/** A server that was started for the benchmark. */
export interface Started extends Measured {
  stop(): Promise<void>;
}

/** Starts the embedded store on a directory, with the settings of its own first line. Says how long until it was ready. */
export async function startEmbedded(directory: string): Promise<Started & { kill(): Promise<void>; readyMs: number }> {
  const [environment = "", flags = ""] =
    /env -S ((?:\S+=\S+ )*)node (.*)/.exec(readFileSync(CLI, "utf8").split("\n")[0] ?? "")?.slice(1) ?? [];
  const own = Object.fromEntries(
    environment
      .trim()
      .split(" ")
      .map((pair) => pair.split("=") as [string, string]),
  );
  const started = performance.now();
  const child: ChildProcess = spawn(
    process.execPath,
    [...flags.split(" "), "--conditions=@falco-efk/source", CLI, "--data", directory, "--port", "0"],
    { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, ...own } },
  );
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`the embedded store ended with ${code} before it was ready`);
  });
  ended.catch(() => undefined);
  const [line] = (await Promise.race([once(child.stdout as NodeJS.ReadableStream, "data"), ended])) as [Buffer];
  const readyMs = Math.round(performance.now() - started);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
  };
  return {
    name: "embedded store",
    url: /ready at (\S+),/.exec(line.toString())?.[1] ?? "",
    pid: child.pid ?? 0,
    readyMs,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

/** Starts a real Elasticsearch out of the cache of `test/elasticsearch`, without security. */
export async function startElasticsearch(version: string, heap: string): Promise<Started> {
  const directory = mkdtempSync(join(tmpdir(), "elasticsearch-bench-"));
  const port = String(await freePorts(100));
  const run = async (command: string): Promise<string> => {
    const { stdout } = await promisify(execFile)(SCRIPT, [command, "elasticsearch", version, directory], {
      env: { ...process.env, PORT: port, HEAP: heap },
    });
    return stdout.trim().split("\n").at(-1) ?? "";
  };
  const stop = async (): Promise<void> => {
    await run("stop");
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const url = await run("start");
    const pid = Number(readFileSync(join(directory, "server.pid"), "utf8"));
    return { name: `Elasticsearch ${version}, heap ${heap}`, url, pid, stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}
