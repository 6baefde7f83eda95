import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { SyslogOutputSection } from "../config/config.ts";
import type { AlertLine, Delivery, LineDeliverer } from "./output.ts";

const CONNECT_TIMEOUT_MS = 5000;
const WRITE_TIMEOUT_MS = 10_000;

export interface StreamSyslogOptions {
  readonly host: string;
  readonly port: number;
  /** Certificates for TLS; null: plain TCP. */
  readonly tls: SyslogOutputSection | null;
  readonly format: (line: AlertLine) => string;
}

/** Messages over TCP or TLS, each led by its length in bytes (RFC 6587, RFC 5425). A lost connection is made again. */
export function createStreamSyslogDeliverer(options: StreamSyslogOptions): LineDeliverer {
  let socket: Socket | null = null;

  const open = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const { host, port, tls } = options;
      const opened =
        tls === null
          ? connect({ host, port })
          : connectTls({
              host,
              port,
              servername: /^[\d.:]+$/.test(host) ? "" : host,
              rejectUnauthorized: !tls.insecure,
              ...(tls.ca_cert === "" ? {} : { ca: readFileSync(tls.ca_cert) }),
              ...(tls.client_cert === "" ? {} : { cert: readFileSync(tls.client_cert) }),
              ...(tls.client_key === "" ? {} : { key: readFileSync(tls.client_key) }),
            });
      opened.setTimeout(CONNECT_TIMEOUT_MS, () => opened.destroy(new Error("no connection in time")));
      opened.once("error", reject);
      opened.once(tls === null ? "connect" : "secureConnect", () => {
        opened.off("error", reject);
        opened.on("error", () => undefined);
        opened.setTimeout(0);
        opened.setNoDelay(true);
        opened.resume();
        resolve(opened);
      });
    });

  const close = async (): Promise<void> => {
    const closing = socket;
    socket = null;
    if (closing === null || closing.destroyed) return;
    await new Promise<void>((resolve) => {
      closing.once("close", () => resolve());
      closing.end();
      closing.setTimeout(1000, () => closing.destroy());
    });
  };

  return {
    batchLines: 256,
    async deliver(lines: readonly AlertLine[]): Promise<Delivery> {
      if (socket === null || socket.destroyed || socket.readableEnded) socket = await open();
      const target = socket;
      const framed = lines.map((line) => {
        const message = options.format(line);
        return `${Buffer.byteLength(message)} ${message}`;
      });
      target.setTimeout(WRITE_TIMEOUT_MS, () => target.destroy(new Error("the receiver takes nothing")));
      const failure = await new Promise<Error | null | undefined>((resolve) => target.write(framed.join(""), resolve));
      target.setTimeout(0);
      target.removeAllListeners("timeout");
      if (failure) {
        target.destroy();
        socket = null;
        throw failure;
      }
      return { delivered: lines.length, dropped: 0 };
    },
    reopen: close,
    close,
  };
}
