import { errnoName, eventTypeByName, type FieldType, type FieldValue, integerValue } from "@falco-efk/event";
import type { EventContext } from "../event-context.ts";
import { EVENT_TRAITS } from "../event-traits.ts";
import { type FieldSpec, field, fieldWith, indexOf, type Reading, unsupported } from "../field-spec.ts";
import { bytesText } from "../format/bytes-text.ts";
import { argsText, argText, paramText, paramValue } from "../format/param-text.ts";

const PATH = { path: true };
const EXEC_BITS = 0o111;
const CREAT = 0o100;
const TMPFILE = 0o20200000;

const nameOf = (event: EventContext): string => event.traits.definition.name;

/** Position of a parameter by name, for each event type; null when no type has it. */
function positionsOf(name: string): Int16Array | null {
  const positions = Int16Array.from(EVENT_TRAITS, (traits) => traits.params.findIndex((param) => param.name === name));
  return positions.some((position) => position >= 0) ? positions : null;
}

function bindArg(argument: string | null): Reading | string {
  const text = argument ?? "";
  const index = indexOf(text);
  if (index !== null) return { extract: (event) => argText(event, index) };
  const positions = positionsOf(text);
  if (positions === null) return `no event type has a parameter "${text}"`;
  return { extract: (event) => argText(event, positions[event.record.type] as number) };
}

const RAW_TYPES: Readonly<Record<string, FieldType>> = {
  string: "CHARBUF",
  "string-list": "CHARBUF",
  path: "FSPATH",
  "relative-path": "FSPATH",
  bytes: "BYTEBUF",
  sockaddr: "CHARBUF",
  tuple: "CHARBUF",
  errno: "INT64",
  fd: "INT64",
  pid: "INT64",
  int: "INT32",
  int64: "INT64",
  uint64: "UINT64",
  signal: "UINT8",
  bool: "UINT8",
  "absolute-time": "ABSTIME",
  "relative-time": "RELTIME",
};

function bindRawArg(argument: string | null): Reading | string {
  const text = argument ?? "";
  const positions = positionsOf(text);
  if (positions === null) return `no event type has a parameter "${text}"`;
  const type = EVENT_TRAITS[positions.findIndex((position) => position >= 0)]?.params.find(
    (param) => param.name === text,
  )?.type;
  return {
    type: RAW_TYPES[type ?? ""] ?? "UINT32",
    extract: (event) => rawValue(event, positions[event.record.type] as number),
  };
}

function rawValue(event: EventContext, index: number): FieldValue {
  const param = event.traits.params[index];
  if (param === undefined) return null;
  if (param.path >= 0) {
    const raw = event.record.paths[param.path]?.raw ?? event.record.param(index);
    return typeof raw === "string" ? raw : null;
  }
  const value = paramValue(event, index, param);
  if (typeof value === "bigint") return integerValue(value);
  if (typeof value === "object" && value !== null && !(value instanceof Uint8Array))
    return paramText(event, index).value;
  return value;
}

function bindTypeIs(argument: string | null): Reading | string {
  const type = eventTypeByName(argument ?? "");
  if (type === null) return `there is no event type "${argument}"`;
  return { extract: (event) => (event.record.type === type.id ? 1 : 0) };
}

const ABSPATH_TYPES: ReadonlySet<string> = new Set(
  "renameat renameat2 symlinkat openat openat2 linkat unlinkat mkdirat fchmodat".split(" "),
);

function bindAbspath(argument: string | null): Reading | string {
  if (argument !== null && argument !== "src" && argument !== "dst") return `takes src or dst, got "${argument}"`;
  return {
    extract: (event) => {
      const name = nameOf(event);
      if (!ABSPATH_TYPES.has(name)) return null;
      const two = name.startsWith("rename") || name === "linkat";
      return event.path(two && argument === "dst" ? 1 : 0);
    },
  };
}

function category(event: EventContext): string {
  if (!event.traits.io) return event.traits.definition.category;
  switch (event.fdKind) {
    case "file":
    case "directory":
      return "file";
    case "ipv4":
    case "ipv6":
      return "net";
    case "pipe":
    case "unix":
    case "event":
    case "signalfd":
    case "inotify":
    case "userfaultfd":
      return "ipc";
    default:
      return "unknown";
  }
}

function data(event: EventContext): Uint8Array | null {
  const value = event.traits.dataParam < 0 ? null : event.record.param(event.traits.dataParam);
  return value instanceof Uint8Array ? value : null;
}

function result(event: EventContext): FieldValue {
  if (!event.traits.returns) return null;
  const value = event.record.result;
  return typeof value === "bigint" ? integerValue(value) : value;
}

function resultText(event: EventContext): string | null {
  if (!event.traits.returns) return null;
  const value = event.record.result;
  if (value >= 0) return "SUCCESS";
  return (event.traits.params[0]?.type === "pid" ? "" : errnoName(Number(value))) || value.toString();
}

const failed = (event: EventContext): boolean | null => (event.traits.returns ? event.record.result < 0 : null);
const failures = (event: EventContext): number | null => {
  const bad = failed(event);
  return bad === null ? null : Number(bad);
};

type Area = "file" | "net" | "other";

function areaOf(event: EventContext): Area {
  const kind = event.fdKind;
  if (kind === "file" || kind === "directory") return "file";
  if (kind === "ipv4" || kind === "ipv6" || kind === "unix") return "net";
  if (kind !== null) return "other";
  if (event.traits.opens) return "file";
  return /^(?:accept4?|connect)$/.test(nameOf(event)) ? "net" : "other";
}

const failuresIn = (area: Area) => (event: EventContext) => (areaOf(event) === area ? failures(event) : null);

/** Bytes that an I/O event moved, null for other events and for a failure. */
function moved(way: "in" | "out" | "any", area: "net" | "any") {
  return (event: EventContext): FieldValue => {
    const { traits, record } = event;
    if (!traits.io || event.fd === null || record.result < 0) return null;
    if ((way === "in" && !traits.reads) || (way === "out" && !traits.writes)) return null;
    const kind = event.fdKind;
    if (area === "net" && kind !== "ipv4" && kind !== "ipv6") return null;
    return result(event);
  };
}

const isTemporary = (event: EventContext): boolean => (event.kernelFlags & TMPFILE) === TMPFILE;
const withFlags = (event: EventContext): boolean => event.traits.opens && event.traits.flagsParam >= 0;

/** The two low bits: 0 reads, 1 writes, 2 does both, and 3, which only ioctl needs, reads to Falco. */
const opensToRead = (event: EventContext): boolean => hasFlags(event) && (event.kernelFlags & 3) !== 1;
const opensToWrite = (event: EventContext): boolean => {
  const access = event.kernelFlags & 3;
  return hasFlags(event) && (access === 1 || access === 2);
};
const hasFlags = (event: EventContext): boolean =>
  withFlags(event) && event.record.param(event.traits.flagsParam) !== null;

function opensExecutable(event: EventContext): boolean {
  if (!event.traits.opens) return false;
  const makes = !withFlags(event) || (event.kernelFlags & CREAT) !== 0 || isTemporary(event);
  return makes && (Number(event.record.param(event.traits.modeParam) ?? 0) & EXEC_BITS) !== 0;
}

function creates(event: EventContext): boolean {
  if (!withFlags(event)) return false;
  return event.fd?.created === true || (isTemporary(event) && event.record.result >= 0);
}

const NO_FILE_IO = "read and write are not among the recorded events";
const NO_DOCKER_EVENTS = "there are no events of the Docker daemon itself";
const buflen = (name: string, what: string, way: "in" | "out" | "any", area: "net" | "any"): FieldSpec =>
  field(name, "UINT64", `Bytes moved${what}.`, moved(way, area));

/** System calls. */
export const EVT_FIELDS: readonly FieldSpec[] = [
  field("evt.type", "CHARBUF", "Name of the event, such as openat.", nameOf),
  fieldWith("evt.type.is", "UINT32", "required-key", "1 for events of the type, 0 for others.", bindTypeIs, {
    dotted: true,
  }),
  field("syscall.type", "CHARBUF", "Name of the system call; none for an exit of a process.", (e) =>
    e.traits.returns ? nameOf(e) : null,
  ),
  field("evt.category", "CHARBUF", "Category of the event: file, net, process and so on.", category),
  field("evt.cpu", "INT16", "Number of the processor.", (e) => e.record.cpu),
  field("evt.args", "CHARBUF", "All parameters as `name=value`.", argsText, PATH),
  fieldWith("evt.arg", "CHARBUF", "required-key", "A parameter by name or number, as a text.", bindArg, {
    dotted: true,
    path: true,
  }),
  fieldWith("evt.rawarg", "CHARBUF", "required-key", "A parameter by name, as a value.", bindRawArg, { dotted: true }),
  field("evt.info", "CHARBUF", "The same as evt.args.", argsText, PATH),
  field("evt.buffer", "BYTEBUF", "The data that was sent or received.", data, {
    print: (event) => {
      const bytes = data(event);
      return bytes === null ? null : bytesText(bytes);
    },
  }),
  buflen("evt.buflen", "", "any", "any"),
  field("evt.res", "CHARBUF", "SUCCESS, or the name of the error.", resultText),
  field("evt.rawres", "INT64", "The value that the call returned.", result),
  field("evt.failed", "BOOL", "True when the call failed.", failed),
  field(
    "evt.is_io",
    "BOOL",
    "True for calls that read from or write to a descriptor.",
    (e) => e.traits.reads || e.traits.writes,
  ),
  field("evt.is_io_read", "BOOL", "True for calls that read from a descriptor.", (e) => e.traits.reads),
  field("evt.is_io_write", "BOOL", "True for calls that write to a descriptor.", (e) => e.traits.writes),
  field("evt.io_dir", "CHARBUF", "`read` or `write` for calls that do so.", (e) =>
    e.traits.writes ? "write" : e.traits.reads ? "read" : null,
  ),
  field("evt.is_wait", "BOOL", "True for calls that wait, such as poll: none is recorded.", () => false),
  field("evt.wait_latency", "RELTIME", "Time that a call waited: always 0.", () => 0, { deprecated: true }),
  field(
    "evt.is_syslog",
    "BOOL",
    "True for data sent to /dev/log.",
    (e) => e.traits.writes && (e.fdName ?? "").includes("/dev/log"),
  ),
  field("evt.count", "UINT32", "Always 1.", () => 1),
  field("evt.count.error", "UINT32", "1 for a call that failed.", failures),
  field("evt.count.error.file", "UINT32", "1 for a call on a file that failed.", failuresIn("file")),
  field("evt.count.error.net", "UINT32", "1 for a call on a socket that failed.", failuresIn("net")),
  unsupported("evt.count.error.memory", "UINT32", "1 for a memory call that failed.", "no memory call is recorded"),
  field("evt.count.error.other", "UINT32", "1 for any other call that failed.", failuresIn("other")),
  field("evt.count.exit", "UINT32", "1 for a call at its end.", (e) => (e.traits.returns ? 1 : null)),
  field("evt.count.procinfo", "UINT32", "1 for a sample of a process: none is taken.", () => 0),
  field("evt.count.threadinfo", "UINT32", "1 for a sample of a thread: none is taken.", () => 0),
  unsupported(
    "evt.around",
    "UINT64",
    "True within some milliseconds of a time.",
    "it compares a distance, which no condition can state here: compare evt.rawtime with >= and <=",
    "required-index",
  ),
  fieldWith(
    "evt.abspath",
    "CHARBUF",
    "optional-key",
    "Absolute path of a call that takes a directory's descriptor; `src` or `dst` for a call with two paths.",
    bindAbspath,
    { dotted: true, path: true },
  ),
  buflen("evt.buflen.in", " inwards", "in", "any"),
  buflen("evt.buflen.out", " outwards", "out", "any"),
  unsupported("evt.buflen.file", "UINT64", "Bytes moved from or to a file.", NO_FILE_IO),
  unsupported("evt.buflen.file.in", "UINT64", "Bytes moved from a file.", NO_FILE_IO),
  unsupported("evt.buflen.file.out", "UINT64", "Bytes moved to a file.", NO_FILE_IO),
  buflen("evt.buflen.net", " from or to the network", "any", "net"),
  buflen("evt.buflen.net.in", " from the network", "in", "net"),
  buflen("evt.buflen.net.out", " to the network", "out", "net"),
  field("evt.is_open_read", "BOOL", "True for an open that may read.", opensToRead),
  field("evt.is_open_write", "BOOL", "True for an open that may write.", opensToWrite),
  unsupported("evt.infra.docker.name", "CHARBUF", "Name of an event of the Docker daemon.", NO_DOCKER_EVENTS),
  unsupported(
    "evt.infra.docker.container.id",
    "CHARBUF",
    "Container of an event of the Docker daemon.",
    NO_DOCKER_EVENTS,
  ),
  unsupported(
    "evt.infra.docker.container.name",
    "CHARBUF",
    "Container's name of an event of the Docker daemon.",
    NO_DOCKER_EVENTS,
  ),
  unsupported(
    "evt.infra.docker.container.image",
    "CHARBUF",
    "Image of an event of the Docker daemon.",
    NO_DOCKER_EVENTS,
  ),
  field(
    "evt.is_open_exec",
    "BOOL",
    "True for an open or creat that makes a file with an execute permission.",
    opensExecutable,
  ),
  field("evt.is_open_create", "BOOL", "True for an open that made the file.", creates),
];
