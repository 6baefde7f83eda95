import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Action, type Outcome, perform, whatIsLacking } from "@falco-efk/generate";
import { freePorts } from "../support/ports.ts";
import type { AlertLine } from "../support/suite.ts";
import { until } from "../support/until.ts";
import { startMakeBelieveDocker } from "./make-believe-docker.ts";

const ENGINE = fileURLToPath(new URL("../../packages/engine/src/cli.ts", import.meta.url));

/** Puts the make-believe Docker's socket where an engine looks for it, for this process and its children only. */
const WITH_DOCKER =
  'mount -t tmpfs tmpfs /run && : >/run/docker.sock && mount --bind "$1" /run/docker.sock && shift && exec "$@"';

/** Whether an event goes to the first rule that it matches, or to all. */
export type RuleMatching = "first" | "all";

/** What came of performing actions under an engine's eyes. */
export interface WatchedRun {
  readonly outcomes: readonly Outcome[];
  readonly alerts: readonly AlertLine[];
}

/** Starts an engine with these rule files, all their rules enabled, performs the actions and gives what it reported. */
export async function watch(
  rulesFiles: readonly string[],
  matching: RuleMatching,
  actions: readonly Action[],
): Promise<WatchedRun> {
  const folder = mkdtempSync(join(tmpdir(), "efk-stock-"));
  const docker = await startMakeBelieveDocker(join(folder, "docker.sock"));
  const [port = 0] = await freePorts(1);
  const events = join(folder, "events.json");
  writeFileSync(join(folder, "falco.yaml"), JSON.stringify(configuration(rulesFiles, matching, events, port)));
  const node = [process.execPath, "--conditions=@falco-efk/source", ENGINE, "-c", join(folder, "falco.yaml")];
  const enter = [
    "--mount",
    "--propagation",
    "private",
    "--",
    "sh",
    "-c",
    WITH_DOCKER,
    "sh",
    join(folder, "docker.sock"),
  ];
  const engine = spawn("unshare", [...enter, ...node], { stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  engine.stderr.on("data", (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const alerts = (): AlertLine[] => (existsSync(events) ? parse(readFileSync(events, "utf8")) : []);
  try {
    await until("the engine", 60_000, async () => {
      if (engine.exitCode !== null) throw new Error(`falco-engine ended with ${engine.exitCode}:\n${complaint}`);
      return (await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null))?.ok === true ? true : null;
    });
    const outcomes: Outcome[] = [];
    const run = { pauseMs: 0, loop: false, signal: new AbortController().signal };
    for await (const outcome of perform(actions, run)) outcomes.push(outcome);
    const fired = (): boolean => {
      const rules = new Set(alerts().map((alert) => alert.rule));
      return actions.every((action) => rules.has(action.rule) || whatIsLacking(action) !== null);
    };
    // Whatever is missing then is told by the tests, rule by rule.
    await until("an alert for each action", 10_000, () => (fired() ? true : null)).catch(() => undefined);
    return { outcomes, alerts: alerts() };
  } finally {
    if (engine.exitCode === null) {
      engine.kill("SIGTERM");
      await once(engine, "close");
    }
    docker.closeAllConnections();
    docker.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function configuration(rulesFiles: readonly string[], matching: RuleMatching, events: string, port: number): object {
  return {
    rules_files: rulesFiles,
    rules: [{ enable: { rule: "*" } }],
    rule_matching: matching,
    json_output: true,
    stdout_output: { enabled: false },
    syslog_output: { enabled: false },
    file_output: { enabled: true, keep_alive: true, filename: events },
    webserver: { enabled: true, listen_address: "127.0.0.1", listen_port: port },
  };
}

function parse(text: string): AlertLine[] {
  const complete = text.slice(0, text.lastIndexOf("\n") + 1);
  return complete
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as AlertLine);
}
