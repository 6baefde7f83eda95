import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePorts } from "./free-ports.ts";

export interface RealServerOptions {
  readonly product: "elasticsearch" | "opensearch";
  readonly version: string;
  /** Elasticsearch: security on, with this password for the user elastic. */
  readonly password?: string;
  readonly tls?: boolean;
}

export interface RealServer {
  readonly url: string;
  /** The certificate to trust, PEM; null without TLS. */
  readonly ca: string | null;
  stop(): Promise<void>;
}

const SCRIPT = new URL("server.sh", import.meta.url).pathname;

/** Why no real server can be started on this machine; null when one can. */
export function serverMissing(): string | null {
  const missing = ["mvn", "javac", "python3", "curl", "openssl"].filter(
    (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status !== 0,
  );
  return missing.length === 0
    ? null
    : `needs ${missing.join(", ")} (apt-get install maven default-jdk-headless python3-pip curl openssl)`;
}

/** Installs, when it isn't in the cache, and starts a real server. Stop it. */
export async function startRealServer({ product, version, password, tls }: RealServerOptions): Promise<RealServer> {
  const directory = mkdtempSync(join(tmpdir(), `${product}-`));
  const port = await freePorts(100);
  const run = async (command: string): Promise<string> => {
    const { stdout } = await promisify(execFile)(SCRIPT, [command, product, version, directory], {
      env: {
        ...process.env,
        PORT: String(port),
        ...(password === undefined ? {} : { PASSWORD: password }),
        ...(tls === true ? { TLS: "1" } : {}),
      },
    });
    return stdout.trim().split("\n").at(-1) ?? "";
  };
  const stop = async (): Promise<void> => {
    await run("stop");
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const url = await run("start");
    return { url, ca: tls === true ? readFileSync(join(directory, "config/ca.pem"), "utf8") : null, stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}
