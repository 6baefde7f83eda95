import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/requirements.ts";
import { readSettings } from "./base-images.ts";
import type { Daemon } from "./daemon.ts";
import { run } from "./run.ts";

const HERE = join(ROOT, "test/docker/elasticsearch");
const INSTALL = join(ROOT, "test/elasticsearch");

/** Builds what stands in for the official image that compose.yaml names, under its name; the daemon keeps it. */
export async function buildElasticsearchImage(daemon: Daemon, cache: string): Promise<void> {
  const version = readSettings().get("STACK_VERSION") ?? "";
  const image = `docker.elastic.co/elasticsearch/elasticsearch:${version}`;
  const there = await daemon.docker("images", "--quiet", image);
  if (there.trim() !== "") return;
  const home = lastLine(await run(join(INSTALL, "install-elasticsearch.sh"), [version], { timeoutMs: 600_000 }));
  const jre = lastLine(await run(join(INSTALL, "runtime.sh"), [], { timeoutMs: 600_000 }));
  const context = mkdtempSync(join(cache, "elasticsearch-"));
  try {
    await run("cp", ["-a", home, join(context, "server")]);
    await run("cp", ["-a", jre, join(context, "jre")]);
    for (const name of ["Dockerfile", "start.sh"]) cpSync(join(HERE, name), join(context, name));
    await daemon.docker("build", "--tag", image, context);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
