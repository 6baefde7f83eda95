import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { hostname } from "node:os";
import { UserError } from "@falco-efk/kit";
import type { SyslogOutputSection } from "../config/config.ts";
import type { AlertLine, Delivery, LineDeliverer } from "./output.ts";
import { createLocalSyslogDeliverer } from "./syslog-local.ts";
import { createStreamSyslogDeliverer } from "./syslog-stream.ts";
import { SYSLOG_TAG } from "./syslog-tag.ts";

const FACILITIES = [
  "kern",
  "user",
  "mail",
  "daemon",
  "auth",
  "syslog",
  "lpr",
  "news",
  "uucp",
  "cron",
  "authpriv",
  "ftp",
  "ntp",
  "security",
  "console",
  "solaris-cron",
  "local0",
  "local1",
  "local2",
  "local3",
  "local4",
  "local5",
  "local6",
  "local7",
] as const;

/** Makes the deliverer for `syslog_output.address`. Throws UserError (`CONFIG_INVALID`) for an address or facility that is none. */
export function createSyslogDeliverer(
  section: SyslogOutputSection,
  onChild: (pid: number) => void = () => undefined,
): LineDeliverer {
  const facility = FACILITIES.indexOf(section.facility as (typeof FACILITIES)[number]);
  if (facility < 0) {
    throw new UserError(`${section.facility} is no syslog facility`, {
      code: "CONFIG_INVALID",
      key: "syslog_output.facility",
      hint: "user, daemon, auth, local0 to local7 …",
    });
  }
  if (section.address.startsWith("unix:")) {
    return createLocalSyslogDeliverer(section.address.slice("unix:".length), facility, onChild);
  }
  const { protocol, host, port } = parseAddress(section.address);
  const format = (line: AlertLine): string => formatRfc5424(line, facility, hostname(), process.pid, new Date());
  if (protocol === "udp") return createDatagramDeliverer(host, port, format);
  return createStreamSyslogDeliverer({ host, port, tls: protocol === "tls" ? section : null, format });
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { udp: 514, tcp: 601, tls: 6514 };

function parseAddress(address: string): { protocol: "udp" | "tcp" | "tls"; host: string; port: number } {
  const match = /^(udp|tcp|tls):\/\/(\[[0-9a-fA-F:.]+\]|[^:/[\]]+)(?::(\d{1,5}))?$/.exec(address);
  if (match === null) {
    throw new UserError(`${address} is no syslog address`, {
      code: "CONFIG_INVALID",
      key: "syslog_output.address",
      hint: "unix:/dev/log, udp://host:514, tcp://host:601 or tls://host:6514",
    });
  }
  const [, protocol = "udp", host = "", port] = match;
  return {
    protocol: protocol as "udp" | "tcp" | "tls",
    host: host.replace(/^\[|\]$/g, ""),
    port: port === undefined ? (DEFAULT_PORTS[protocol] ?? 514) : Number(port),
  };
}

/** One RFC 5424 message. The time is that of sending, as syslog means it; the event's own time is in the text. */
export function formatRfc5424(line: AlertLine, facility: number, host: string, pid: number, now: Date): string {
  return `<${facility * 8 + line.severity}>1 ${now.toISOString()} ${host} ${SYSLOG_TAG} ${pid} - - ${line.text}`;
}

/** One datagram a message (RFC 5426). UDP tells nothing about arrival: sent counts as delivered. */
function createDatagramDeliverer(host: string, port: number, format: (line: AlertLine) => string): LineDeliverer {
  let socket: DatagramSocket | null = null;
  const ready = async (): Promise<DatagramSocket> => {
    if (socket !== null) return socket;
    const { address, family } = await lookup(host);
    const opened = createSocket(family === 6 ? "udp6" : "udp4");
    opened.on("error", () => undefined);
    await new Promise<void>((resolve, reject) => {
      opened.once("error", reject);
      opened.connect(port, address, () => {
        opened.off("error", reject);
        resolve();
      });
    });
    opened.unref();
    socket = opened;
    return opened;
  };
  const close = async (): Promise<void> => {
    const closing = socket;
    socket = null;
    if (closing !== null) await new Promise<void>((resolve) => closing.close(() => resolve()));
  };
  return {
    batchLines: 64,
    async deliver(lines: readonly AlertLine[]): Promise<Delivery> {
      const target = await ready();
      let sent = 0;
      for (const line of lines) {
        const failure = await new Promise<Error | null>((resolve) => target.send(format(line), resolve));
        if (failure !== null) {
          if ("code" in failure && failure.code === "EMSGSIZE") {
            const trouble = `an alert of ${line.text.length} characters is too long for a datagram, use tcp:// or tls://`;
            return { delivered: sent, dropped: 1, trouble };
          }
          await close();
          return { delivered: sent, dropped: 0, trouble: `${host}:${port}: ${failure.message}` };
        }
        sent += 1;
      }
      return { delivered: sent, dropped: 0 };
    },
    reopen: close,
    close,
  };
}
