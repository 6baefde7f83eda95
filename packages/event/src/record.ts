/** One raw parameter value as the kernel gave it; flags and enumerations are numbers here (the fields package names them). */
export type ParamValue = string | number | bigint | Uint8Array | SocketTuple | null;

/** Which end of a connection the task holding the socket is. */
export type SocketRole = "client" | "server" | "unknown";

/** The kernel's view of a socket at the event, in host byte order; addresses are 4 or 16 bytes. */
export interface SocketTuple {
  readonly family: "ipv4" | "ipv6" | "unix";
  readonly protocol: "tcp" | "udp" | "icmp" | "raw" | "unknown";
  readonly role: SocketRole;
  readonly localAddress: Uint8Array | null;
  readonly localPort: number;
  readonly remoteAddress: Uint8Array | null;
  readonly remotePort: number;
  /** The path of a unix socket ("" where it is unnamed; an abstract one begins with `@`), null for other families. */
  readonly unixPath: string | null;
}

/** What kind of thing a file descriptor is; the comments give Falco's `fd.typechar`. */
export type FdKind =
  | "file" // f
  | "directory" // d
  | "ipv4" // 4
  | "ipv6" // 6
  | "unix" // u
  | "pipe" // p
  | "event" // e
  | "signalfd" // s
  | "eventpoll" // l
  | "inotify" // i
  | "timerfd" // t
  | "netlink" // n
  | "bpf" // b
  | "userfaultfd" // u
  | "io_uring" // r
  | "memfd" // m
  | "pidfd" // P
  | "other"; // o

/** The file descriptor an event is about, read from the kernel when the event fired. */
export interface FdInfo {
  /** Its number; negative where the call failed. */
  readonly number: number;
  readonly kind: FdKind;
  /** The kernel's path, up to the root of the task's mount namespace; null for sockets, pipes and failed calls. */
  readonly path: string | null;
  readonly tuple: SocketTuple | null;
  /** Device as Falco's `dev` (major << 8 | minor in its encoding), inode; 0 where there is none. */
  readonly device: number;
  readonly inode: number | bigint;
  /** True when the open that made it created the file. */
  readonly created: boolean;
  /** The layer of an overlay file system that holds the file; absent where the source does not read it or there is none. */
  readonly overlay?: "upper" | "lower";
  /** The socket is connected (`fd.connected`), or the peer changed with this datagram (`fd.name_changed`). */
  readonly connected: boolean;
  readonly nameChanged: boolean;
}

/** Which path of a file is shown beside the name that was given: the kernel's, or its alias. */
export type OtherPath = "real" | "alias";

/** A path argument of the call, before any resolution, so that Falco's lexical `fd.name` can be built from it. */
export interface PathArgument {
  /** The text as the caller passed it; may be relative, may hold `..`. */
  readonly raw: string;
  /** What a relative `raw` starts from: the working directory's path, or the directory descriptor's. Null when `raw` is absolute or it is unknown. */
  readonly base: string | null;
  /** The kernel's resolved path, when the call succeeded and the probe could walk it. */
  readonly real: string | null;
  /** Another path of an opened file, where the kernel knows one: outside of a bind mount, or of another hard link. */
  readonly alias?: string;
}

/** What an exec or a fork tells about the process; feeds the process tree. Times are nanoseconds. */
export interface ProcessImage {
  readonly exe: string;
  /** The kernel's path of the executable. */
  readonly exePath: string;
  /** argv[1…]; argv[0] is `exe`. */
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly comm: string;
  readonly exeInode: number | bigint;
  readonly exeCtime: number | bigint;
  readonly exeMtime: number | bigint;
  readonly exeWritable: boolean;
  readonly exeUpperLayer: boolean;
  readonly exeLowerLayer: boolean;
  readonly exeFromMemfd: boolean;
  readonly fdLimit: number | bigint;
  /** One line a controller, `name=/path`, as Falco's `cgroups` parameter; may be just the one path the kernel gave. */
  readonly cgroups: readonly string[];
}

/** The task that made the call, read from the kernel when the event fired. Ids are as the host's init namespace sees them unless named virtual. */
export interface TaskInfo {
  readonly tid: number;
  /** Thread group id: what users call the pid. */
  readonly pid: number;
  readonly ppid: number;
  readonly vtid: number;
  readonly vpid: number;
  /** Start of the thread group leader, nanoseconds since boot: with `pid` it identifies the process for good. */
  readonly startTime: number | bigint;
  readonly comm: string;
  readonly uid: number;
  readonly gid: number;
  readonly euid: number;
  readonly egid: number;
  /** 4294967295 (shown as -1) where there was no login. */
  readonly loginUid: number;
  readonly sid: number;
  readonly vsid: number;
  readonly pgid: number;
  readonly vpgid: number;
  /** Falco's tty number: 0 where there is no terminal. */
  readonly tty: number;
  readonly capInheritable: bigint;
  readonly capPermitted: bigint;
  readonly capEffective: bigint;
  /** Path of the task's cgroup in the hierarchy the probe reads (the deepest one that is not `/`). */
  readonly cgroup: string;
  readonly pidNamespace: number;
  readonly mountNamespace: number;
  /** Start of the pid namespace's init in nanoseconds since boot, 0 where unknown. */
  readonly pidNamespaceStart: number | bigint;
}

/** Which parts of an event were cut or came another way; counted, never silent. */
export interface RecordMarks {
  /** A path, argument list or environment was longer than the frame has room for. */
  readonly truncated: boolean;
  /** Submitted through io_uring, not by a system call. */
  readonly ioUring: boolean;
  /** A 32-bit call. */
  readonly compat: boolean;
}

/**
 * One event as the probe or a capture gives it. A view over a binary frame: reading a property decodes it, so readers
 * ask for what they need and no more. The view is reused for the next event; keep values, not the record.
 */
export interface EventRecord {
  /** Index into EVENT_TYPES. */
  readonly type: number;
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  /** Running number since the source was opened, from 1. */
  readonly number: number;
  readonly cpu: number;
  /** The call's return value; negative errno when it failed. 0 for events that return nothing. */
  readonly result: number | bigint;
  readonly task: TaskInfo;
  readonly marks: RecordMarks;
  /** Raw parameter by its position in the event type's table. Null where the event did not carry it. */
  param(index: number): ParamValue;
  /** The descriptor the event is about (the opened file, the connected socket), or null. */
  readonly fd: FdInfo | null;
  /** The event's path arguments in the order of the call: one for open, two for rename or link. */
  readonly paths: readonly PathArgument[];
  /** For execve, execveat (a success) and process creation; else null. */
  readonly image: ProcessImage | null;
}

/** A process that already ran when a source was opened: what seeds the process tree. Events that followed win over it. */
export interface ProcessSnapshot {
  /** The thread group leader. */
  readonly task: TaskInfo;
  readonly image: ProcessImage;
}
