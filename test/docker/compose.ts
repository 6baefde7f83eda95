import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../support/requirements.ts";
import { run } from "./run.ts";

/** `docker compose` of the project with these profiles. */
export type Compose = (...args: readonly string[]) => Promise<string>;

/** Compose v2, built from test/docker/compose-tool where the cache folder doesn't have it yet. */
export async function composeProgram(cache: string): Promise<string> {
  const program = join(cache, "docker-compose");
  if (!existsSync(program)) {
    await run("go", ["build", "-o", program, "github.com/docker/compose/v2/cmd"], {
      cwd: join(ROOT, "test/docker/compose-tool"),
      timeoutMs: 600_000,
    });
  }
  return program;
}

/** Compose over the shipped files, the suite's own changes to them and `overrides`. */
export function composeWith(
  program: string,
  environment: Readonly<Record<string, string>>,
  overrides: readonly string[],
): Compose {
  const files = ["compose.yaml", "test/docker/compose.test.yaml", ...overrides].flatMap((file) => ["-f", file]);
  return (...args) => run(program, [...files, ...args], { cwd: ROOT, environment, timeoutMs: 600_000 });
}
