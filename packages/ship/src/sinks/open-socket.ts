import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { UserError } from "@falco-efk/kit";
import { type TlsSettings, tlsOptions } from "./tls.ts";

/** Where a socket leads to. */
export interface SocketTarget {
  readonly host: string;
  readonly port: number;
  /** Over TLS when it's set, unless `enabled` is false. */
  readonly ssl?: TlsSettings & { readonly enabled?: boolean };
  /** For the connection, ms. */
  readonly timeoutMs: number;
}

/** Connects over TCP or TLS. Rejects with the reason, such as a certificate that isn't trusted. */
export function openSocket({ host, port, ssl, timeoutMs }: SocketTarget): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const secure = ssl !== undefined && ssl.enabled !== false;
    const socket = secure
      ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}), ...tlsOptions(ssl) })
      : connectPlain({ host, port });
    const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${timeoutMs} ms`)), timeoutMs);
    socket.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.once(secure ? "secureConnect" : "connect", () => {
      clearTimeout(timer);
      socket.removeAllListeners("error");
      resolve(socket);
    });
  });
}

/** Reads `host`, `host:port` or `[address]:port`. Throws UserError (`OUTPUT_HOST`) that names `key`. */
export function parseHostPort(
  text: string,
  defaultPort: number,
  key: string,
): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:/\s]+))(?::(\d+))?$/.exec(text);
  if (match === null) {
    throw new UserError(`${text} is not host:port`, {
      code: "OUTPUT_HOST",
      key,
      hint: `such as logs.example.org:${defaultPort}`,
    });
  }
  return { host: match[1] ?? match[2] ?? "", port: Number(match[3] ?? defaultPort) };
}
