/** How a parameter's raw number is to be shown: as itself, or through a flag or enumeration table of `flags.ts`. */
export type ParamType =
  | "int"
  | "uint"
  | "int64"
  | "uint64"
  | "pid"
  | "uid"
  | "gid"
  | "mode"
  | "flags"
  | "enum"
  | "fd"
  | "errno"
  | "string"
  | "path"
  | "relative-path"
  | "string-list"
  | "bytes"
  | "sockaddr"
  | "tuple"
  | "signal"
  | "relative-time"
  | "absolute-time"
  | "bool";

export interface ParamDefinition {
  readonly name: string;
  readonly type: ParamType;
  /** The table in flags.ts for `flags`, `mode` and `enum`. */
  readonly table?: string;
}

export interface EventTypeDefinition {
  /** Index in EVENT_TYPES and the `type` of a frame: never reused, never reordered. */
  readonly id: number;
  /** The name rules use in `evt.type`. */
  readonly name: string;
  /** Falco's `evt.category`. */
  readonly category: string;
  readonly params: readonly ParamDefinition[];
}

type Spec = readonly [name: string, category: string, params: string];

/**
 * The event types of the suite, in frame order. A parameter is `name:type` or `name:type(table)`, in the order of
 * Falco's event table, so that `evt.args` and `evt.arg[N]` agree with it.
 */
const SPECS: readonly Spec[] = [
  [
    "execve",
    "process",
    "res:errno exe:string args:string-list tid:pid pid:pid ptid:pid cwd:path fdlimit:uint64 pgft_maj:uint64 pgft_min:uint64 vm_size:uint vm_rss:uint vm_swap:uint comm:string cgroups:string-list env:string-list tty:uint vpgid:pid loginuid:int flags:flags(execve) cap_inheritable:uint64 cap_permitted:uint64 cap_effective:uint64 exe_ino:uint64 exe_ino_ctime:absolute-time exe_ino_mtime:absolute-time uid:uid trusted_exepath:path pgid:pid gid:gid filename:path",
  ],
  [
    "execveat",
    "process",
    "res:errno exe:string args:string-list tid:pid pid:pid ptid:pid cwd:path fdlimit:uint64 pgft_maj:uint64 pgft_min:uint64 vm_size:uint vm_rss:uint vm_swap:uint comm:string cgroups:string-list env:string-list tty:uint vpgid:pid loginuid:int flags:flags(execve) cap_inheritable:uint64 cap_permitted:uint64 cap_effective:uint64 exe_ino:uint64 exe_ino_ctime:absolute-time exe_ino_mtime:absolute-time uid:uid trusted_exepath:path pgid:pid gid:gid",
  ],
  [
    "clone",
    "process",
    "res:pid exe:string args:string-list tid:pid pid:pid ptid:pid cwd:string fdlimit:int64 pgft_maj:uint64 pgft_min:uint64 vm_size:uint vm_rss:uint vm_swap:uint comm:string cgroups:string-list flags:flags(clone) uid:uid gid:gid vtid:pid vpid:pid pidns_init_start_ts:uint64",
  ],
  ["procexit", "process", "status:errno ret:errno sig:signal core:bool reaper_tid:pid"],
  ["open", "file", "fd:fd name:path flags:flags(open) mode:mode dev:uint ino:uint64"],
  ["openat", "file", "fd:fd dirfd:fd name:relative-path flags:flags(open) mode:mode dev:uint ino:uint64"],
  [
    "openat2",
    "file",
    "fd:fd dirfd:fd name:relative-path flags:flags(open) mode:mode resolve:flags(resolve) dev:uint ino:uint64",
  ],
  ["creat", "file", "fd:fd name:path mode:mode dev:uint ino:uint64 creat_flags:flags(creat)"],
  ["connect", "net", "res:errno tuple:tuple fd:fd addr:sockaddr"],
  ["accept", "net", "fd:fd tuple:tuple queuepct:uint queuelen:uint queuemax:uint"],
  ["accept4", "net", "fd:fd tuple:tuple queuepct:uint queuelen:uint queuemax:uint flags:int"],
  ["listen", "net", "res:errno fd:fd backlog:int"],
  ["sendto", "net", "res:errno data:bytes fd:fd size:uint tuple:tuple"],
  ["sendmsg", "net", "res:errno data:bytes fd:fd size:uint tuple:tuple"],
  ["recvfrom", "net", "res:errno data:bytes tuple:tuple fd:fd size:uint"],
  ["recvmsg", "net", "res:errno size:uint data:bytes tuple:tuple msgcontrol:bytes fd:fd"],
  ["socket", "net", "fd:fd domain:enum(socket_family) type:int proto:int flags:flags(socket)"],
  ["dup", "IPC", "res:fd oldfd:fd"],
  ["dup2", "IPC", "res:fd oldfd:fd newfd:fd"],
  ["dup3", "IPC", "res:fd oldfd:fd newfd:fd flags:flags(open)"],
  ["symlink", "file", "res:errno target:string linkpath:path"],
  ["symlinkat", "file", "res:errno target:string linkdirfd:fd linkpath:relative-path"],
  ["link", "file", "res:errno oldpath:path newpath:path"],
  ["linkat", "file", "res:errno olddir:fd oldpath:relative-path newdir:fd newpath:relative-path flags:flags(linkat)"],
  ["unlink", "file", "res:errno path:path"],
  ["unlinkat", "file", "res:errno dirfd:fd name:relative-path flags:flags(unlinkat)"],
  ["rmdir", "file", "res:errno path:path"],
  ["rename", "file", "res:errno oldpath:path newpath:path"],
  ["renameat", "file", "res:errno olddirfd:fd oldpath:relative-path newdirfd:fd newpath:relative-path"],
  [
    "renameat2",
    "file",
    "res:errno olddirfd:fd oldpath:relative-path newdirfd:fd newpath:relative-path flags:flags(renameat2)",
  ],
  ["mkdir", "file", "res:errno path:path mode:uint"],
  ["mkdirat", "file", "res:errno dirfd:fd path:relative-path mode:uint"],
  ["chmod", "file", "res:errno filename:path mode:mode"],
  ["fchmod", "file", "res:errno fd:fd mode:mode"],
  ["fchmodat", "file", "res:errno dirfd:fd filename:relative-path mode:mode"],
  ["setuid", "user", "res:errno uid:uid"],
  ["setns", "process", "res:errno fd:fd nstype:flags(clone)"],
  ["unshare", "process", "res:errno flags:flags(clone)"],
  ["ptrace", "process", "res:errno addr:uint64 data:uint64 request:enum(ptrace) pid:pid"],
  ["bpf", "other", "fd:fd cmd:enum(bpf)"],
  ["init_module", "other", "res:errno img:bytes length:uint64 uargs:string"],
  ["finit_module", "other", "res:errno fd:fd uargs:string flags:flags(finit_module)"],
  ["userfaultfd", "file", "res:errno flags:flags(open)"],
];

function parseParam(text: string): ParamDefinition {
  const [name = "", rest = ""] = text.split(":");
  const open = rest.indexOf("(");
  if (open < 0) return { name, type: rest as ParamType };
  return { name, type: rest.slice(0, open) as ParamType, table: rest.slice(open + 1, -1) };
}

/** Every event type the suite knows, by id. */
export const EVENT_TYPES: readonly EventTypeDefinition[] = SPECS.map(([name, category, params], id) => ({
  id,
  name,
  category,
  params: params.split(" ").map(parseParam),
}));

const BY_NAME = new Map(EVENT_TYPES.map((type) => [type.name, type]));

/** Finds an event type by the name rules use. */
export function eventTypeByName(name: string): EventTypeDefinition | null {
  return BY_NAME.get(name) ?? null;
}

/** Position of a parameter in its event type, or -1. */
export function paramIndex(type: EventTypeDefinition, name: string): number {
  return type.params.findIndex((param) => param.name === name);
}
