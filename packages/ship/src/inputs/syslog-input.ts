import { createSocket } from "node:dgram";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { listenError } from "@falco-efk/kit";
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

/** Listens for syslog over UDP and TCP (one message a line) on one port. UDP itself may lose; what arrives is on disk. Throws UserError (`LISTEN`). */
export async function startSyslogInput(host: string, port: number, spool: Spool): Promise<RunningInput> {
  const sockets = new Set<Socket>();
  const store = (texts: readonly string[]): Promise<void> => {
    const lines = texts.filter((text) => text !== "").map((text) => `${syslogLine(text)}\n`);
    return lines.length === 0 ? Promise.resolve() : spool.append(Buffer.from(lines.join("")));
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    void readLines(socket, store).catch(() => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  const datagrams = createSocket(host.includes(":") ? "udp6" : "udp4");
  datagrams.on("message", (message) => void store([message.toString("utf8").trimEnd()]).catch(() => undefined));
  await new Promise<void>((resolve, reject) => {
    datagrams.once("error", (error) => reject(listenError(error, host, bound)));
    datagrams.bind(bound, host, resolve);
  });
  return {
    address: `syslog://${host}:${bound}`,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => datagrams.close(resolve));
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function readLines(socket: Socket, store: (texts: readonly string[]) => Promise<void>): Promise<void> {
  let rest = Buffer.alloc(0);
  for await (const chunk of socket) {
    const bytes = Buffer.concat([rest, chunk as Buffer]);
    const end = bytes.lastIndexOf(0x0a);
    rest = bytes.subarray(end + 1);
    if (end >= 0) await store(bytes.toString("utf8", 0, end).split(/\r?\n/));
  }
  if (rest.length > 0) await store([rest.toString("utf8")]);
}
