import { setTimeout as pause } from "node:timers/promises";
import type { KernelFilter, SourceCounters } from "@falco-efk/event";
import { describeSystemError, UserError, webUrl } from "@falco-efk/kit";
import type { EngineConfig } from "../config/config.ts";
import { hostOf } from "../host-of.ts";
import { openLiveProbe, probeOptions } from "../live-source.ts";
import type { EngineStatus } from "../web/status.ts";

const ANSWER_MS = 2000;

/** What the kernel has seen of each event type and passed, and who counted it. */
export interface KernelCounts {
  readonly from: string;
  readonly byType: SourceCounters["byType"];
}

/** Where the engine of a configuration serves its status. */
export function webUrlOf({ webserver }: EngineConfig): string {
  const host = ["0.0.0.0", "::"].includes(webserver.listen_address) ? "127.0.0.1" : webserver.listen_address;
  return webUrl(webserver.ssl_enabled ? "https" : "http", host, webserver.listen_port);
}

/** Asks a running engine. Throws UserError (`ENGINE`) when none answers there. */
export async function countsOf(url: string): Promise<KernelCounts> {
  const trouble = (what: string, cause?: unknown): UserError =>
    new UserError(`no engine answers at ${url}: ${what}`, {
      code: "ENGINE",
      ...(cause === undefined ? {} : { cause }),
    });
  if (!URL.canParse("/status", url)) throw trouble("it is no URL");
  let status: Partial<EngineStatus>;
  try {
    const answer = await fetch(new URL("/status", url), { signal: AbortSignal.timeout(ANSWER_MS) });
    if (!answer.ok) throw trouble(`status ${answer.status}`);
    status = (await answer.json()) as Partial<EngineStatus>;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw trouble(describeSystemError(error instanceof Error ? (error.cause ?? error) : error), error);
  }
  if (status.pushdown === undefined) throw trouble("what answers is something else");
  return { from: `by the engine at ${url} in ${status.uptimeSeconds} s, with its own rules`, byType: status.pushdown };
}

/** Watches this machine for so long with the filter. Throws UserError (`PROBE`). */
export async function countLive(config: EngineConfig, filter: KernelFilter, seconds: number): Promise<KernelCounts> {
  const probe = await openLiveProbe(probeOptions({ config, filter, ignore: [] }));
  probe.sift(filter, hostOf(probe.scanProcesses(), true).hostNamespaces ?? null);
  const stop = new AbortController();
  const running = probe.run(() => undefined, { signal: stop.signal });
  try {
    await pause(seconds * 1000);
  } finally {
    stop.abort();
    await running;
    await probe.close();
  }
  return { from: `on this machine in ${seconds} s`, byType: probe.counters().byType };
}
