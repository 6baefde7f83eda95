import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { getCACertificates } from "node:tls";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { describeSystemError, systemErrorCode, UserError } from "@falco-efk/kit";
import { Agent, request } from "undici";
import type { HttpOutputSection } from "../config/config.ts";
import type { AlertLine, Delivery, LineDeliverer } from "./output.ts";

const compress = promisify(gzip);
const TIMEOUT_MS = 10_000;
const AT_ONCE = 8;
const SYSTEM_CA_PATH = "/etc/ssl/certs";

export interface HttpDelivererOptions {
  readonly json: boolean;
  /** Takes what the server answers when `echo` is on. */
  readonly echo: (text: string) => void;
  /** First pause before a retry, milliseconds; it doubles. */
  readonly retryMs?: number;
}

/**
 * One POST an alert. Time-outs and failures that may pass are tried again; an answer that says no drops the alert.
 * Throws UserError (`CONFIG_INVALID`, `FILE_READ`) for a URL or certificate that can't be used.
 */
export function createHttpDeliverer(section: HttpOutputSection, options: HttpDelivererOptions): LineDeliverer {
  const url = parseUrl(section.url);
  const agent = new Agent({
    pipelining: section.keep_alive ? 1 : 0,
    connections: section.keep_alive ? AT_ONCE : null,
    keepAliveTimeout: 30_000,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    connect: { timeout: TIMEOUT_MS, ...tlsOptions(section, url) },
  });
  const headers = {
    "content-type": options.json ? "application/json" : "text/plain",
    "user-agent": section.user_agent,
    ...(section.compress_uploads ? { "content-encoding": "gzip" } : {}),
  };
  const stop = new AbortController();

  /** Null when the server took it, else why not. */
  const post = async (line: AlertLine): Promise<string | null> => {
    const body = section.compress_uploads ? await compress(line.text) : line.text;
    let pauseMs = options.retryMs ?? 250;
    let timeouts = 0;
    let failures = 0;
    for (;;) {
      let reason: string;
      try {
        const answer = await request(url, { method: "POST", headers, body, dispatcher: agent, signal: stop.signal });
        const text = await answer.body.text();
        if (section.echo && text !== "") options.echo(text);
        if (answer.statusCode < 400) return null;
        reason = `the server answered ${answer.statusCode}`;
        if (answer.statusCode < 500 && answer.statusCode !== 408 && answer.statusCode !== 429) return reason;
        failures += 1;
      } catch (error) {
        if (stop.signal.aborted) return "it was stopped";
        reason = describeSystemError(error);
        if (isTimeout(error)) timeouts += 1;
        else failures += 1;
      }
      if (timeouts > section.max_consecutive_timeouts || failures > section.max_retries) {
        return `${reason}, given up after ${timeouts + failures} tries`;
      }
      await pause(pauseMs, undefined, { signal: stop.signal }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, 10_000);
    }
  };

  return {
    batchLines: AT_ONCE,
    async deliver(lines: readonly AlertLine[]): Promise<Delivery> {
      const reasons = (await Promise.all(lines.map(post))).filter((reason) => reason !== null);
      const delivered = lines.length - reasons.length;
      const first = reasons[0];
      return {
        delivered,
        dropped: reasons.length,
        ...(first === undefined ? {} : { trouble: `${url.origin}: ${first}` }),
      };
    },
    async close() {
      stop.abort();
      await agent.destroy();
    },
  };
}

function parseUrl(text: string): URL {
  const bare = text.replace(/^(["'])(.*)\1$/, "$2");
  if (!URL.canParse(bare) || !/^https?:$/.test(new URL(bare).protocol)) {
    throw new UserError(`${bare === "" ? "an empty text" : bare} is no http or https URL`, {
      code: "CONFIG_INVALID",
      key: "http_output.url",
    });
  }
  return new URL(bare);
}

function isTimeout(error: unknown): boolean {
  const code = systemErrorCode(error) ?? "";
  return code === "ETIMEDOUT" || (code.startsWith("UND_ERR_") && code.endsWith("_TIMEOUT"));
}

function tlsOptions(section: HttpOutputSection, url: URL): object {
  if (url.protocol !== "https:") return {};
  return {
    rejectUnauthorized: !section.insecure,
    ca: trusted(section),
    ...(section.mtls
      ? {
          cert: readCertificate(section.client_cert, "client_cert"),
          key: readCertificate(section.client_key, "client_key"),
        }
      : {}),
  };
}

function trusted(section: HttpOutputSection): string[] {
  if (section.ca_cert !== "") return [readCertificate(section.ca_cert, "ca_cert")];
  if (section.ca_bundle !== "") return [readCertificate(section.ca_bundle, "ca_bundle")];
  const known = [...getCACertificates("default"), ...getCACertificates("system")];
  if (section.ca_path === "" || section.ca_path === SYSTEM_CA_PATH) return known;
  const names = readdirSync(section.ca_path).filter((name) => /\.(pem|crt|cer)$/.test(name));
  return [...known, ...names.map((name) => readCertificate(join(section.ca_path, name), "ca_path"))];
}

function readCertificate(file: string, key: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`can't be read: ${describeSystemError(error)}`, {
      code: "FILE_READ",
      file,
      key: `http_output.${key}`,
      cause: error,
    });
  }
}
