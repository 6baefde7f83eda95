import type { SocketRole, SocketTuple } from "@falco-efk/event";
import { LAYOUT } from "./frame-layout.ts";
import type { FrameView } from "./frame-view.ts";

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;

const PROTOCOLS: ReadonlyMap<number, SocketTuple["protocol"]> = new Map([
  [1, "icmp"],
  [6, "tcp"],
  [17, "udp"],
  [58, "icmp"],
  [255, "raw"],
]);

const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;

function protocolOf(frame: FrameView): SocketTuple["protocol"] {
  const known = PROTOCOLS.get(frame.u8(LAYOUT["frame.socket_protocol"]));
  if (known) return known;
  const type = frame.u16(LAYOUT["frame.socket_type"]);
  if (type === SOCK_RAW) return "raw";
  if (frame.u8(LAYOUT["frame.socket_protocol"]) !== 0) return "unknown";
  if (type === SOCK_STREAM) return "tcp";
  return type === SOCK_DGRAM ? "udp" : "unknown";
}

function roleOf(frame: FrameView): SocketRole {
  const role = frame.u8(LAYOUT["frame.socket_role"]);
  if (role === LAYOUT.ROLE_CLIENT) return "client";
  return role === LAYOUT.ROLE_SERVER ? "server" : "unknown";
}

/** A unix socket's name: what comes before the first NUL, or an abstract name with `@` for its leading NUL. */
function unixName(frame: FrameView, start: number, length: number): string {
  if (length === 0) return "";
  const from = frame.start + start;
  if (frame.bytes[from] === 0) return `@${frame.bytes.toString("utf8", from + 1, from + length)}`;
  let end = from;
  while (end < from + length && frame.bytes[end] !== 0) end++;
  return frame.bytes.toString("utf8", from, end);
}

interface Endpoint {
  readonly family: number;
  readonly address: Uint8Array | null;
  readonly port: number;
  readonly path: string | null;
}

/** The address that the caller passed, or null where there is none or it is of another family. */
function passedAddress(frame: FrameView): Endpoint | null {
  const start = frame.sectionStart(LAYOUT.SECTION_SOCKADDR);
  const length = frame.sectionLength(LAYOUT.SECTION_SOCKADDR);
  if (length < 2) return null;
  const at = frame.start + start;
  const family = frame.bytes.readUInt16LE(at);
  const port = length >= 4 ? frame.bytes.readUInt16BE(at + 2) : 0;
  if (family === AF_INET && length >= 8) {
    return { family, address: new Uint8Array(frame.bytes.subarray(at + 4, at + 8)), port, path: null };
  }
  if (family === AF_INET6 && length >= 24) {
    return { family, address: new Uint8Array(frame.bytes.subarray(at + 8, at + 24)), port, path: null };
  }
  if (family === AF_UNIX) return { family, address: null, port: 0, path: unixName(frame, start + 2, length - 2) };
  return null;
}

function addressAt(frame: FrameView, offset: number, bytes: number): Uint8Array {
  const at = frame.start + offset;
  return new Uint8Array(frame.bytes.subarray(at, at + bytes));
}

function isUnset(address: Uint8Array): boolean {
  return address.every((byte) => byte === 0);
}

function inetTuple(frame: FrameView, family: "ipv4" | "ipv6"): SocketTuple {
  const bytes = family === "ipv4" ? 4 : 16;
  const local = addressAt(frame, LAYOUT["frame.socket_local"], bytes);
  const kernelRemote = addressAt(frame, LAYOUT["frame.socket_remote"], bytes);
  const kernelPort = frame.u16(LAYOUT["frame.socket_remote_port"]);
  const passed = passedAddress(frame);
  // A datagram's own destination, or the one of a connect that did not come about, is known to the caller alone. A
  // refused connect leaves the address in the kernel's socket, and no port.
  const own = kernelPort === 0 ? (passed?.address ?? null) : null;
  const remote = own ?? kernelRemote;
  const port = own === null ? kernelPort : (passed?.port ?? 0);
  const known = kernelPort !== 0 || !isUnset(remote) || own !== null;
  return {
    family,
    protocol: protocolOf(frame),
    role: roleOf(frame),
    localAddress: local,
    localPort: frame.u16(LAYOUT["frame.socket_local_port"]),
    remoteAddress: known ? remote : null,
    remotePort: port,
    unixPath: null,
  };
}

function unixTuple(frame: FrameView): SocketTuple {
  const section = (id: number): string => unixName(frame, frame.sectionStart(id), frame.sectionLength(id));
  const path = passedAddress(frame)?.path || section(LAYOUT.SECTION_UNIX_LOCAL) || section(LAYOUT.SECTION_UNIX_REMOTE);
  return {
    family: "unix",
    protocol: "unknown",
    role: roleOf(frame),
    localAddress: null,
    localPort: 0,
    remoteAddress: null,
    remotePort: 0,
    unixPath: path,
  };
}

/** Both ends of the frame's socket, or null where it is about none (or one of another family). */
export function readTuple(frame: FrameView): SocketTuple | null {
  switch (frame.u16(LAYOUT["frame.socket_family"])) {
    case AF_INET:
      return inetTuple(frame, "ipv4");
    case AF_INET6:
      return inetTuple(frame, "ipv6");
    case AF_UNIX:
      return unixTuple(frame);
    default:
      return null;
  }
}

/** The address the caller passed, as a tuple with no local end; null where there is none. */
export function readPassedAddress(frame: FrameView): SocketTuple | null {
  const passed = passedAddress(frame);
  if (!passed) return null;
  return {
    family: passed.family === AF_UNIX ? "unix" : passed.family === AF_INET ? "ipv4" : "ipv6",
    protocol: passed.family === AF_UNIX ? "unknown" : protocolOf(frame),
    role: roleOf(frame),
    localAddress: null,
    localPort: 0,
    remoteAddress: passed.address,
    remotePort: passed.port,
    unixPath: passed.path,
  };
}
