import type { FieldValue } from "@falco-efk/event";
import type { EventContext } from "../event-context.ts";
import { type FieldSpec, field } from "../field-spec.ts";
import type { ProcessInfo } from "../processes/process-info.ts";

type Id = "sid" | "pgid" | "vpgid";

/**
 * The leader of a session or process group: the process whose pid is the id, else the eldest in the unbroken line of
 * ancestors that share the id. Ids of a session and a group are compared as the host sees them, so a namespace does not
 * make another process with the same number the leader.
 */
function leaderOf(event: EventContext, id: Id): ProcessInfo | null {
  const { processes } = event.services;
  const { task } = event.record;
  const wanted = id === "sid" ? task.sid : task.pgid;
  if (wanted === task.pid) return event.process;
  const direct = wanted > 0 ? processes.get(wanted) : null;
  if (direct !== null) return direct;
  let eldest: ProcessInfo | null = null;
  processes.walk(event.process, event.time, (process) => {
    if ((id === "sid" ? process.sid : process.pgid) !== wanted) return false;
    eldest = process;
    return true;
  });
  return eldest;
}

const leader =
  (id: Id, read: (process: ProcessInfo) => string) =>
  (event: EventContext): FieldValue => {
    const found = leaderOf(event, id);
    return found === null ? "" : read(found);
  };

function trio(prefix: string, id: Id, what: string): readonly FieldSpec[] {
  const nameField = id === "sid" ? "proc.sname" : `${prefix}.name`;
  return [
    field(
      nameField,
      "CHARBUF",
      `Name of the leader of the ${what}.`,
      leader(id, (p) => p.comm),
    ),
    field(
      `${prefix}.exe`,
      "CHARBUF",
      `argv[0] of the leader of the ${what}.`,
      leader(id, (p) => p.exe),
    ),
    field(
      `${prefix}.exepath`,
      "CHARBUF",
      `Path of the executable of the leader of the ${what}.`,
      leader(id, (p) => p.exePath),
    ),
  ];
}

/** Sessions and process groups. */
export const PROC_LEADER_FIELDS: readonly FieldSpec[] = [
  field("proc.sid", "INT64", "Id of the session.", (e) => e.record.task.vsid),
  ...trio("proc.sid", "sid", "session"),
  field("proc.vpgid", "INT64", "Id of the process group, in the process's pid namespace.", (e) => e.record.task.vpgid),
  ...trio("proc.vpgid", "vpgid", "process group"),
  field("proc.pgid", "INT64", "Id of the process group, as the host sees it.", (e) => e.record.task.pgid),
  ...trio("proc.pgid", "pgid", "process group"),
  field(
    "proc.is_sid_leader",
    "BOOL",
    "True for the leader of a session.",
    (e) => e.record.task.vsid === e.record.task.vpid,
  ),
  field(
    "proc.is_vpgid_leader",
    "BOOL",
    "True for the leader of a process group, such as a command typed at a prompt.",
    (e) => e.record.task.vpgid === e.record.task.vpid,
  ),
  field(
    "proc.is_pgid_leader",
    "BOOL",
    "True for the leader of a process group, by the host's ids.",
    (e) => e.record.task.pgid === e.record.task.pid,
  ),
];
