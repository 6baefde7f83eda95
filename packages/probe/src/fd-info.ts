import type { FdInfo, FdKind } from "@falco-efk/event";
import { LAYOUT } from "./frame-layout.ts";
import type { FrameView } from "./frame-view.ts";
import { readTuple } from "./socket-tuple.ts";

const S_IFMT = 0o170000;
const S_IFDIR = 0o040000;
const S_IFIFO = 0o010000;
const S_IFSOCK = 0o140000;
const PIDFS_MAGIC = 0x50494446;

/** Address families beside the ones a tuple covers. */
const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;

/** Anonymous inodes by the start of their name. */
const ANONYMOUS: readonly (readonly [string, FdKind])[] = [
  ["[eventfd", "event"],
  ["[eventpoll", "eventpoll"],
  ["inotify", "inotify"],
  ["[signalfd", "signalfd"],
  ["[timerfd", "timerfd"],
  ["bpf", "bpf"],
  ["[userfaultfd", "userfaultfd"],
  ["[io_uring", "io_uring"],
  ["[pidfd", "pidfd"],
];

/** A device number as Falco shows it, from the kernel's major << 20 | minor. */
export function deviceNumber(kernel: number): number {
  const major = kernel >>> 20;
  const minor = kernel & 0xfffff;
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0;
}

function socketKind(family: number): FdKind {
  if (family === AF_INET) return "ipv4";
  if (family === AF_INET6) return "ipv6";
  if (family === AF_UNIX) return "unix";
  return family === AF_NETLINK ? "netlink" : "other";
}

function anonymousKind(name: string | null): FdKind {
  if (name !== null) for (const [start, kind] of ANONYMOUS) if (name.startsWith(start)) return kind;
  return "other";
}

function kindOf(frame: FrameView, path: string | null): FdKind {
  const format = frame.u16(LAYOUT["frame.fd_mode"]) & S_IFMT;
  if (format === S_IFSOCK) return socketKind(frame.u16(LAYOUT["frame.socket_family"]));
  if (format === S_IFIFO) return "pipe";
  if (frame.u32(LAYOUT["frame.fd_magic"]) === PIDFS_MAGIC) return "pidfd";
  if (format === 0) return anonymousKind(path);
  if (format === S_IFDIR) return "directory";
  return path?.startsWith("/memfd:") || path?.startsWith("memfd:") ? "memfd" : "file";
}

/** The descriptor the frame is about, or null where the call has none. */
export function readFd(frame: FrameView): FdInfo | null {
  if ((frame.markBits & LAYOUT.MARK_FD) === 0) return null;
  const flags = frame.u8(LAYOUT["frame.fd_flags"]);
  const anonymous = (frame.u16(LAYOUT["frame.fd_mode"]) & S_IFMT) === 0;
  const path = frame.text(LAYOUT.SECTION_FD_PATH);
  const kind = kindOf(frame, path);
  const info: FdInfo = {
    number: frame.s32(LAYOUT["frame.fd"]),
    kind,
    path: anonymous ? null : path,
    tuple: readTuple(frame),
    device: deviceNumber(frame.u32(LAYOUT["frame.fd_device"])),
    inode: frame.u64(LAYOUT["frame.fd_inode"]),
    created: (flags & LAYOUT.FD_CREATED) !== 0,
    connected: (flags & LAYOUT.FD_CONNECTED) !== 0,
    nameChanged: (flags & LAYOUT.FD_NAME_CHANGED) !== 0,
  };
  if ((flags & (LAYOUT.FD_UPPER_LAYER | LAYOUT.FD_LOWER_LAYER)) === 0) return info;
  return { ...info, overlay: (flags & LAYOUT.FD_UPPER_LAYER) !== 0 ? "upper" : "lower" };
}
