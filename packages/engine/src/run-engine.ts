import { hostname as systemHostname } from "node:os";
import { setImmediate as turn } from "node:timers/promises";
import { type ContainerMetadata, discoverRuntimes, type EventContext, RuntimeMetadata } from "@falco-efk/fields";
import { createTroubleLog, describeSystemError, type Listening, type Logger, UserError } from "@falco-efk/kit";
import type { ConfigRequest, LoadedConfig } from "./config/load.ts";
import { loadConfig } from "./config/load.ts";
import { createEngine, type Engine, type Loaded } from "./engine.ts";
import { createEventState, createFieldBinding } from "./event-state.ts";
import { loadRuleset } from "./load-ruleset.ts";
import { EngineMemory } from "./memory/engine-memory.ts";
import { openSource, type SourceWithState } from "./open-source.ts";
import { OwnProcesses } from "./own-processes.ts";
import { watchFiles } from "./watch-files.ts";
import { startWebServer } from "./web/web-server.ts";
import { letYoungHeapGrow } from "./young-heap.ts";

/** What an engine is started with: the command line's wishes over the configuration. */
export interface EngineOptions {
  readonly configRequest: ConfigRequest;
  /** Paths of `-r`; null: the configuration's. */
  readonly rulesPaths: readonly string[] | null;
  /** Replay this capture (`-e`). */
  readonly replay?: string;
  /** Record into this capture (`--capture`). */
  readonly capture?: string;
  readonly pushdown?: boolean;
  readonly unbuffered?: boolean;
  /** Further processes that are never alerted on. */
  readonly ignoreProcesses?: readonly number[];
  /** Descriptor of the stdout output, 1 when absent. */
  readonly stdout?: number;
  /** What alerts name as their host. */
  readonly hostname?: string;
  readonly log: Logger;
  /** Breaks the start off; afterwards it means nothing. */
  readonly signal?: AbortSignal;
  /** A source to use in the place of the kernel or a capture: for tests and embedders. */
  readonly source?: SourceWithState;
}

/** An engine that runs. */
export interface RunningEngine {
  readonly engine: Engine<EventContext>;
  /** Address of the web server, null when it's off. */
  webUrl(): string | null;
  /** Settles when the source has ended or `stop` was called: null, or why it failed. */
  readonly ended: Promise<string | null>;
  stop(): void;
  reload(): Promise<boolean>;
  /** Lets go of everything. The engine has ended or is stopped by this. */
  close(): Promise<void>;
}

/**
 * Loads, opens and starts everything. Throws UserError for what the user can mend, and the signal's reason when it is broken
 * off; nothing stays open then.
 */
export async function startEngine(options: EngineOptions): Promise<RunningEngine> {
  const { log } = options;
  const binding = createFieldBinding();
  let memory: EngineMemory | null = null;
  const load = (): Loaded<EventContext> => {
    const config = loadConfig(options.configRequest);
    memory?.check(config.maxRss);
    const rules = loadRuleset({ config: config.config, paths: options.rulesPaths, ...binding });
    return { config, rules };
  };
  const loaded = load();
  for (const warning of loaded.config.warnings) log.warn(warning);
  for (const warning of loaded.rules.warnings) log.debug(warning);
  const { config } = loaded.config;
  // Loading took the thread: a process's signals that came meanwhile are heard now.
  await turn();
  options.signal?.throwIfAborted();
  // The processes go on in the process tree alone: kept here as well, they would stay for good.
  const { processes, recorded, ...opened } =
    options.source ??
    (await openSource({
      config,
      rules: loaded.rules,
      replay: options.replay ?? (config.engine.kind === "replay" ? config.engine.replay.capture_file : null),
      capture: options.capture ?? null,
      pushdown: options.pushdown ?? true,
      ignore: [process.pid, ...(options.ignoreProcesses ?? [])],
      log,
    }));
  const live = opened.mode === "live";
  if (opened.mode === "replay" && loaded.config.maxRss.bytes === 0) letYoungHeapGrow();
  const hostname = options.hostname ?? recorded?.hostname ?? systemHostname();
  const own = live ? new OwnProcesses() : null;
  const parts = createEventState({
    config,
    live,
    hostname,
    processes,
    ...(recorded === undefined ? {} : { recorded }),
    own,
    ...(live ? { metadata: containerMetadata(log) } : {}),
  });
  const budget = new EngineMemory({
    details: parts.state.details,
    asked: parts.state.asked,
    mapped: () => opened.mappedBytes?.() ?? 0,
    freeWhenIdle: live,
    log,
  });
  let web: Listening | null = null;
  let watcher: { close(): void } = { close: () => undefined };
  const watch = (engine: Engine<EventContext>, now: Loaded<EventContext>): void => {
    watcher.close();
    if (!now.config.config.watch_config_files || !live) return;
    const files = [...now.config.files, ...now.rules.files.map((file) => file.name)];
    watcher = watchFiles(files, [...now.config.folders, ...now.rules.folders], () => void engine.reload());
  };
  let engine: Engine<EventContext>;
  try {
    await unlessAborted(parts.state.prepare(loaded.rules), options.signal);
    engine = await createEngine({
      loaded,
      load,
      event: parts.event,
      state: parts.state,
      opened,
      log,
      memory: budget,
      hostname,
      onChild: (pid) => own?.add(pid),
      ...(options.stdout === undefined ? {} : { stdout: options.stdout }),
      ...(options.unbuffered === undefined ? {} : { unbuffered: options.unbuffered }),
      onReload: async (now) => {
        for (const warning of now.config.warnings) log.warn(warning);
        watch(engine, now);
        budget.take(now.config.maxRss);
        if (JSON.stringify(now.config.config.webserver) === webSettings) return;
        await web?.close();
        web = await openWeb(engine, now.config, options, log);
        webSettings = JSON.stringify(now.config.config.webserver);
      },
    });
  } catch (error) {
    await opened.source.close();
    throw error;
  }
  let webSettings = JSON.stringify(config.webserver);
  try {
    web = await openWeb(engine, loaded.config, options, log);
    budget.take(loaded.config.maxRss);
  } catch (error) {
    await web?.close();
    await engine.close();
    throw error;
  }
  watch(engine, loaded);
  memory = budget;
  budget.start();
  const ended = engine.run();
  return {
    engine,
    ended,
    webUrl: () => web?.url ?? null,
    stop: () => engine.stop(),
    reload: () => engine.reload(),
    async close() {
      watcher.close();
      budget.close();
      engine.stop();
      await ended.catch(() => undefined);
      await engine.close();
      await web?.close();
    },
  };
}

/** Waits, but no longer than until the signal aborts; throws its reason then. */
async function unlessAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal?.reason);
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([work, promise]);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/** Asks the container runtimes of this machine; one that can't be asked is said once in a while. */
function containerMetadata(log: Logger): ContainerMetadata {
  const trouble = createTroubleLog(log);
  return new RuntimeMetadata({
    runtimes: discoverRuntimes(),
    onError: ({ name, socket }, error) =>
      trouble(socket, `${name} at ${socket} can't be asked: ${describeSystemError(error)}`),
  });
}

/** A web server that nobody asked for gives way when its port is taken; one from the configuration is an error then. */
async function openWeb(
  engine: Engine<EventContext>,
  loaded: LoadedConfig,
  options: EngineOptions,
  log: Logger,
): Promise<Listening | null> {
  const { webserver } = loaded.config;
  if (!webserver.enabled) return null;
  const { file, assignments } = options.configRequest;
  const asked = file !== null || assignments.some((text) => text.startsWith("webserver"));
  try {
    return await startWebServer(webserver, engine.view);
  } catch (error) {
    if (asked || !(error instanceof UserError) || error.code !== "LISTEN") throw error;
    log.warn(`there is no web server: ${error.message}`);
    return null;
  }
}
