import { EVENT_TYPES, type ParamValue } from "@falco-efk/event";
import { deviceNumber } from "./fd-info.ts";
import { LAYOUT } from "./frame-layout.ts";
import type { FrameView } from "./frame-view.ts";
import { imageNumber, readCgroups, readStrings } from "./process-image.ts";
import { readPassedAddress, readTuple } from "./socket-tuple.ts";

type Reader = (frame: FrameView) => ParamValue;

const O_CREAT = 0o100;
const O_TMPFILE = 0o20000000;
const ARGS = LAYOUT["frame.args"];
const EXTRA = LAYOUT["frame.extra"];

/** Argument `index` of the call: `arg` as 32 unsigned bits, `int` as 32 signed ones, `long` as 64 unsigned ones. */
const arg =
  (index: number): Reader =>
  (frame) =>
    frame.u32(ARGS + index * 8);
const int =
  (index: number): Reader =>
  (frame) =>
    frame.argInt(index);
const long =
  (index: number): Reader =>
  (frame) =>
    frame.u64(ARGS + index * 8);
const extra =
  (index: number): Reader =>
  (frame) =>
    frame.u64(EXTRA + index * 8);
const section =
  (id: number): Reader =>
  (frame) =>
    frame.text(id);
const data =
  (id: number): Reader =>
  (frame) =>
    frame.data(id);
const image =
  (member: number, bytes: 4 | 8): Reader =>
  (frame) =>
    frame.sectionLength(LAYOUT.SECTION_IMAGE) === 0 ? null : imageNumber(frame, member, bytes);

const result: Reader = (frame) => frame.result;
const path0: Reader = (frame) => frame.text(LAYOUT.SECTION_PATH0_RAW) ?? "";
const path1: Reader = (frame) => frame.text(LAYOUT.SECTION_PATH1_RAW) ?? "";
const device: Reader = (frame) => deviceNumber(frame.u32(LAYOUT["frame.fd_device"]));
const inode: Reader = (frame) => frame.u64(LAYOUT["frame.fd_inode"]);
const none: Reader = () => null;

/** A mode counts only where the open could create. */
const createMode =
  (flags: Reader, mode: Reader): Reader =>
  (frame) =>
    (Number(flags(frame)) & (O_CREAT | O_TMPFILE)) !== 0 ? mode(frame) : 0;

/** The bytes of a failed exec's list from its string `from` on. A success has it in its image. */
const strings =
  (id: number, from: number): Reader =>
  (frame) => {
    const bytes = frame.result === 0 ? null : frame.data(id);
    return bytes === null ? null : bytes.subarray(from === 0 ? 0 : bytes.indexOf(0) + 1);
  };

/** Null where the record's image says it better; a failed exec tells of the process as it stays. */
const PROCESS: Readonly<Record<string, Reader>> = {
  res: result,
  exe: (frame) => readStrings(frame, LAYOUT.SECTION_ARGS)[0] ?? "",
  args: strings(LAYOUT.SECTION_ARGS, 1),
  tid: (frame) => frame.task.tid,
  pid: (frame) => frame.task.pid,
  ptid: (frame) => frame.task.ppid,
  cwd: section(LAYOUT.SECTION_CWD),
  fdlimit: image(LAYOUT["frame_image.fd_limit"], 8),
  pgft_maj: image(LAYOUT["frame_image.major_faults"], 8),
  pgft_min: image(LAYOUT["frame_image.minor_faults"], 8),
  vm_size: image(LAYOUT["frame_image.vm_size"], 4),
  vm_rss: image(LAYOUT["frame_image.vm_rss"], 4),
  vm_swap: image(LAYOUT["frame_image.vm_swap"], 4),
  comm: (frame) => frame.task.comm,
  cgroups: (frame) => (frame.result === 0 ? null : readCgroups(frame).join(" ")),
  env: strings(LAYOUT.SECTION_ENV, 0),
  tty: (frame) => frame.task.tty,
  vpgid: (frame) => frame.task.vpgid,
  loginuid: (frame) => frame.task.loginUid | 0,
  flags: (frame) => (frame.result === 0 ? null : image(LAYOUT["frame_image.flags"], 4)(frame)),
  cap_inheritable: (frame) => frame.u64(LAYOUT["frame.cap_inheritable"]),
  cap_permitted: (frame) => frame.u64(LAYOUT["frame.cap_permitted"]),
  cap_effective: (frame) => frame.u64(LAYOUT["frame.cap_effective"]),
  exe_ino: image(LAYOUT["frame_image.inode"], 8),
  exe_ino_ctime: image(LAYOUT["frame_image.ctime"], 8),
  exe_ino_mtime: image(LAYOUT["frame_image.mtime"], 8),
  uid: (frame) => frame.task.euid,
  trusted_exepath: section(LAYOUT.SECTION_EXE_PATH),
  pgid: (frame) => frame.task.pgid,
  gid: (frame) => frame.task.egid,
  filename: path0,
};

const FORK: Readonly<Record<string, Reader>> = {
  ...PROCESS,
  flags: extra(0),
  vtid: (frame) => frame.task.vtid,
  vpid: (frame) => frame.task.vpid,
  pidns_init_start_ts: (frame) => frame.task.pidNamespaceStart,
};

const MESSAGE: Readonly<Record<string, Reader>> = {
  res: result,
  data: data(LAYOUT.SECTION_DATA),
  fd: int(0),
  tuple: readTuple,
  size: extra(0),
  msgcontrol: none,
};

const ACCEPT: Readonly<Record<string, Reader>> = {
  fd: result,
  tuple: readTuple,
  queuelen: extra(0),
  queuemax: extra(1),
  queuepct: (frame) => {
    const limit = Number(frame.u64(EXTRA + 8));
    return limit > 0 ? Math.floor((Number(frame.u64(EXTRA)) * 100) / limit) : 0;
  },
  flags: int(3),
};

/** How each parameter is read, by event type and name. `res` and `fd` mean the result where nothing else is said. */
const READERS: Readonly<Record<string, Readonly<Record<string, Reader>>>> = {
  execve: PROCESS,
  execveat: PROCESS,
  clone: FORK,
  procexit: {
    status: extra(0),
    ret: (frame) => (Number(frame.u64(EXTRA)) >> 8) & 0xff,
    sig: (frame) => Number(frame.u64(EXTRA)) & 0x7f,
    core: (frame) => (Number(frame.u64(EXTRA)) >> 7) & 1,
    reaper_tid: extra(1),
  },
  open: { name: path0, flags: arg(1), mode: createMode(arg(1), arg(2)), dev: device, ino: inode },
  openat: { dirfd: int(0), name: path0, flags: arg(2), mode: createMode(arg(2), arg(3)), dev: device, ino: inode },
  openat2: { dirfd: int(0), name: path0, flags: extra(0), mode: extra(1), resolve: extra(2), dev: device, ino: inode },
  creat: { name: path0, mode: arg(1), dev: device, ino: inode, creat_flags: none },
  connect: { tuple: readTuple, fd: int(0), addr: readPassedAddress },
  accept: ACCEPT,
  accept4: ACCEPT,
  listen: { fd: int(0), backlog: int(1) },
  sendto: MESSAGE,
  sendmsg: MESSAGE,
  recvfrom: MESSAGE,
  recvmsg: MESSAGE,
  // The flags are bits of the type; the table names those it knows.
  socket: { domain: arg(0), type: arg(1), proto: arg(2), flags: arg(1) },
  dup: { oldfd: int(0) },
  dup2: { oldfd: int(0), newfd: int(1) },
  dup3: { oldfd: int(0), newfd: int(1), flags: arg(2) },
  symlink: { target: section(LAYOUT.SECTION_TEXT), linkpath: path0 },
  symlinkat: { target: section(LAYOUT.SECTION_TEXT), linkdirfd: int(1), linkpath: path0 },
  link: { oldpath: path0, newpath: path1 },
  linkat: { olddir: int(0), oldpath: path0, newdir: int(2), newpath: path1, flags: arg(4) },
  unlink: { path: path0 },
  unlinkat: { dirfd: int(0), name: path0, flags: arg(2) },
  rmdir: { path: path0 },
  rename: { oldpath: path0, newpath: path1 },
  renameat: { olddirfd: int(0), oldpath: path0, newdirfd: int(2), newpath: path1 },
  renameat2: { olddirfd: int(0), oldpath: path0, newdirfd: int(2), newpath: path1, flags: arg(4) },
  mkdir: { path: path0, mode: arg(1) },
  mkdirat: { dirfd: int(0), path: path0, mode: arg(2) },
  chmod: { filename: path0, mode: arg(1) },
  fchmod: { fd: int(0), mode: arg(1) },
  fchmodat: { dirfd: int(0), filename: path0, mode: arg(2) },
  setuid: { uid: arg(0) },
  setns: { fd: int(0), nstype: arg(1) },
  unshare: { flags: arg(0) },
  ptrace: { request: arg(0), pid: int(1), addr: long(2), data: long(3) },
  bpf: { cmd: arg(0) },
  init_module: { img: data(LAYOUT.SECTION_DATA), length: long(1), uargs: section(LAYOUT.SECTION_TEXT) },
  finit_module: { fd: int(0), uargs: section(LAYOUT.SECTION_TEXT), flags: arg(2) },
  userfaultfd: { flags: arg(0) },
};

const BY_POSITION: readonly (readonly Reader[])[] = EVENT_TYPES.map((type) =>
  type.params.map((param) => {
    const reader = READERS[type.name]?.[param.name];
    if (reader) return reader;
    if (param.name === "res" || param.name === "fd") return result;
    throw new Error(`no reader for ${type.name}.${param.name}`);
  }),
);

/** A frame's parameter by its position in the event type's table; null where the event did not carry it. */
export function readParam(frame: FrameView, index: number): ParamValue {
  return BY_POSITION[frame.type]?.[index]?.(frame) ?? null;
}
