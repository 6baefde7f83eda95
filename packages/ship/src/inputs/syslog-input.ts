import { createSocket } from "node:dgram";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createSecureServer, type TlsOptions } from "node:tls";
import { listenError } from "@falco-efk/kit";
import { type TlsSettings, tlsOptions } from "../sinks/tls.ts";
import type { RunningInput } from "./http-input.ts";
import type { Spool } from "./spool.ts";

const HEADER =
  /^<(\d{1,3})>(?:1 \S+ (\S+) (\S+) \S+ \S+ (?:-|\[.*?\]) ?|[A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} (\S+) ([^\s:[]+)(?:\[\d+\])?: ?)?/;

/** A syslog message as a line: Falco's JSON as it is, anything else as `message` with what the header says. */
export function syslogLine(text: string): string {
  const match = HEADER.exec(text);
  const message = match === null ? text : text.slice(match[0].length);
  if (message.startsWith("{") && message.endsWith("}")) return message;
  const priority = match === null ? null : Number(match[1]);
  const host = match?.[2] ?? match?.[4];
  const program = match?.[3] ?? match?.[5];
  return JSON.stringify({
    message,
    ...(host === undefined ? {} : { host: { name: host } }),
    ...(program === undefined ? {} : { process: { name: program } }),
    ...(priority === null
      ? {}
      : { log: { syslog: { facility: { code: priority >> 3 }, severity: { code: priority & 7 } } } }),
  });
}

/**
 * Listens for syslog on one port: over UDP and TCP, or with `ssl` over TLS alone. A stream's messages are lines, or have their
 * length before them. UDP itself may lose; what arrives is on disk. Throws UserError (`LISTEN`, `TLS_FILE`).
 */
export async function startSyslogInput(
  host: string,
  port: number,
  spool: Spool,
  ssl?: TlsSettings,
): Promise<RunningInput> {
  const sockets = new Set<Socket>();
  const store = (texts: readonly string[]): Promise<void> => {
    const lines = texts.filter((text) => text !== "").map((text) => `${syslogLine(text)}\n`);
    return lines.length === 0 ? Promise.resolve() : spool.append(Buffer.from(lines.join("")));
  };
  const take = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    void readMessages(socket, store).catch(() => socket.destroy());
  };
  const server = ssl === undefined ? createServer(take) : createSecureServer(serverOptions(ssl), take);
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  if (ssl !== undefined) return { address: `syslog+tls://${host}:${bound}`, close };
  const datagrams = createSocket(host.includes(":") ? "udp6" : "udp4");
  datagrams.on("message", (message) => void store([message.toString("utf8").trimEnd()]).catch(() => undefined));
  await new Promise<void>((resolve, reject) => {
    datagrams.once("error", (error) => reject(listenError(error, host, bound)));
    datagrams.bind(bound, host, resolve);
  });
  return {
    address: `syslog://${host}:${bound}`,
    async close() {
      await new Promise<void>((resolve) => datagrams.close(resolve));
      await close();
    },
  };
}

/** With authorities of its own it takes only clients that show a certificate of theirs. */
function serverOptions(ssl: TlsSettings): TlsOptions {
  const asks = ssl.certificate_authorities !== undefined;
  return { ...tlsOptions(ssl), requestCert: asks, rejectUnauthorized: asks };
}

const NEWLINE = 0x0a;

/**
 * Takes whole messages off the front of a stream's bytes: octet-counted (`5 hello`) or lines, told apart by each one's first
 * byte, for a message itself begins with `<`. What is left waits for more.
 */
export function takeMessages(bytes: Buffer): { readonly messages: readonly string[]; readonly rest: Buffer } {
  const messages: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const count = /^[1-9]\d{0,8} /.exec(bytes.toString("latin1", at, at + 10));
    if (count !== null && bytes[at + count[0].length] === 0x3c) {
      const start = at + count[0].length;
      const end = start + Number(count[0]);
      if (end > bytes.length) break;
      messages.push(bytes.toString("utf8", start, end).trimEnd());
      at = end;
      continue;
    }
    const end = bytes.indexOf(NEWLINE, at);
    if (end < 0) break;
    messages.push(bytes.toString("utf8", at, end).trimEnd());
    at = end + 1;
  }
  return { messages, rest: bytes.subarray(at) };
}

async function readMessages(socket: Socket, store: (texts: readonly string[]) => Promise<void>): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of socket) {
    const taken = takeMessages(Buffer.concat([rest, chunk as Buffer]));
    ({ rest } = taken);
    await store(taken.messages);
  }
  if (rest.length > 0) await store([rest.toString("utf8").trimEnd()]);
}
