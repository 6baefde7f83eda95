import { capabilityText, integerValue } from "@falco-efk/event";
import type { EventContext } from "../event-context.ts";
import { type FieldSpec, field, fieldWith, unsupported } from "../field-spec.ts";

const NO_SCHEDULER = "the probe does not record task switches";
const NO_STATISTICS = "the probe does not sample processor time";

/** Turns a time since boot into one since 1970; null where either is unknown. */
export function bootedAt(event: EventContext, sinceBoot: number | bigint): bigint | null {
  const boot = event.services.processes.bootTime;
  return boot === 0n || Number(sinceBoot) === 0 ? null : boot + BigInt(sinceBoot);
}

/** Lines as `controller=/path`; version 2 has no controller's name and is `unified`. */
function cgroupLines(event: EventContext): readonly string[] {
  const lines = event.process.cgroups.filter((line) => line.includes("="));
  if (lines.length > 0) return lines.map((line) => (line.startsWith("=") ? `unified${line}` : line));
  return event.record.task.cgroup === "" ? [] : [`unified=${event.record.task.cgroup}`];
}

const isMain = (event: EventContext): boolean => event.record.task.tid === event.record.task.pid;

/** The calling thread. */
export const THREAD_FIELDS: readonly FieldSpec[] = [
  field("thread.cap_permitted", "CHARBUF", "Permitted capabilities, space-separated.", (e) =>
    capabilityText(e.record.task.capPermitted),
  ),
  field("thread.cap_inheritable", "CHARBUF", "Inheritable capabilities, space-separated.", (e) =>
    capabilityText(e.record.task.capInheritable),
  ),
  field("thread.cap_effective", "CHARBUF", "Effective capabilities, space-separated.", (e) =>
    capabilityText(e.record.task.capEffective),
  ),
  memory("thread.pfmajor", "Major page faults of the thread.", "majorFaults"),
  memory("thread.pfminor", "Minor page faults of the thread.", "minorFaults"),
  field("thread.tid", "INT64", "Id of the thread.", (e) => e.record.task.tid),
  field("thread.ismain", "BOOL", "True for the thread that leads its process.", isMain),
  field("thread.vtid", "INT64", "Id of the thread in its own pid namespace.", (e) => e.record.task.vtid),
  field(
    "thread.nametid",
    "CHARBUF",
    "Name of the process and id of the thread, together.",
    (e) => `${e.process.comm}${e.record.task.tid}`,
  ),
  unsupported("thread.exectime", "RELTIME", "Processor time of the thread that was switched out.", NO_SCHEDULER),
  unsupported(
    "thread.totexectime",
    "RELTIME",
    "Processor time of the thread since the start of the capture.",
    NO_SCHEDULER,
  ),
  field(
    "thread.cgroups",
    "CHARBUF",
    "All control groups of the thread as `controller=path`, space-separated.",
    (e) => cgroupLines(e).join(" ") || null,
  ),
  fieldWith(
    "thread.cgroup",
    "CHARBUF",
    "required-key",
    "Path of the thread's control group in one hierarchy, such as `thread.cgroup.cpuacct`; `unified` is version 2.",
    (argument) => ({
      extract: (e) =>
        cgroupLines(e)
          .find((line) => line.startsWith(`${argument}=`))
          ?.slice((argument ?? "").length + 1) ?? null,
    }),
    { dotted: true },
  ),
  unsupported("thread.cpu", "DOUBLE", "Processor use of the thread in the last second.", NO_STATISTICS),
  unsupported("thread.cpu.user", "DOUBLE", "Processor use in user space in the last second.", NO_STATISTICS),
  unsupported("thread.cpu.system", "DOUBLE", "Processor use in the kernel in the last second.", NO_STATISTICS),
  memory(
    "thread.vmsize",
    "Virtual memory of the process in KiB; 0 for other threads than the main one.",
    "vmSize",
    1,
    true,
  ),
  memory(
    "thread.vmrss",
    "Resident memory of the process in KiB; 0 for other threads than the main one.",
    "vmResident",
    1,
    true,
  ),
  memory(
    "thread.vmsize.b",
    "Virtual memory of the process in bytes; 0 for other threads than the main one.",
    "vmSize",
    1024,
    true,
  ),
  memory(
    "thread.vmrss.b",
    "Resident memory of the process in bytes; 0 for other threads than the main one.",
    "vmResident",
    1024,
    true,
  ),
];

/** A figure that an exec told of its process. */
export function memory(
  name: string,
  description: string,
  key: "vmSize" | "vmResident" | "vmSwap" | "majorFaults" | "minorFaults",
  factor = 1,
  mainOnly = false,
): FieldSpec {
  return field(name, "UINT64", `${description} Known since the last exec.`, (e) => {
    if (mainOnly && !isMain(e)) return 0;
    const value = e.process.figures?.[key] ?? null;
    return value === null ? null : integerValue(BigInt(value) * BigInt(factor));
  });
}
