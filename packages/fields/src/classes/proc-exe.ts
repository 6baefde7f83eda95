import { type FieldValue, integerValue } from "@falco-efk/event";
import type { EventContext } from "../event-context.ts";
import { type FieldSpec, field, unsupported } from "../field-spec.ts";
import { bootedAt, memory } from "./thread.ts";

const NO_DESCRIPTORS =
  "no table of open descriptors is kept: descriptors are read in the kernel when an event uses them";
const NO_THREADS = "no table of threads is kept";
const NO_PROBES = "Falco's container plugin no longer fills it";

const orNull = (value: bigint): FieldValue => (value === 0n ? null : integerValue(value));

/** Falco counts in unsigned 64 bits: a file that changed after the start wraps around. */
function changeToStart(event: EventContext): FieldValue {
  const { exeCtime, startedAt } = event.process;
  if (exeCtime === 0n || startedAt === 0n) return null;
  const duration = BigInt.asUintN(64, startedAt - exeCtime);
  return duration === 0n ? null : integerValue(duration);
}

function namespaceToChange(event: EventContext): FieldValue {
  const { exeCtime } = event.process;
  const start = bootedAt(event, event.record.task.pidNamespaceStart);
  return start === null || exeCtime <= start ? null : integerValue(exeCtime - start);
}

const standard = (stream: "stdin" | "stdout" | "stderr"): readonly FieldSpec[] => [
  unsupported(`proc.${stream}.type`, "CHARBUF", `Kind of the process's ${stream}.`, NO_DESCRIPTORS),
  unsupported(`proc.${stream}.name`, "CHARBUF", `Name of the process's ${stream}.`, NO_DESCRIPTORS),
];

/** The process's executable file and its use of memory and descriptors. */
export const PROC_EXE_FIELDS: readonly FieldSpec[] = [
  field(
    "proc.is_exe_writable",
    "BOOL",
    "True when the user who ran the executable may write it.",
    (e) => e.process.exeWritable,
  ),
  field(
    "proc.is_exe_upper_layer",
    "BOOL",
    "True when the executable lies in the upper layer of an overlay: it is not from the container's image.",
    (e) => e.process.exeUpperLayer,
  ),
  field(
    "proc.is_exe_lower_layer",
    "BOOL",
    "True when the executable lies in a lower layer of an overlay.",
    (e) => e.process.exeLowerLayer,
  ),
  field(
    "proc.is_exe_from_memfd",
    "BOOL",
    "True when the executable is a file in memory that memfd_create made.",
    (e) => e.process.exeFromMemfd,
  ),
  field("proc.exe_ino", "INT64", "Inode of the executable.", (e) => orNull(e.process.exeInode)),
  field("proc.exe_ino.ctime", "ABSTIME", "Last status change of the executable, nanoseconds since 1970.", (e) =>
    orNull(e.process.exeCtime),
  ),
  field("proc.exe_ino.mtime", "ABSTIME", "Last modification of the executable, nanoseconds since 1970.", (e) =>
    orNull(e.process.exeMtime),
  ),
  field(
    "proc.exe_ino.ctime_duration_proc_start",
    "ABSTIME",
    "Nanoseconds from the executable's last status change to the start of the process.",
    changeToStart,
  ),
  field(
    "proc.exe_ino.ctime_duration_pidns_start",
    "ABSTIME",
    "Nanoseconds from the start of the pid namespace to the executable's last status change, when that came later.",
    namespaceToChange,
  ),
  unsupported("proc.fdopencount", "UINT64", "Number of open descriptors.", NO_DESCRIPTORS),
  field("proc.fdlimit", "INT64", "How many descriptors the process may open.", (e) =>
    integerValue(BigInt(e.process.fdLimit)),
  ),
  unsupported("proc.fdusage", "DOUBLE", "Open descriptors in percent of the limit.", NO_DESCRIPTORS),
  memory("proc.vmsize", "Virtual memory in KiB.", "vmSize"),
  memory("proc.vmrss", "Resident memory in KiB.", "vmResident"),
  memory("proc.vmswap", "Swapped memory in KiB.", "vmSwap"),
  unsupported("proc.nthreads", "UINT64", "Number of live threads.", NO_THREADS),
  unsupported("proc.nchilds", "UINT64", "Number of live threads without the leader.", NO_THREADS),
  ...standard("stdin"),
  ...standard("stdout"),
  ...standard("stderr"),
  unsupported("proc.is_container_healthcheck", "BOOL", "The process belongs to a health check.", NO_PROBES, "none", {
    deprecated: true,
  }),
  unsupported(
    "proc.is_container_liveness_probe",
    "BOOL",
    "The process belongs to a liveness probe.",
    NO_PROBES,
    "none",
    { deprecated: true },
  ),
  unsupported(
    "proc.is_container_readiness_probe",
    "BOOL",
    "The process belongs to a readiness probe.",
    NO_PROBES,
    "none",
    { deprecated: true },
  ),
];
