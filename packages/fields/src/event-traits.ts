import { EVENT_TYPES, type EventTypeDefinition, FLAG_TABLES } from "@falco-efk/event";
import type { Direction } from "./network/connection.ts";

/** How Falco prints a whole number of a parameter. */
export type NumberFormat = "decimal" | "hex" | "octal";

/** What is fixed about a parameter, looked up once. */
export interface ParamTraits {
  readonly name: string;
  readonly type: EventTypeDefinition["params"][number]["type"];
  /** The flag table, or "" for none. */
  readonly table: string;
  readonly format: NumberFormat;
  /** Position among the record's `paths`, or -1. */
  readonly path: number;
  /** Position of the descriptor parameter that a relative path starts from, or -1. */
  readonly dirFd: number;
}

/** What is fixed about an event type beyond its table of parameters. */
export interface EventTraits {
  readonly definition: EventTypeDefinition;
  readonly params: readonly ParamTraits[];
  readonly createsFd: boolean;
  readonly usesFd: boolean;
  /** open, openat, openat2 and creat: the descriptor's name is the path argument. */
  readonly opens: boolean;
  readonly reads: boolean;
  readonly writes: boolean;
  /** One of the events whose category is that of their descriptor. */
  readonly io: boolean;
  /** A system call: it returns something. */
  readonly returns: boolean;
  readonly direction: Direction;
  readonly flagsParam: number;
  readonly modeParam: number;
  readonly dataParam: number;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));
const CREATES = words("open openat openat2 creat accept accept4 socket bpf userfaultfd dup dup2 dup3");
const USES = words(
  "connect listen sendto sendmsg recvfrom recvmsg symlinkat unlinkat mkdirat fchmodat fchmod setns finit_module dup dup2 dup3",
);
const OPENS = words("open openat openat2 creat");
const READS = words("recvfrom recvmsg finit_module");
const WRITES = words("sendto sendmsg");
const IO = words("sendto sendmsg recvfrom recvmsg dup dup2 dup3");
const INCOMING = words("recvfrom recvmsg accept accept4");
const OUTGOING = words("sendto sendmsg connect");
const HEX_PARAMS = words(
  "dev mkdir.mode mkdirat.mode cap_inheritable cap_permitted cap_effective accept4.flags ptrace.addr ptrace.data",
);
const OCTAL_PARAMS = words("open.mode openat.mode openat2.mode creat.mode chmod.mode fchmod.mode fchmodat.mode");
const NAMED_MODES = words("chmod fchmod fchmodat");
const PROCESS_PATHS = words("cwd trusted_exepath");

/** Falco shows a login as a user, and the ids of a fork as plain numbers. */
function shownAs(event: string, param: EventTypeDefinition["params"][number]): ParamTraits["type"] {
  if (param.name === "loginuid") return "uid";
  return event === "clone" && (param.name === "uid" || param.name === "gid") ? "uint" : param.type;
}

function traitsOf(definition: EventTypeDefinition): EventTraits {
  const { name } = definition;
  let paths = 0;
  let dirFd = -1;
  const params = definition.params.map((param, index): ParamTraits => {
    const full = `${name}.${param.name}`;
    const isPath = (param.type === "path" || param.type === "relative-path") && !PROCESS_PATHS.has(param.name);
    if (param.type === "fd" && index > 0) dirFd = index;
    return {
      name: param.name,
      type: shownAs(name, param),
      table: param.table ?? (param.type === "mode" && NAMED_MODES.has(name) ? "mode" : ""),
      format: HEX_PARAMS.has(param.name) || HEX_PARAMS.has(full) ? "hex" : OCTAL_PARAMS.has(full) ? "octal" : "decimal",
      path: isPath ? paths++ : -1,
      dirFd: param.type === "relative-path" ? dirFd : -1,
    };
  });
  return {
    definition,
    params,
    createsFd: CREATES.has(name),
    usesFd: USES.has(name),
    opens: OPENS.has(name),
    reads: READS.has(name),
    writes: WRITES.has(name),
    io: IO.has(name),
    returns: name !== "procexit",
    direction: INCOMING.has(name) ? "in" : OUTGOING.has(name) ? "out" : "none",
    flagsParam: params.findIndex((param) => param.name === "flags" && FLAG_TABLES[param.table] !== undefined),
    modeParam: params.findIndex((param) => param.name === "mode"),
    dataParam: params.findIndex((param) => param.name === "data" && param.type === "bytes"),
  };
}

/** By event type id. */
export const EVENT_TRAITS: readonly EventTraits[] = EVENT_TYPES.map(traitsOf);
