import type { FieldScalar, FieldType, FieldValue } from "@falco-efk/event";
import { integerValue } from "@falco-efk/event";
import type { EventContext } from "../event-context.ts";
import { type FieldSpec, field, fieldWith, type Reading } from "../field-spec.ts";
import type { ProcessInfo } from "../processes/process-info.ts";
import { bootedAt } from "./thread.ts";

type Read = (process: ProcessInfo) => FieldValue;

/** The process of the event, whichever of its threads called. */
const own =
  (read: Read) =>
  (event: EventContext): FieldValue =>
    read(event.process);

const parent =
  (read: Read) =>
  (event: EventContext): FieldValue => {
    const found = event.services.processes.parentOf(event.process, event.time);
    return found === null ? null : read(found);
  };

function ancestors(event: EventContext, read: Read): readonly FieldScalar[] | null {
  const values: FieldScalar[] = [];
  event.services.processes.walk(event.process, event.time, (process) => {
    const value = read(process);
    if (value !== null) values.push(value as FieldScalar);
    return true;
  });
  return values.length === 0 ? null : values;
}

/** With an index: that ancestor, 0 being the process. Without: every ancestor in conditions, all of them joined in outputs. */
function bindAncestor(read: Read, ownValue: (event: EventContext) => FieldValue, joined: boolean) {
  return (argument: string | null): Reading => {
    if (argument === null) {
      return {
        extract: (event) => ancestors(event, read),
        print: joined ? (event) => ancestors(event, read)?.join(" ") ?? null : ownValue,
      };
    }
    const level = Number(argument);
    if (level === 0) return { extract: ownValue };
    return {
      extract: (event) => {
        const found = event.services.processes.ancestor(event.process, level, event.time);
        return found === null ? null : read(found);
      },
    };
  };
}

function ancestorField(
  name: string,
  type: FieldType,
  what: string,
  read: Read,
  ownValue: (event: EventContext) => FieldValue,
): FieldSpec {
  const inOutputs = type === "CHARBUF" ? "an output shows all, space-separated" : "an output shows the process's own";
  const description =
    `${what} of an ancestor: [0] is the process itself, [1] its parent, and so on. ` +
    `Without index a condition holds when it holds of any ancestor; ${inOutputs}.`;
  return fieldWith(name, type, "optional-index", description, bindAncestor(read, ownValue, type === "CHARBUF"), {
    several: "any",
  });
}

const nameOf = own((process) => process.comm);
const execLine = (process: ProcessInfo): string =>
  process.args.length === 0 ? `${process.exe} ` : `${process.exe} ${process.argsText}`;

function sinceStart(process: ProcessInfo | null, event: EventContext): FieldValue {
  if (process === null || process.startedAt === 0n) return null;
  // The boot's time is not known to the nanosecond: an event is never older than its process.
  return event.time > process.startedAt ? integerValue(event.time - process.startedAt) : 0;
}

function parentInfo(event: EventContext): ProcessInfo | null {
  return event.services.processes.parentOf(event.process, event.time);
}

/** Names, command lines, ancestors and times of the process behind the event. */
export const PROC_FIELDS: readonly FieldSpec[] = [
  field(
    "proc.exe",
    "CHARBUF",
    "argv[0] of the process: what its starter called it.",
    own((p) => p.exe),
  ),
  field(
    "proc.pexe",
    "CHARBUF",
    "argv[0] of the parent.",
    parent((p) => p.exe),
  ),
  ancestorField(
    "proc.aexe",
    "CHARBUF",
    "argv[0]",
    (p) => p.exe,
    own((p) => p.exe),
  ),
  field(
    "proc.exepath",
    "CHARBUF",
    "Path of the executable as the kernel resolved it.",
    own((p) => p.exePath),
  ),
  field(
    "proc.pexepath",
    "CHARBUF",
    "Path of the parent's executable.",
    parent((p) => p.exePath),
  ),
  ancestorField(
    "proc.aexepath",
    "CHARBUF",
    "Path of the executable",
    (p) => p.exePath,
    own((p) => p.exePath),
  ),
  field(
    "proc.name",
    "CHARBUF",
    "Name of the process, at most 15 bytes: the kernel's comm at its exec or fork.",
    nameOf,
  ),
  field(
    "proc.pname",
    "CHARBUF",
    "Name of the parent.",
    parent((p) => p.comm),
  ),
  ancestorField("proc.aname", "CHARBUF", "Name", (p) => p.comm, nameOf),
  fieldWith(
    "proc.args",
    "CHARBUF",
    "optional-index",
    "Arguments without argv[0], joined with spaces; [0] is the first of them.",
    (argument) => {
      if (argument === null) return { extract: own((p) => p.argsText) };
      const index = Number(argument);
      return { extract: own((p) => p.args[index] ?? "") };
    },
  ),
  ancestorField(
    "proc.aargs",
    "CHARBUF",
    "Arguments",
    (p) => p.argsText,
    own((p) => p.argsText),
  ),
  field(
    "proc.cmdline",
    "CHARBUF",
    "Name of the process and its arguments.",
    own((p) => p.cmdline),
  ),
  field(
    "proc.pcmdline",
    "CHARBUF",
    "Command line of the parent.",
    parent((p) => p.cmdline),
  ),
  ancestorField(
    "proc.acmdline",
    "CHARBUF",
    "Command line",
    (p) => p.cmdline,
    own((p) => p.cmdline),
  ),
  field(
    "proc.cmdnargs",
    "UINT64",
    "Number of arguments, argv[0] not counted.",
    own((p) => p.args.length),
  ),
  field(
    "proc.cmdlenargs",
    "UINT64",
    "Bytes of all arguments together, spaces between them not counted.",
    own((p) => p.args.reduce((sum, arg) => sum + Buffer.byteLength(arg), 0)),
  ),
  field("proc.exeline", "CHARBUF", "argv[0] and the arguments.", own(execLine)),
  fieldWith(
    "proc.env",
    "CHARBUF",
    "optional-key",
    "The environment, space-separated; [NAME] is one variable.",
    (argument) =>
      argument === null || /^\d+$/.test(argument)
        ? { extract: own((p) => p.env.join(" ")) }
        : { extract: own((p) => variable(p, argument)) },
  ),
  fieldWith(
    "proc.aenv",
    "CHARBUF",
    "optional-key",
    "[2]: the environment two ancestors up. [NAME]: the variable in the nearest of twenty ancestors that has it. Without argument: the process's own.",
    bindAncestorEnv,
  ),
  field("proc.cwd", "CHARBUF", "Working directory, with a slash at the end.", (e) => e.cwd),
  field("proc.loginshellid", "INT64", "Pid of the oldest shell among the process and its ancestors.", loginShell),
  field("proc.tty", "UINT32", "Number of the controlling terminal, 0 without one.", (e) => e.record.task.tty),
  field("proc.pid", "INT64", "Id of the process.", (e) => e.record.task.pid),
  field("proc.ppid", "INT64", "Id of the parent.", (e) => parentInfo(e)?.pid ?? (e.record.task.ppid || null)),
  ancestorField(
    "proc.apid",
    "INT64",
    "Id",
    (p) => p.pid,
    (e) => e.record.task.pid,
  ),
  field("proc.vpid", "INT64", "Id of the process in its own pid namespace.", (e) => e.record.task.vpid),
  field(
    "proc.pvpid",
    "INT64",
    "Id of the parent in its own pid namespace.",
    parent((p) => p.vpid),
  ),
  field("proc.duration", "RELTIME", "Nanoseconds since the process started.", (e) => sinceStart(e.process, e)),
  field("proc.ppid.duration", "RELTIME", "Nanoseconds since the parent started.", (e) => sinceStart(parentInfo(e), e)),
  field("proc.pid.ts", "RELTIME", "Start of the process, nanoseconds since 1970.", (e) => startOf(e.process)),
  field("proc.ppid.ts", "RELTIME", "Start of the parent, nanoseconds since 1970.", (e) => startOf(parentInfo(e))),
  field("proc.pidns_init_start_ts", "UINT64", "Start of the pid namespace, nanoseconds since 1970.", (e) => {
    const start = bootedAt(e, e.record.task.pidNamespaceStart);
    return start === null ? null : integerValue(start);
  }),
  field(
    "proc.exec_id",
    "CHARBUF",
    "Names this execution of a program for good: time of the exec (else of the start) and pid. Not one of Falco's.",
    (e) => `${(e.process.lastExecAt || e.process.startedAt).toString(36)}-${e.process.pid}`,
  ),
];

function startOf(process: ProcessInfo | null): FieldValue {
  return process === null || process.startedAt === 0n ? null : integerValue(process.startedAt);
}

function variable(process: ProcessInfo, name: string): string {
  const prefix = `${name}=`;
  const found = process.env.find((entry) => entry.startsWith(prefix) && entry.length > prefix.length);
  return found === undefined ? "" : found.slice(prefix.length).replace(/^ +| +$/g, "");
}

function bindAncestorEnv(argument: string | null): Reading {
  if (argument === null || argument === "0") return { extract: own((p) => p.env.join(" ")) };
  if (/^\d+$/.test(argument)) {
    const level = Number(argument);
    return {
      extract: (event) => event.services.processes.ancestor(event.process, level, event.time)?.env.join(" ") ?? null,
    };
  }
  return {
    extract: (event) => {
      let value = "";
      let level = 0;
      event.services.processes.walk(event.process, event.time, (process) => {
        value = variable(process, argument);
        return value === "" && ++level < 20;
      });
      return value;
    },
  };
}

function loginShell(event: EventContext): FieldValue {
  let pid: number | null = event.process.comm.endsWith("sh") ? event.process.pid : null;
  event.services.processes.walk(event.process, event.time, (process) => {
    if (process.comm.endsWith("sh")) pid = process.pid;
    return true;
  });
  return pid;
}
