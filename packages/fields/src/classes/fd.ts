import { type FieldScalar, type FieldType, type FieldValue, integerValue } from "@falco-efk/event";
import type { EventContext } from "../event-context.ts";
import { type FieldSpec, field, unsupported } from "../field-spec.ts";
import { typeChar } from "../format/param-text.ts";
import type { Connection } from "../network/connection.ts";
import { directoryOf, fileNameOf, withoutDoubledSlashes } from "../paths.ts";

const NO_DESCRIPTORS =
  "no table of open descriptors is kept: descriptors are read in the kernel when an event uses them";
const ZERO4 = new Uint8Array(4);
const ZERO16 = new Uint8Array(16);
const PATH = { path: true };

type End = "client" | "server" | "local" | "remote";

const addressOf = (connection: Connection | null, end: End): Uint8Array | null =>
  connection === null ? null : connection[`${end}Address`];

function portOf(connection: Connection | null, end: End): number | null {
  if (connection === null || (connection.listening && (end === "client" || end === "remote"))) return null;
  return connection[`${end}Port`];
}

/** Both ends; zeros for a socket that has no address yet, as Falco compares it. */
function addresses(event: EventContext): readonly FieldScalar[] | null {
  const connection = event.connection;
  if (connection === null) {
    const kind = event.fdKind;
    return kind === "ipv4" ? [ZERO4, ZERO4] : kind === "ipv6" ? [ZERO16, ZERO16] : null;
  }
  const { clientAddress, serverAddress } = connection;
  const known = [clientAddress, serverAddress].filter((address) => address !== null);
  return known.length === 0 ? null : known;
}

function ports(event: EventContext): readonly FieldScalar[] | null {
  const connection = event.connection;
  if (connection === null) {
    const kind = event.fdKind;
    return kind === "ipv4" || kind === "ipv6" ? [0, 0] : null;
  }
  return connection.listening ? [connection.serverPort] : [connection.clientPort, connection.serverPort];
}

function name(event: EventContext): string | null {
  return event.fdName;
}

function directory(event: EventContext): string | null {
  const kind = event.fdKind;
  const path = event.fdName;
  if (path === null) return null;
  if (kind !== null && kind !== "file" && kind !== "directory") return null;
  return kind === "directory" ? path : directoryOf(path);
}

function nameRaw(event: EventContext): string | null {
  if (event.fdName === null) return null;
  return event.traits.opens ? withoutDoubledSlashes(event.record.paths[0]?.raw ?? "") : "";
}

function inContainer(event: EventContext, text: string | null): string | null {
  return text === null ? null : `${event.container?.id ?? "host"}:${text}`;
}

function layer4(event: EventContext): string | null {
  const fd = event.fd;
  if (fd === null) return null;
  const protocol = event.connection?.protocol ?? (fd.tuple?.protocol === "raw" ? "raw" : "unknown");
  return protocol === "unknown" ? "<NA>" : protocol;
}

function family(event: EventContext): string | null {
  const kind = event.fdKind;
  return kind === "ipv4" || kind === "ipv6" ? "ip" : kind === "unix" ? "unix" : null;
}

/** Linux packs a device as major << 8 | minor in 32 bits, with more of both above. */
const major = (device: number): number => (device >>> 8) & 0xfff;
const minor = (device: number): number => (device & 0xff) | ((device >>> 12) & 0xfff00);

const ofFd =
  (read: (event: EventContext, fd: NonNullable<EventContext["fd"]>) => FieldValue) =>
  (event: EventContext): FieldValue => {
    const fd = event.fd;
    return fd === null ? null : read(event, fd);
  };

const ENDS: readonly (readonly [letter: string, end: End])[] = [
  ["c", "client"],
  ["s", "server"],
  ["l", "local"],
  ["r", "remote"],
];

const each = (make: (letter: string, end: End) => FieldSpec): readonly FieldSpec[] =>
  ENDS.map(([letter, end]) => make(letter, end));

const address = (name: string, type: FieldType, description: string, end: End): FieldSpec =>
  field(name, type, description, (event) => addressOf(event.connection, end));

/** Names of an end: those watched domain names that resolve to its address. */
const domain = (letter: string, end: End): FieldSpec =>
  field(
    `fd.${letter}ip.name`,
    "CHARBUF",
    `Domain name of the ${end} end: names that rules compare are resolved ahead and kept.`,
    (event) => {
      const found = addressOf(event.connection, end);
      return found === null ? null : event.services.domains.namesOf(found);
    },
    {
      several: "any",
      print: (event) => {
        const found = addressOf(event.connection, end);
        return found === null ? null : (event.services.domains.namesOf(found)?.[0] ?? null);
      },
    },
  );

/** The descriptor that the event makes or uses. */
export const FD_FIELDS: readonly FieldSpec[] = [
  field("fd.num", "INT64", "Number of the descriptor; -1 when the call that makes it failed.", (event) =>
    event.traits.createsFd || event.traits.usesFd ? numberOf(event) : null,
  ),
  field(
    "fd.type",
    "CHARBUF",
    "Kind of the descriptor: file, directory, ipv4, ipv6, unix, pipe, event, signalfd, eventpoll, inotify, timerfd, netlink, bpf, userfaultfd, io_uring, memfd, pidfd.",
    (event) => {
      const kind = event.fdKind;
      return kind === "other" ? "<NA>" : kind;
    },
  ),
  field(
    "fd.typechar",
    "CHARBUF",
    "Kind of the descriptor as one letter: f, d, 4, 6, u, p, e, s, l, i, t, n, b, r, m, o.",
    (event) => {
      if (!(event.traits.createsFd || event.traits.usesFd)) return null;
      const kind = event.fdKind;
      return kind !== null ? typeChar(kind) : event.traits.opens ? "f" : "o";
    },
  ),
  field("fd.name", "CHARBUF", "Absolute path of a file; both ends of a connection.", name, PATH),
  field("fd.directory", "CHARBUF", "Directory of a file.", directory, PATH),
  field(
    "fd.filename",
    "CHARBUF",
    "Name of a file without its directory.",
    (event) => (event.fdKind === "file" ? fileNameOf(event.fdName ?? "") : null),
    PATH,
  ),
  field("fd.ip", "IPADDR", "Address of either end, for conditions only.", addresses, { several: "endpoints" }),
  ...each((letter, end) => address(`fd.${letter}ip`, "IPADDR", `Address of the ${end} end.`, end)),
  field("fd.port", "PORT", "Port of either end, for conditions only.", ports, { several: "endpoints" }),
  ...each((letter, end) =>
    field(`fd.${letter}port`, "PORT", `Port of the ${end} end.`, (event) => portOf(event.connection, end)),
  ),
  field("fd.l4proto", "CHARBUF", "Protocol of the socket: tcp, udp, icmp or raw.", layer4),
  field("fd.sockfamily", "CHARBUF", "Family of the socket: ip or unix.", family),
  field(
    "fd.is_server",
    "BOOL",
    "True when the process is the server end of the connection.",
    ofFd((event) => event.connection?.isServer ?? false),
  ),
  field("fd.uid", "CHARBUF", "Id of the thread and number of the descriptor, together.", (event) =>
    event.traits.createsFd || event.traits.usesFd ? `${event.record.task.tid}${numberOf(event)}` : null,
  ),
  field(
    "fd.containername",
    "CHARBUF",
    "Id of the container and name of the descriptor.",
    (event) => inContainer(event, event.fdName),
    PATH,
  ),
  field(
    "fd.containerdirectory",
    "CHARBUF",
    "Id of the container and directory of the file.",
    (event) => inContainer(event, directory(event)),
    PATH,
  ),
  field("fd.proto", "PORT", "Port of either end, for conditions only.", ports, { several: "endpoints" }),
  ...each((letter, end) =>
    field(
      `fd.${letter}proto`,
      "CHARBUF",
      `Port of the ${end} end as a text.`,
      (event) => portOf(event.connection, end)?.toString() ?? null,
    ),
  ),
  field("fd.net", "IPNET", "Network of either end, for conditions only.", addresses, { several: "endpoints" }),
  ...each((letter, end) => address(`fd.${letter}net`, "IPNET", `Network of the ${end} end, for conditions only.`, end)),
  field(
    "fd.connected",
    "BOOL",
    "True when the socket is connected.",
    ofFd((_, fd) => fd.connected),
  ),
  field(
    "fd.name_changed",
    "BOOL",
    "True when this event gave the socket another peer, as a datagram may.",
    ofFd((_, fd) => fd.nameChanged),
  ),
  ...each(domain),
  field(
    "fd.dev",
    "INT32",
    "Device that holds the file.",
    ofFd((_, fd) => fd.device),
    {
      print: ofFd((_, fd) => (fd.device >>> 0).toString(16).toUpperCase()),
    },
  ),
  field(
    "fd.dev.major",
    "INT32",
    "Major number of the device that holds the file.",
    ofFd((_, fd) => major(fd.device)),
  ),
  field(
    "fd.dev.minor",
    "INT32",
    "Minor number of the device that holds the file.",
    ofFd((_, fd) => minor(fd.device)),
  ),
  field(
    "fd.ino",
    "INT64",
    "Inode of the file.",
    ofFd((_, fd) => integerValue(BigInt(fd.inode))),
  ),
  field("fd.nameraw", "CHARBUF", "Path of a file as the call was given it, without doubled slashes.", nameRaw),
  unsupported(
    "fd.types",
    "CHARBUF",
    "Kinds of all open descriptors of the process; [n] is that of one.",
    NO_DESCRIPTORS,
    "optional-index",
    { list: true },
  ),
  field(
    "fd.is_upper_layer",
    "BOOL",
    "True for a file in the upper layer of an overlay.",
    ofFd((_, fd) => fd.overlay === "upper"),
  ),
  field(
    "fd.is_lower_layer",
    "BOOL",
    "True for a file in a lower layer of an overlay.",
    ofFd((_, fd) => fd.overlay === "lower"),
  ),
  field(
    "fd.realpath",
    "CHARBUF",
    "Path of a file as the kernel resolved it, up to the root of its mount namespace. Not one of Falco's.",
    (event) => event.record.paths[0]?.real ?? event.fd?.path ?? null,
  ),
];

/**
 * The event's descriptor. Of a call that makes one it is negative exactly when the call failed, which the kernel's filter
 * relies on; of others it is the one a path argument starts from where they use no other.
 */
function numberOf(event: EventContext): number {
  const { createsFd, usesFd, params } = event.traits;
  if (event.fd !== null) return event.fd.number;
  if (createsFd && !usesFd) return event.record.result < 0 ? -1 : Number(event.record.result);
  const index = params.findIndex((param) => param.type === "fd");
  return index < 0 || createsFd ? -1 : Number(event.record.param(index) ?? -1);
}
