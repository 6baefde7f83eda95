import { type EventSource, eventTypeByName, type ProcessSnapshot } from "@falco-efk/event";
import type { EventContext } from "@falco-efk/fields";
import type { Logger } from "@falco-efk/kit";
import type { EngineConfig } from "./config/config.ts";
import type { OpenedSource } from "./engine.ts";
import { LiveSource, openLiveProbe, probeOptions } from "./live-source.ts";
import type { LoadedRuleset } from "./load-ruleset.ts";
import { identifyProcesses } from "./own-processes.ts";

export interface SourceRequest {
  readonly config: EngineConfig;
  readonly rules: LoadedRuleset<EventContext>;
  readonly replay: string | null;
  readonly capture: string | null;
  readonly pushdown: boolean;
  /** Pids whose processes are never alerted on. */
  readonly ignore: readonly number[];
  readonly log: Logger;
}

/** An open source with the processes that ran when it was opened. */
export interface SourceWithProcesses extends OpenedSource<EventContext> {
  readonly processes: readonly ProcessSnapshot[];
}

/** Opens what the configuration and the command line ask for. Throws UserError (`PROBE`, `CAPTURE`). */
export async function openSource(request: SourceRequest): Promise<SourceWithProcesses> {
  if (request.config.engine.kind === "nodriver") return { mode: "nodriver", source: nothing(), processes: [] };
  return openLive(request);
}

async function openLive(request: SourceRequest): Promise<SourceWithProcesses> {
  const ignore = identifyProcesses(request.ignore);
  const optionsFor = (rules: LoadedRuleset<EventContext>, config: EngineConfig): Parameters<typeof openLiveProbe>[0] =>
    probeOptions({ config, types: withStateTypes(rules.ruleset.eventTypes), ignore });
  const probe = await openLiveProbe(optionsFor(request.rules, request.config));
  const { variant, attach, calls, tracepoints } = probe.describe();
  request.log.info(
    `watching the kernel: ${calls.length} calls and ${tracepoints.length} tracepoints, by ${attach}, programs for ${variant}`,
  );
  const source = new LiveSource(probe);
  let types = request.rules.ruleset.eventTypes;
  return {
    mode: "live",
    source,
    processes: probe.scanProcesses(),
    async update(rules, config) {
      const wanted = rules.ruleset.eventTypes;
      if ([...wanted].every((type) => types.has(type))) return;
      const next = await openLiveProbe(optionsFor(rules, config));
      source.exchange(next, BigInt(Date.now()) * 1_000_000n);
      types = wanted;
    },
  };
}

/** What feeds the process tree is always seen, whatever the rules ask for. */
const STATE_TYPES: readonly number[] = ["execve", "execveat", "clone", "procexit"].flatMap(
  (name) => eventTypeByName(name)?.id ?? [],
);

function withStateTypes(types: ReadonlySet<number>): ReadonlySet<number> {
  return new Set([...types, ...STATE_TYPES]);
}

/** A source without events, for `engine.kind: nodriver`: it only waits. */
function nothing(): EventSource {
  return {
    kind: "memory",
    run: (_handle, { signal }) =>
      new Promise((resolve) => {
        // Without something to wait for, the process would end.
        const alive = setInterval(() => undefined, 60_000);
        const stop = (): void => {
          clearInterval(alive);
          resolve();
        };
        if (signal.aborted) stop();
        else signal.addEventListener("abort", stop, { once: true });
      }),
    counters: () => ({ produced: 0, delivered: 0, dropped: {}, byType: {} }),
    close: async () => undefined,
  };
}
