import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../support/until.ts";
import { run } from "./run.ts";

/** A Docker daemon of the suite's own. */
export interface Daemon {
  readonly socket: string;
  /** The `docker` program against this daemon. */
  docker(...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/**
 * Starts dockerd on a socket in a temporary folder; images and layers lie in `dataFolder`. It has a bridge of its own: another
 * daemon on this machine, or the end of one, doesn't take it away.
 */
export async function startDaemon(dataFolder: string): Promise<Daemon> {
  const folder = mkdtempSync(join(tmpdir(), "falco-efk-docker-"));
  const socket = join(folder, "docker.sock");
  const bridge = `efk${process.pid}`;
  await run("ip", ["link", "add", bridge, "type", "bridge"]);
  await run("ip", ["address", "add", `10.213.${process.pid % 250}.1/24`, "dev", bridge]);
  await run("ip", ["link", "set", bridge, "up"]);
  const log = openSync(join(folder, "log"), "w");
  const child = spawn(
    "dockerd",
    [
      ...["--host", `unix://${socket}`, "--pidfile", join(folder, "pid")],
      ...["--bridge", bridge, "--data-root", dataFolder, "--exec-root", join(folder, "exec")],
    ],
    { stdio: ["ignore", log, log], env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` } },
  );
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const docker = (...args: readonly string[]): Promise<string> =>
    run("docker", args, { environment: { DOCKER_HOST: `unix://${socket}` }, timeoutMs: 300_000 });
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await ended;
    await run("ip", ["link", "delete", bridge]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until("dockerd", 60_000, async () => {
      if (child.exitCode !== null)
        throw new Error(`dockerd ended: ${readFileSync(join(folder, "log"), "utf8").slice(-2000)}`);
      return docker("version").catch(() => null);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return { socket, docker, stop };
}
