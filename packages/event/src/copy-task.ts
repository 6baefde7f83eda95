import type { TaskInfo } from "./record.ts";

/** Copies what a view shows, for keeping. */
export function copyTask(task: TaskInfo): TaskInfo {
  return {
    tid: task.tid,
    pid: task.pid,
    ppid: task.ppid,
    vtid: task.vtid,
    vpid: task.vpid,
    startTime: task.startTime,
    comm: task.comm,
    uid: task.uid,
    gid: task.gid,
    euid: task.euid,
    egid: task.egid,
    loginUid: task.loginUid,
    sid: task.sid,
    vsid: task.vsid,
    pgid: task.pgid,
    vpgid: task.vpgid,
    tty: task.tty,
    capInheritable: task.capInheritable,
    capPermitted: task.capPermitted,
    capEffective: task.capEffective,
    cgroup: task.cgroup,
    pidNamespace: task.pidNamespace,
    mountNamespace: task.mountNamespace,
    pidNamespaceStart: task.pidNamespaceStart,
  };
}
