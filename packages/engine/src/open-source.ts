import type { EventSource, KernelFilter, ProcessSnapshot } from "@falco-efk/event";
import type { AccountFiles, EventContext } from "@falco-efk/fields";
import { describeSystemError, type Logger, UserError } from "@falco-efk/kit";
import { type Capture, CaptureError, openCapture, type Probe, type ProbeOptions } from "@falco-efk/probe";
import { accountFilesOf, readCaptureState } from "./capture-state.ts";
import type { EngineConfig } from "./config/config.ts";
import type { OpenedSource } from "./engine.ts";
import { filterOf } from "./filter-of.ts";
import { hostOf } from "./host-of.ts";
import { LiveSource, openLiveProbe, probeOptions } from "./live-source.ts";
import type { LoadedRuleset } from "./load-ruleset.ts";
import { identifyProcesses } from "./own-processes.ts";
import { type Recorder, startRecorder } from "./recorder.ts";

export interface SourceRequest {
  readonly config: EngineConfig;
  readonly rules: LoadedRuleset<EventContext>;
  /** The capture to replay; null: what `engine.kind` says. */
  readonly replay: string | null;
  /** The capture to write; null: none. */
  readonly capture: string | null;
  readonly pushdown: boolean;
  /** Pids whose processes are never alerted on. */
  readonly ignore: readonly number[];
  readonly log: Logger;
}

/** An open source with what is known of the machine it shows. */
export interface SourceWithState extends OpenedSource<EventContext> {
  /** Processes that ran when it was opened. */
  readonly processes: readonly ProcessSnapshot[];
  /** Only where the source is not this machine. */
  readonly recorded?: { readonly hostname: string; readonly bootTime: bigint; readonly accounts: AccountFiles };
}

/** Opens what the configuration and the command line ask for. Throws UserError (`PROBE`, `CAPTURE`). */
export async function openSource(request: SourceRequest): Promise<SourceWithState> {
  if (request.replay !== null) return openSiftedReplay(request.replay, request);
  if (request.config.engine.kind === "nodriver") return { mode: "nodriver", source: nothing(), processes: [] };
  return openLive(request);
}

/** Opens a capture of which only what the rules could match is read, as the kernel would have passed it. */
async function openSiftedReplay(file: string, request: SourceRequest): Promise<SourceWithState> {
  const opened = await openReplay(file);
  const update = async ({ ruleset }: LoadedRuleset<EventContext>, config: EngineConfig): Promise<void> =>
    opened.sift(request.pushdown && config.engine.pushdown ? filterOf(ruleset, true) : null);
  await update(request.rules, request.config);
  return { ...opened, update };
}

/** A recorded source, whole until it is sifted. */
export interface ReplayWithState extends SourceWithState {
  /** Leaves out from now on what the filter does not pass; null leaves out nothing. */
  sift(filter: KernelFilter | null): void;
}

/** Opens a capture. Throws UserError (`CAPTURE`). */
export async function openReplay(file: string): Promise<ReplayWithState> {
  if (file === "") {
    throw new UserError("engine.kind is replay and there is no capture to replay", {
      code: "CAPTURE",
      key: "engine.replay.capture_file",
      hint: "name one there, or with -e",
    });
  }
  let capture: Capture;
  try {
    capture = await openCapture(file);
  } catch (error) {
    const message = error instanceof CaptureError ? error.message.replace(`${file}: `, "") : describeSystemError(error);
    throw new UserError(message, { code: "CAPTURE", file, cause: error });
  }
  const state = readCaptureState(capture.state);
  const { bootTime, processes } = state;
  return {
    mode: "replay",
    source: capture,
    processes,
    recorded: { hostname: capture.meta.hostname, bootTime, accounts: accountFilesOf(state) },
    sift: (filter) => capture.sift(filter, hostOf(processes, false).hostNamespaces ?? null),
  };
}

async function openLive(request: SourceRequest): Promise<SourceWithState> {
  const { log } = request;
  const ignore = identifyProcesses(request.ignore);
  const filterFor = (rules: LoadedRuleset<EventContext>, config: EngineConfig): KernelFilter =>
    filterOf(rules.ruleset, request.pushdown && config.engine.pushdown);
  const optionsFor = (rules: LoadedRuleset<EventContext>, config: EngineConfig): ProbeOptions =>
    probeOptions({ config, filter: filterFor(rules, config), ignore });
  let types = request.rules.ruleset.eventTypes;
  const probe = await openLiveProbe(optionsFor(request.rules, request.config));
  const processes = probe.scanProcesses();
  const host = hostOf(processes, true).hostNamespaces ?? null;
  probe.sift(filterFor(request.rules, request.config), host);
  describe(probe, log);
  let recorder: Recorder | null = null;
  if (request.capture !== null) {
    try {
      recorder = startRecorder(request.capture, probe, log);
      recorder.attach(probe);
    } catch (error) {
      await probe.close();
      throw error;
    }
  }
  const source = new LiveSource(probe, () => recorder?.close());
  return {
    mode: "live",
    source,
    processes,
    mappedBytes: () => source.mappedBytes(),
    async update(rules, config) {
      const wanted = rules.ruleset.eventTypes;
      if ([...wanted].every((type) => types.has(type))) {
        source.setFilter(filterFor(rules, config), host);
        return;
      }
      const next = await openLiveProbe(optionsFor(rules, config));
      next.sift(filterFor(rules, config), host);
      describe(next, log);
      recorder?.attach(next);
      await source.exchange(next);
      types = wanted;
    },
  };
}

function describe(probe: Probe, log: Logger): void {
  const { variant, attach, calls, tracepoints } = probe.describe();
  log.info(
    `watching the kernel: ${calls.length} calls and ${tracepoints.length} tracepoints, attached by ${attach}, programs for ${variant} on`,
  );
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
