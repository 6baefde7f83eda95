import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts } from "./ports.ts";
import { until } from "./until.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** `falco-efk up` as a user starts it, on ports and a data folder of its own. */
export interface Suite {
  readonly data: string;
  readonly storeUrl: string;
  readonly consoleUrl: string;
  readonly engineUrl: string;
  readonly shipUrl: string;
  readonly alertUrl: string;
  readonly process: ChildProcess;
  /** Everything it has printed so far. */
  output(): string;
  /** Waits until the console's address is printed: everything runs. */
  running(): Promise<void>;
  ended: Promise<number>;
  /** Ctrl-C, and wait. */
  interrupt(): Promise<number>;
  /** The alerts in falco_events.json, each line parsed. */
  events(): Promise<AlertLine[]>;
  search(body: object, index?: string): Promise<SearchAnswer>;
  remove(): Promise<void>;
}

export interface AlertLine {
  readonly rule: string;
  readonly priority: string;
  readonly time: string;
  readonly output: string;
  readonly output_fields: Readonly<Record<string, unknown>>;
}

export interface SearchAnswer {
  readonly hits: {
    readonly total: { readonly value: number };
    readonly hits: readonly {
      readonly _id: string;
      readonly _index: string;
      readonly _source: AlertLine & Record<string, unknown>;
    }[];
  };
  readonly aggregations?: Readonly<
    Record<string, { readonly buckets: readonly { readonly key: string; readonly doc_count: number }[] }>
  >;
}

/** True where the live kernel can be watched. */
export const live: boolean = process.getuid?.() === 0;

export async function startSuite(args: readonly string[], data?: string): Promise<Suite> {
  const folder = data ?? (await mkdtemp(join(tmpdir(), "efk-road-")));
  const [es, console, engine, ship, alert] = await freePorts(5);
  const ports = [
    "--es-port",
    es,
    "--console-port",
    console,
    "--engine-port",
    engine,
    "--ship-port",
    ship,
    "--alert-port",
    alert,
  ];
  const child = spawn("sh", [join(ROOT, "scripts/run.sh"), "up", "--data", folder, ...ports.map(String), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const collect = (chunk: Buffer): void => {
    printed += chunk.toString();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const ended = new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? -1)));
  const storeUrl = `http://127.0.0.1:${es}`;
  return {
    data: folder,
    storeUrl,
    consoleUrl: `http://127.0.0.1:${console}`,
    engineUrl: `http://127.0.0.1:${engine}`,
    shipUrl: `http://127.0.0.1:${ship}`,
    alertUrl: `http://127.0.0.1:${alert}`,
    process: child,
    output: () => printed,
    async running() {
      await until("falco-efk up", 120_000, () => {
        if (child.exitCode !== null) throw new Error(`falco-efk ended with ${child.exitCode}:\n${printed}`);
        return printed.includes("in a browser") ? true : null;
      });
    },
    ended,
    async interrupt() {
      child.kill("SIGINT");
      return ended;
    },
    async events() {
      const text = await readFile(join(folder, "falco_events.json"), "utf8");
      return text
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as AlertLine);
    },
    async search(body, index = "logstash-*") {
      const response = await fetch(`${storeUrl}/${index}/_search`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`_search answered ${response.status}: ${await response.text()}`);
      return (await response.json()) as SearchAnswer;
    },
    async remove() {
      if (child.exitCode === null) {
        child.kill("SIGTERM");
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}
