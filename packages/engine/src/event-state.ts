import { type EventRecord, eventTypeByName, type FieldResolver, type ProcessSnapshot } from "@falco-efk/event";
import {
  type AccountFiles,
  Accounts,
  type ContainerMetadata,
  Containers,
  createFieldResolver,
  DomainNames,
  dependsOnPath,
  EventContext,
  NO_METADATA,
  ProcessSavings,
  ProcessTable,
  readBootTime,
  readCwd,
  readParentPid,
  readProcess,
} from "@falco-efk/fields";
import { comparedDomains } from "./compared-domains.ts";
import type { EngineConfig } from "./config/config.ts";
import type { EngineState } from "./engine.ts";
import { hostOf } from "./host-of.ts";
import { stateDetails } from "./memory/state-details.ts";
import type { OwnProcesses } from "./own-processes.ts";
import { readsEnvironment } from "./reads-environment.ts";

const EXECS: ReadonlySet<number | undefined> = new Set(["execve", "execveat"].map((name) => eventTypeByName(name)?.id));

/** What rules are compiled against. */
export interface FieldBinding {
  readonly resolver: FieldResolver<EventContext>;
  readonly dependsOnPath: (field: string) => boolean;
}

/** The real fields of an event. */
export function createFieldBinding(): FieldBinding {
  return { resolver: createFieldResolver(), dependsOnPath };
}

export interface EventStateOptions {
  readonly config: EngineConfig;
  /** True for this machine's kernel: only then may /proc be asked. */
  readonly live: boolean;
  /** What a capture knows of the machine it was made on. */
  readonly recorded?: { readonly bootTime: bigint; readonly accounts: AccountFiles };
  readonly hostname: string;
  /** Processes that ran before the first event. */
  readonly processes: readonly ProcessSnapshot[];
  /** The engine's own processes; null in a replay, where pids mean another machine. */
  readonly own: OwnProcesses | null;
  /** Where containers' details come from; absent: nowhere. */
  readonly metadata?: ContainerMetadata;
}

/** The state that events are read with: processes, accounts, containers, names. */
export interface EventStateParts {
  readonly state: EngineState<EventContext>;
  readonly event: EventContext;
}

/** Makes the state for one run of the engine. */
export function createEventState(options: EventStateOptions): EventStateParts {
  const { live, own, recorded } = options;
  const processes = new ProcessTable({
    maxRunning: options.config.falco_libs.thread_table_size,
    bootTime: live ? readBootTime() : (recorded?.bootTime ?? 0n),
    ...(live
      ? {
          lookup: (pid: number) => readProcess(pid),
          lookupParent: (pid: number) => readParentPid(pid),
          lookupCwd: (pid: number) => readCwd(pid),
        }
      : {}),
  });
  const containers = new Containers({
    ...hostOf(options.processes, live),
    metadata: options.metadata ?? NO_METADATA,
  });
  processes.seed(options.processes);
  containers.learnFrom(options.processes);
  const domains = new DomainNames();
  const accounts = new Accounts(recorded === undefined ? {} : { files: recorded.accounts });
  const savings = new ProcessSavings(processes);
  const event = new EventContext({
    processes,
    accounts,
    containers,
    domains,
    hostname: options.hostname,
  });
  return {
    event,
    state: {
      apply(record: EventRecord) {
        processes.apply(record);
        // A container's first exec: what is known of it should be there before its first alert.
        if (EXECS.has(record.type)) containers.prefetch(containers.of(record.task));
      },
      isOwn(matched) {
        if (own === null) return false;
        const { process, time } = matched;
        if (own.isSelf(process.pid, process.startTime)) return true;
        if (!own.hasChildren) return false;
        let found = own.isChild(process.pid, process.startTime);
        processes.walk(process, time, (ancestor) => {
          found ||= own.isChild(ancestor.pid, ancestor.startTime);
          return !found;
        });
        return found;
      },
      tables: () => {
        const { running, exited, evicted, unresolved } = processes.counters;
        return {
          processes: running,
          processes_exited: exited,
          processes_evicted: evicted,
          processes_unresolved: unresolved,
        };
      },
      details: stateDetails(live, { processes: savings, accounts, containers }),
      asked: () => ({ environments: savings.asked.env, arguments: savings.asked.args }),
      async prepare({ ruleset }) {
        processes.keepEnvironment = readsEnvironment(ruleset);
        await domains.watch(comparedDomains(ruleset.rules));
      },
      close: async () => undefined,
    },
  };
}
