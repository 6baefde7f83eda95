import { EVENT_TYPES, eventTypeByName } from "./event-types.ts";
import type { EventRecord, FdInfo, ParamValue, PathArgument, ProcessImage, RecordMarks, TaskInfo } from "./record.ts";

/** What `recordOf` is told; everything left out is that of root's `/usr/bin/cat`, pid 1000, child of pid 1. */
export interface RecordInput {
  /** The event type's name, `openat` when absent. */
  readonly type?: string;
  /** Nanoseconds since the epoch. */
  readonly time?: bigint;
  readonly number?: number;
  readonly cpu?: number;
  readonly result?: number | bigint;
  readonly task?: Partial<TaskInfo>;
  readonly marks?: Partial<RecordMarks>;
  /** Raw parameter values by name; those left out are null. The return value's parameter is filled from `result`. */
  readonly params?: Readonly<Record<string, ParamValue>>;
  readonly fd?: Partial<FdInfo> | null;
  readonly paths?: readonly Partial<PathArgument>[];
  readonly image?: Partial<ProcessImage> | null;
}

const TASK: TaskInfo = {
  tid: 1000,
  pid: 1000,
  ppid: 1,
  vtid: 1000,
  vpid: 1000,
  startTime: 5_000_000_000,
  comm: "cat",
  uid: 0,
  gid: 0,
  euid: 0,
  egid: 0,
  loginUid: 4294967295,
  sid: 1000,
  vsid: 1000,
  pgid: 1000,
  vpgid: 1000,
  tty: 0,
  capInheritable: 0n,
  capPermitted: 0n,
  capEffective: 0n,
  cgroup: "/",
  pidNamespace: 4026531836,
  mountNamespace: 4026531841,
  pidNamespaceStart: 0,
};

const FD: FdInfo = {
  number: 3,
  kind: "file",
  path: null,
  tuple: null,
  device: 0,
  inode: 0,
  created: false,
  connected: false,
  nameChanged: false,
};

const IMAGE: ProcessImage = {
  exe: "cat",
  exePath: "/usr/bin/cat",
  args: [],
  env: [],
  cwd: "/",
  comm: "cat",
  exeInode: 0,
  exeCtime: 0,
  exeMtime: 0,
  exeWritable: false,
  exeUpperLayer: false,
  exeLowerLayer: false,
  exeFromMemfd: false,
  fdLimit: 1024,
  cgroups: [],
};

/** Makes a whole TaskInfo of a part, for tests. A `tid`, `vpid` … left out follows `pid`. */
export function taskOf(part: Partial<TaskInfo> = {}): TaskInfo {
  const pid = part.pid ?? TASK.pid;
  return { ...TASK, tid: pid, vtid: part.tid ?? pid, vpid: pid, sid: pid, vsid: pid, pgid: pid, vpgid: pid, ...part };
}

/** Makes a whole ProcessImage of a part, for tests. */
export function imageOf(part: Partial<ProcessImage> = {}): ProcessImage {
  return { ...IMAGE, ...part };
}

/**
 * Makes an event without a kernel, for tests of rules, fields and the engine.
 *
 * @example recordOf({ type: "openat", result: 3, params: { flags: 1 }, paths: [{ raw: "/etc/passwd" }], fd: {} })
 */
export function recordOf(input: RecordInput = {}): EventRecord {
  const type = eventTypeByName(input.type ?? "openat");
  if (type === null)
    throw new Error(`no event type "${input.type}"; known are ${EVENT_TYPES.map((t) => t.name).join(", ")}`);
  const result = input.result ?? 0;
  const params = type.params.map((param, index) => input.params?.[param.name] ?? (index === 0 ? result : null));
  return {
    type: type.id,
    time: input.time ?? 1_700_000_000_000_000_000n,
    number: input.number ?? 1,
    cpu: input.cpu ?? 0,
    result,
    task: taskOf(input.task),
    marks: { truncated: false, ioUring: false, compat: false, ...input.marks },
    param: (index) => params[index] ?? null,
    fd: input.fd === undefined || input.fd === null ? null : { ...FD, ...input.fd },
    paths: (input.paths ?? []).map((path) => ({ raw: "", base: null, real: null, ...path })),
    image: input.image === undefined || input.image === null ? null : imageOf(input.image),
  };
}
