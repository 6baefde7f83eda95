import type { SocketTuple } from "@falco-efk/event";
import { addressText, isMappedV4 } from "./address-text.ts";

/** A socket's ends as Falco names them: client and server, whichever of them is local. */
export interface Connection {
  readonly family: "ipv4" | "ipv6";
  readonly protocol: SocketTuple["protocol"];
  /** A socket that listens or is only bound: it has a server end and no client. */
  readonly listening: boolean;
  readonly clientAddress: Uint8Array | null;
  readonly clientPort: number;
  readonly serverAddress: Uint8Array | null;
  readonly serverPort: number;
  readonly localAddress: Uint8Array | null;
  readonly localPort: number;
  readonly remoteAddress: Uint8Array | null;
  readonly remotePort: number;
  /** The process that holds the socket is the server. */
  readonly isServer: boolean;
}

/** Which way the event's data went: tells the role of a socket that nobody saw connect or accept. */
export type Direction = "in" | "out" | "none";

const plain = (address: Uint8Array | null): Uint8Array | null =>
  address !== null && isMappedV4(address) ? address.subarray(12) : address;

/**
 * Puts client and server to a socket's local and remote end. A role that the kernel side did not see is guessed: who
 * receives first serves, who sends first is the client, and otherwise the lower port serves.
 * Null for a unix socket and for one without any address.
 */
export function connectionOf(tuple: SocketTuple, direction: Direction): Connection | null {
  if (tuple.family === "unix") return null;
  const mapped =
    tuple.family === "ipv6" &&
    tuple.localAddress !== null &&
    isMappedV4(tuple.localAddress) &&
    (tuple.remoteAddress === null || isMappedV4(tuple.remoteAddress));
  const localAddress = mapped ? plain(tuple.localAddress) : tuple.localAddress;
  const remoteAddress = mapped ? plain(tuple.remoteAddress) : tuple.remoteAddress;
  const listening = remoteAddress === null;
  if (listening && (localAddress === null || tuple.localPort === 0)) return null;
  const isServer = listening || serves(tuple, direction);
  return {
    family: mapped ? "ipv4" : tuple.family,
    protocol: tuple.protocol,
    listening,
    clientAddress: listening ? null : isServer ? remoteAddress : localAddress,
    clientPort: listening ? 0 : isServer ? tuple.remotePort : tuple.localPort,
    serverAddress: isServer ? localAddress : remoteAddress,
    serverPort: isServer ? tuple.localPort : tuple.remotePort,
    localAddress,
    localPort: tuple.localPort,
    remoteAddress,
    remotePort: tuple.remotePort,
    isServer,
  };
}

function serves(tuple: SocketTuple, direction: Direction): boolean {
  if (tuple.role !== "unknown") return tuple.role === "server";
  if (direction !== "none") return direction === "in";
  return tuple.localPort !== 0 && tuple.localPort < tuple.remotePort;
}

/** `client:port->server:port`, or the server's end alone for a listening socket; addresses alone for ICMP and raw sockets. */
export function connectionText(connection: Connection): string {
  const { clientAddress, serverAddress, protocol } = connection;
  if (serverAddress === null && clientAddress === null) return "";
  const zero = new Uint8Array(connection.family === "ipv4" ? 4 : 16);
  const server = addressText(serverAddress ?? zero);
  if (connection.listening) return `${server}:${connection.serverPort}`;
  const client = addressText(clientAddress ?? zero);
  if (protocol === "icmp" || protocol === "raw") return `${client}->${server}`;
  return `${client}:${connection.clientPort}->${server}:${connection.serverPort}`;
}

/** A tuple parameter as Falco prints it: from source to destination of this event, whatever the roles. */
export function tupleText(tuple: SocketTuple, direction: Direction): string {
  if (tuple.family === "unix") return `0->0 ${tuple.unixPath ?? ""}`;
  const plainTuple = connectionOf({ ...tuple, role: direction === "in" ? "server" : "client" }, direction);
  if (plainTuple === null) return "";
  const text = (address: Uint8Array | null, port: number): string =>
    `${addressText(address ?? new Uint8Array(plainTuple.family === "ipv4" ? 4 : 16))}:${port}`;
  const local = text(plainTuple.localAddress, plainTuple.localPort);
  const remote = text(plainTuple.remoteAddress, plainTuple.remotePort);
  return direction === "in" ? `${remote}->${local}` : `${local}->${remote}`;
}
