import {
  copyTask,
  type EventRecord,
  type FdInfo,
  type ParamValue,
  type ProcessImage,
  type RecordMarks,
  type SocketTuple,
} from "@falco-efk/event";

const bytes = (value: Uint8Array | null): Uint8Array | null => (value === null ? null : Uint8Array.from(value));

function copyTuple(tuple: SocketTuple): SocketTuple {
  return {
    family: tuple.family,
    protocol: tuple.protocol,
    role: tuple.role,
    localAddress: bytes(tuple.localAddress),
    localPort: tuple.localPort,
    remoteAddress: bytes(tuple.remoteAddress),
    remotePort: tuple.remotePort,
    unixPath: tuple.unixPath,
  };
}

function copyFd(fd: FdInfo): FdInfo {
  const copy: FdInfo = {
    number: fd.number,
    kind: fd.kind,
    path: fd.path,
    tuple: fd.tuple === null ? null : copyTuple(fd.tuple),
    device: fd.device,
    inode: fd.inode,
    created: fd.created,
    connected: fd.connected,
    nameChanged: fd.nameChanged,
  };
  return fd.overlay === undefined ? copy : { ...copy, overlay: fd.overlay };
}

function copyImage(image: ProcessImage): ProcessImage {
  return {
    exe: image.exe,
    exePath: image.exePath,
    args: image.args,
    env: image.env,
    cwd: image.cwd,
    comm: image.comm,
    exeInode: image.exeInode,
    exeCtime: image.exeCtime,
    exeMtime: image.exeMtime,
    exeWritable: image.exeWritable,
    exeUpperLayer: image.exeUpperLayer,
    exeLowerLayer: image.exeLowerLayer,
    exeFromMemfd: image.exeFromMemfd,
    fdLimit: image.fdLimit,
    cgroups: image.cgroups,
  };
}

const copyMarks = ({ truncated, ioUring, compat }: RecordMarks): RecordMarks => ({ truncated, ioUring, compat });

function copyParam(value: ParamValue): ParamValue {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  return typeof value === "object" && value !== null ? copyTuple(value) : value;
}

/** Copies a record, which is a view that its source reuses, into plain data. */
export function detachRecord(record: EventRecord, paramCount: number): EventRecord {
  const params = Array.from({ length: paramCount }, (_, index) => copyParam(record.param(index)));
  return {
    type: record.type,
    time: record.time,
    number: record.number,
    cpu: record.cpu,
    result: record.result,
    task: copyTask(record.task),
    marks: copyMarks(record.marks),
    param: (index) => params[index] ?? null,
    fd: record.fd === null ? null : copyFd(record.fd),
    paths: record.paths.map((path) => ({ ...path })),
    image: record.image === null ? null : copyImage(record.image),
  };
}
