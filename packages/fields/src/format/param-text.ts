import { errnoName, falcoFlags, flagText, type ParamValue, type SocketTuple, signalName } from "@falco-efk/event";
import type { EventContext } from "../event-context.ts";
import type { NumberFormat, ParamTraits } from "../event-traits.ts";
import { addressText } from "../network/address-text.ts";
import { tupleText } from "../network/connection.ts";
import { asDirectory, joinPath } from "../paths.ts";
import { bytesText, listText } from "./bytes-text.ts";
import { zonedTimeText } from "./time-text.ts";

/** A parameter's two texts: the value itself, and what it means (`13` and `ENOENT`); `meaning` is "" where there is none. */
export interface ParamText {
  readonly value: string;
  readonly meaning: string;
}

const AT_FDCWD = -100;
const NULL_TYPES: ReadonlySet<string> = new Set(["bytes", "string-list", "tuple"]);
const both = (value: string, meaning = ""): ParamText => ({ value, meaning });

/** What `evt.arg` shows: the meaning where there is one, else the value. Null when the event has no such parameter. */
export function argText(event: EventContext, index: number): string | null {
  if (index < 0 || index >= event.traits.params.length) return null;
  const { value, meaning } = paramText(event, index);
  return meaning === "" ? value : meaning;
}

/** What `evt.args` shows: `name=value(meaning)` of every parameter. */
export function argsText(event: EventContext): string {
  return event.traits.params
    .map((param, index) => {
      const { value, meaning } = paramText(event, index);
      return meaning === "" ? `${param.name}=${value}` : `${param.name}=${value}(${meaning})`;
    })
    .join(" ");
}

/** Both texts of a parameter, as Falco prints them. */
export function paramText(event: EventContext, index: number): ParamText {
  const param = event.traits.params[index] as ParamTraits;
  if (param.path >= 0) return pathText(event, index, param);
  const value = paramValue(event, index, param);
  if (value === null) return both(NULL_TYPES.has(param.type) ? "NULL" : "<NA>");
  if (typeof value === "object" && !(value instanceof Uint8Array)) return both(socketText(event, param, value));
  if (value instanceof Uint8Array) return both(bytesText(value));
  if (typeof value === "string") return both(value);
  return numberText(event, param, value);
}

/** A parameter's raw value, with those that live elsewhere in the record (the program's, the flags Falco adds). */
export function paramValue(event: EventContext, index: number, param: ParamTraits): ParamValue {
  const { record } = event;
  if (param.table === "open") return record.param(index) === null ? null : event.openFlags;
  if (param.table === "creat") return record.param(index) ?? overlayBits(event);
  const raw = record.param(index);
  if (param.table !== "") return raw === null ? imageFlags(event, param) : falcoFlags(param.table, Number(raw));
  return raw ?? imageValue(event, param);
}

function overlayBits(event: EventContext): number {
  const layer = event.fd?.overlay;
  return layer === "upper" ? 1 : layer === "lower" ? 2 : 0;
}

function imageFlags(event: EventContext, param: ParamTraits): number | null {
  const { image } = event.record;
  if (param.table !== "execve" || image === null) return null;
  return (
    (image.exeWritable ? 1 : 0) |
    (image.exeUpperLayer ? 2 : 0) |
    (image.exeFromMemfd ? 4 : 0) |
    (image.exeLowerLayer ? 8 : 0)
  );
}

/** The parameters of execve and clone that the record carries as the task and its image. */
function imageValue(event: EventContext, param: ParamTraits): ParamValue {
  const { image, task } = event.record;
  if (image === null) return null;
  switch (param.name) {
    case "exe":
      return image.exe;
    case "args":
      return listText(image.args);
    case "env":
      return listText(image.env);
    case "cgroups":
      return listText(image.cgroups);
    case "comm":
      return image.comm;
    case "cwd":
      return image.cwd;
    case "trusted_exepath":
      return image.exePath;
    case "fdlimit":
      return image.fdLimit;
    case "exe_ino":
      return image.exeInode;
    case "exe_ino_ctime":
      return image.exeCtime;
    case "exe_ino_mtime":
      return image.exeMtime;
    case "tid":
      return task.tid;
    case "pid":
      return task.pid;
    case "ptid":
      return task.ppid;
    case "vtid":
      return task.vtid;
    case "vpid":
      return task.vpid;
    case "tty":
      return task.tty;
    case "pgid":
      return task.pgid;
    case "vpgid":
      return task.vpgid;
    case "loginuid":
      return task.loginUid === 0xffffffff ? -1 : task.loginUid;
    case "uid":
      return task.euid;
    case "gid":
      return task.egid;
    case "cap_inheritable":
      return task.capInheritable;
    case "cap_permitted":
      return task.capPermitted;
    case "cap_effective":
      return task.capEffective;
    default:
      return null;
  }
}

function pathText(event: EventContext, index: number, param: ParamTraits): ParamText {
  const path = event.record.paths[param.path];
  const raw = path?.raw ?? event.record.param(index);
  if (typeof raw !== "string") return both("<NA>");
  if (event.showsOther(param.path)) return both(raw, event.path(param.path) ?? "");
  if (raw === "" || raw.startsWith("/")) return both(raw);
  const base = path?.base ?? null;
  return both(
    raw,
    joinPath(base === null ? event.baseOf(param.path, base).replace("<UNKNOWN>", "") : asDirectory(base), raw),
  );
}

function numberText(event: EventContext, param: ParamTraits, value: number | bigint): ParamText {
  const text = formatNumber(value, param.format);
  if (param.table === "mode") return both(text, modeText(Number(value)));
  if (param.table !== "") return both(value.toString(), knownFlagText(param.table, Number(value)));
  switch (param.type) {
    case "fd":
      return both(value.toString(), fdText(event, param, Number(value)));
    case "errno":
      return both(value.toString(), value < 0 ? errnoName(Number(value)) : "");
    case "pid":
      return both(value.toString(), event.services.processes.get(Number(value))?.comm ?? "");
    case "uid":
      return idText(value, event.services.accounts.user(Number(value), event.accountSpace, event.record.task.pid));
    case "gid":
      return idText(value, event.services.accounts.group(Number(value), event.accountSpace, event.record.task.pid));
    case "signal":
      return both(value.toString(), signalName(Number(value)) ?? "");
    case "absolute-time":
      return both(zonedTimeText(BigInt(value)));
    default:
      return both(text);
  }
}

function idText(value: number | bigint, known: { readonly name: string } | null): ParamText {
  return Number(value) < 0 || Number(value) === 0xffffffff
    ? both("-1", "<NONE>")
    : both(value.toString(), known?.name || "<NA>");
}

function formatNumber(value: number | bigint, format: NumberFormat): string {
  if (format === "decimal") return value.toString();
  if (format === "hex") return (value < 0 ? BigInt.asUintN(32, BigInt(value)) : value).toString(16).toUpperCase();
  return value === 0 || value === 0n ? "0" : `0${value.toString(8)}`;
}

const FLAG_TEXTS = new Map<string, Map<number, string>>();

/** Programs use few combinations of flags: each is spelt out once. */
function knownFlagText(table: string, value: number): string {
  let texts = FLAG_TEXTS.get(table);
  if (texts === undefined) {
    texts = new Map();
    FLAG_TEXTS.set(table, texts);
  }
  let text = texts.get(value);
  if (text === undefined) {
    text = flagText(table, value);
    if (texts.size >= 1024) texts.clear();
    texts.set(value, text);
  }
  return text;
}

/** A mode stops at the first name that is the whole mode; bits that are named go away. */
function modeText(mode: number): string {
  return knownFlagText("mode", mode & 0o7777);
}

const TYPE_CHARS: Readonly<Record<string, string>> = {
  file: "f",
  directory: "d",
  ipv4: "4",
  ipv6: "6",
  unix: "u",
  pipe: "p",
  event: "e",
  signalfd: "s",
  eventpoll: "l",
  inotify: "i",
  timerfd: "t",
  netlink: "n",
  bpf: "b",
  userfaultfd: "u",
  io_uring: "r",
  memfd: "m",
  pidfd: "P",
  other: "o",
};
const PROTOCOL_CHARS: Readonly<Record<string, string>> = { tcp: "t", udp: "u", icmp: "i", raw: "r" };

/** Falco's letter of a kind of descriptor; `?` for one it does not know. */
export function typeChar(kind: string): string {
  return TYPE_CHARS[kind] ?? "?";
}

function fdText(event: EventContext, param: ParamTraits, number: number): string {
  if (number === AT_FDCWD) return "AT_FDCWD";
  if (number < 0) return errnoName(number);
  const fd = event.fd;
  const kind = event.fdKind;
  // A duplicate is the same file under two numbers.
  if (fd !== null && kind !== null && (fd.number === number || param.name === "oldfd")) {
    const protocol = PROTOCOL_CHARS[event.connection?.protocol ?? ""] ?? "";
    return `<${typeChar(kind)}${protocol}>${event.fdName ?? ""}`;
  }
  const index = event.traits.params.indexOf(param);
  const path = event.traits.params.find((other) => other.dirFd === index)?.path ?? -1;
  const base = event.record.paths[path]?.base ?? null;
  return base === null ? "" : `<d>${base.length > 1 && base.endsWith("/") ? base.slice(0, -1) : base}`;
}

function socketText(event: EventContext, param: ParamTraits, tuple: SocketTuple): string {
  if (param.type !== "sockaddr") return tupleText(tuple, event.traits.direction);
  if (tuple.family === "unix") return tuple.unixPath ?? "";
  return tuple.remoteAddress === null ? "<NA>" : `${addressText(tuple.remoteAddress)}:${tuple.remotePort}`;
}
