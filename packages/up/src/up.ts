import { setTimeout as sleep } from "node:timers/promises";
import type { UserError } from "@falco-efk/kit";
import { type Child, failure, runChild, startChild } from "./child.ts";
import { assertDiskSpace } from "./disk-guard.ts";
import { LOOPBACK, writeAlertConfig, writeEngineConfig, writeShipConfig } from "./generated-config.ts";
import { type Layout, makeLayout } from "./layout.ts";
import type { UpOptions } from "./options.ts";
import type { ProgramName } from "./programs.ts";
import { assertPortFree, untilReady } from "./readiness.ts";
import { recordedTimeQuery } from "./recorded-time.ts";
import { createStatusReader, type Status } from "./status.ts";

const READY_MS = 60_000;
const GRACE_MS = 15_000;
const DRAIN_MS = 20_000;

/** Where `up` tells how it goes. */
export interface UpReport {
  /** One stage of the start is done. */
  stage(text: string, seconds: number): void;
  /** Everything runs. */
  running(consoleUrl: string, storeUrl: string, layout: Layout): void;
  status(status: Status): void;
}

/**
 * Starts the whole road in order, keeps it until `signal` aborts or the time is over, and stops it in order: the
 * engine first, then the shipper once it has shipped what is written, the store last.
 * Throws UserError when a port is taken, a program fails or ends by itself, or the disk fills up.
 */
export async function up(
  options: UpOptions,
  mode: "live" | "replay",
  signal: AbortSignal,
  report: UpReport,
): Promise<void> {
  const layout = makeLayout(options.data);
  await assertDiskSpace(layout.root);
  const ports = [options.esPort, options.consolePort, options.enginePort, options.shipPort, options.alertPort];
  for (const port of ports) await assertPortFree(LOOPBACK, port);

  const road = new Road(options, mode, layout, signal, report);
  try {
    await road.start();
    if (!signal.aborted) await road.watch();
  } finally {
    await road.stop();
  }
}

class Road {
  readonly #options: UpOptions;
  readonly #mode: "live" | "replay";
  readonly #layout: Layout;
  readonly #signal: AbortSignal;
  readonly #report: UpReport;
  readonly #children: Child[] = [];
  readonly #readStatus: () => Promise<Status>;
  readonly #urls: {
    readonly store: string;
    readonly console: string;
    readonly engine: string;
    readonly ship: string;
    readonly alerts: string;
  };

  constructor(options: UpOptions, mode: "live" | "replay", layout: Layout, signal: AbortSignal, report: UpReport) {
    this.#options = options;
    this.#mode = mode;
    this.#layout = layout;
    this.#signal = signal;
    this.#report = report;
    const url = (port: number): string => `http://${LOOPBACK}:${port}`;
    this.#urls = {
      store: url(options.esPort),
      console: url(options.consolePort),
      engine: url(options.enginePort),
      ship: url(options.shipPort),
      alerts: url(options.alertPort),
    };
    this.#readStatus = createStatusReader(mode, this.#urls);
  }

  async start(): Promise<void> {
    const { store, console, engine, ship, alerts } = this.#urls;
    const layout = this.#layout;
    const engineArguments = this.#engineArguments();
    // Rules and configuration are read before anything starts: they are what a user has just changed.
    await runChild("falco-engine", ["--dry-run", ...engineArguments], { logFile: layout.logFile("falco-engine") });
    await this.#start(
      "falco-store",
      ["--data", layout.store, "--host", LOOPBACK, "--port", String(this.#options.esPort)],
      `${store}/_cluster/health`,
    );
    await this.#start("falco-console", this.#consoleArguments(), `${console}/api/status`);
    await this.#stage("falco-bootstrap", () =>
      runChild(
        "falco-bootstrap",
        ["apply", "--elasticsearch", store, "--kibana", console, "--keystore", layout.keystore],
        {
          logFile: layout.logFile("falco-bootstrap"),
        },
      ),
    );
    await this.#start(
      "falco-ship",
      ["--config", writeShipConfig(layout, this.#options, this.#mode)],
      `${ship}/healthz`,
    );
    await this.#start("falco-alert", this.#alertArguments(), `${alerts}/healthz`);
    await this.#start("falco-engine", [...engineArguments, ...this.#ignoreArguments()], `${engine}/healthz`);
    if (this.#options.generate) await this.#start("falco-generate", ["run", "--all", "--loop", "--pause", "200"], null);
    if (this.#signal.aborted) return;
    const query = this.#mode === "replay" ? await recordedTimeQuery(layout.eventsFile) : "";
    this.#report.running(`${console}${query === "" ? "" : `/app/discover${query}`}`, store, layout);
  }

  /** Reports the status every second until it's time to stop; throws when a program ends or the disk fills up. */
  async watch(): Promise<void> {
    const { forSeconds } = this.#options;
    const deadline = forSeconds === null ? Number.POSITIVE_INFINITY : Date.now() + forSeconds * 1000;
    const fallen = Promise.race(this.#children.map((child) => this.#unexpectedEnd(child)));
    while (!this.#signal.aborted && Date.now() < deadline) {
      this.#report.status(await this.#readStatus());
      await assertDiskSpace(this.#layout.root);
      const pause = sleep(Math.min(1000, Math.max(0, deadline - Date.now())), null, { signal: this.#signal });
      const error = await Promise.race([fallen, pause.catch(() => null)]);
      if (error !== null) throw error;
    }
  }

  /** Settles when the program ends by itself. A replayed capture has an end: its engine may go, the rest stays to be looked at. */
  async #unexpectedEnd(child: Child): Promise<UserError> {
    const code = await child.ended;
    if (this.#mode === "replay" && child.name === "falco-engine" && code === 0) return new Promise(() => {});
    return failure(child.name, code, this.#layout.logFile(child.name));
  }

  async stop(): Promise<void> {
    for (const child of [...this.#children].reverse()) {
      if (child.name === "falco-ship") await this.#drained();
      await child.stop(GRACE_MS);
    }
  }

  /** Waits until the shipper has shipped everything that the engine wrote, for a while at most: what is left goes next time. */
  async #drained(): Promise<void> {
    const deadline = Date.now() + DRAIN_MS;
    while (Date.now() < deadline) {
      const status = await this.#readStatus();
      if (status.lagBytes === 0 || status.shipped === null) {
        this.#report.status(status);
        return;
      }
      await sleep(50);
    }
  }

  async #start(name: ProgramName, args: readonly string[], readyUrl: string | null): Promise<void> {
    if (this.#signal.aborted) return;
    await this.#stage(name, async () => {
      const logFile = this.#layout.logFile(name);
      const child = startChild(name, args, { logFile });
      this.#children.push(child);
      if (readyUrl === null) return;
      await untilReady(child, readyUrl, { logFile, timeoutMs: READY_MS, signal: this.#signal });
    });
  }

  async #stage(name: ProgramName, work: () => Promise<void>): Promise<void> {
    if (this.#signal.aborted) return;
    const begin = performance.now();
    await work();
    this.#report.stage(name, (performance.now() - begin) / 1000);
  }

  #consoleArguments(): string[] {
    const { store, engine, ship, alerts } = this.#urls;
    return [
      ...["--elasticsearch", store, "--host", LOOPBACK, "--port", String(this.#options.consolePort)],
      ...["--data", this.#layout.console, ...(this.#mode === "replay" ? ["--replay"] : [])],
      ...["--engine-url", `${engine}/metrics`, "--ship-url", `${ship}/stats`, "--alerts-url", alerts],
    ];
  }

  #alertArguments(): string[] {
    const config = this.#options.alerts ?? writeAlertConfig(this.#layout, this.#options);
    return ["run", "--config", config, "--state", this.#layout.alerts, "--keystore", this.#layout.keystore];
  }

  #engineArguments(): string[] {
    const replay = this.#options.replay === null ? [] : ["-e", this.#options.replay];
    return ["-c", writeEngineConfig(this.#layout, this.#options), ...replay];
  }

  /** The suite's own programs are told to the engine by pid, which reads their start times: they are never alerted on. */
  #ignoreArguments(): string[] {
    const own = [process.pid, ...this.#children.map((child) => child.pid)];
    return own.flatMap((pid) => ["--ignore-process", String(pid)]);
  }
}
