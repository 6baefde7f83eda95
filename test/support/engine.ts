import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts } from "./ports.ts";
import type { AlertLine } from "./suite.ts";
import { until } from "./until.ts";

const ENGINE = fileURLToPath(new URL("../../packages/engine/src/cli.ts", import.meta.url));

/** The suite's own rules. */
export const DEFAULT_RULES: string = fileURLToPath(new URL("../../rules/falco_rules.yaml", import.meta.url));

/** A rule as a rule file has it; `output` is the fields that an alert shows. */
export interface RuleInput {
  readonly rule: string;
  readonly condition: string;
  readonly output: string;
}

/** What a test asks of a falco-engine. */
export interface EngineOptions {
  /** Takes its files. */
  readonly folder: string;
  /** Rule files, loaded first. */
  readonly rulesFiles?: readonly string[];
  /** Rules of the test's own. */
  readonly rules?: readonly RuleInput[];
  /** Configuration beside the outputs and the web server. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** A falco-engine that runs as a program of its own. */
export interface LiveEngine {
  readonly pid: number;
  /** Its web server. */
  readonly url: string;
  alerts(): AlertLine[];
  /** Waits for an alert that is as asked for. */
  alert(what: string, is: (alert: AlertLine) => boolean): Promise<AlertLine>;
  /** SIGINT; resolves with its exit code. */
  end(): Promise<number | null>;
}

/** Starts it and waits until it watches. */
export async function startEngine({ folder, rulesFiles = [], rules = [], config }: EngineOptions): Promise<LiveEngine> {
  const [port = 0] = await freePorts(1);
  const events = join(folder, `events-${port}.json`);
  const ownRules = join(folder, `rules-${port}.yaml`);
  const configFile = join(folder, `falco-${port}.yaml`);
  writeFileSync(ownRules, JSON.stringify(rules.map((rule) => ({ desc: rule.rule, priority: "NOTICE", ...rule }))));
  const settings = {
    rules_files: [...rulesFiles, ...(rules.length === 0 ? [] : [ownRules])],
    json_output: true,
    stdout_output: { enabled: false },
    syslog_output: { enabled: false },
    file_output: { enabled: true, keep_alive: true, filename: events },
    webserver: { enabled: true, listen_address: "127.0.0.1", listen_port: port },
    watch_config_files: false,
    ...config,
  };
  writeFileSync(configFile, JSON.stringify(settings));
  const args = ["--conditions=@falco-efk/source", ENGINE, "-c", configFile];
  const engine = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  engine.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-4000);
  });
  const ended = once(engine, "close");
  const url = `http://127.0.0.1:${port}`;
  await until("falco-engine", 60_000, async () => {
    if (engine.exitCode !== null) throw new Error(`falco-engine ended with ${engine.exitCode}:\n${complaint}`);
    return (await fetch(`${url}/healthz`).catch(() => null))?.ok === true ? true : null;
  });
  const alerts = (): AlertLine[] => (existsSync(events) ? parseLines(readFileSync(events, "utf8")) : []);
  return {
    pid: engine.pid ?? -1,
    url,
    alerts,
    alert: (what, is) => until(what, 10_000, () => alerts().find(is) ?? null),
    async end() {
      engine.kill("SIGINT");
      const [code] = (await ended) as [number | null];
      return code;
    },
  };
}

function parseLines(text: string): AlertLine[] {
  const complete = text.slice(0, text.lastIndexOf("\n") + 1);
  return complete
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as AlertLine);
}
