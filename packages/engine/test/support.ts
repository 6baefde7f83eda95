import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import type { EngineConfig } from "../src/config/config.ts";
import { loadConfig } from "../src/config/load.ts";
import type { Output } from "../src/outputs/output.ts";

const cleanups = new WeakMap<TestContext, (() => unknown)[]>();

/** Runs at the end of the test, what was asked for last first. */
export function atEnd(context: TestContext, work: () => unknown): void {
  const known = cleanups.get(context);
  if (known !== undefined) {
    known.unshift(work);
    return;
  }
  const list = [work];
  cleanups.set(context, list);
  context.after(async () => {
    for (const one of list) await one();
  });
}

/** A folder that is gone when the test ends. */
export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "falco-engine-"));
  atEnd(context, () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Asks again and again until `probe` gives something, for at most `ms`; what it throws counts as nothing yet. */
export async function until<T>(probe: () => T | null | undefined | false, ms = 5000): Promise<T> {
  const end = Date.now() + ms;
  let trouble: unknown;
  for (;;) {
    try {
      const value = probe();
      if (value !== null && value !== undefined && value !== false) return value;
    } catch (error) {
      trouble = error;
    }
    if (Date.now() > end) throw new Error(`nothing within ${ms} ms`, { cause: trouble });
    await pause(5);
  }
}

/** The defaults with some `-o` assignments. */
export function configOf(...assignments: string[]): EngineConfig {
  return loadConfig({ file: null, assignments, environment: {} }).config;
}

/** Queues texts and starts their delivery. */
export function send(output: Output, ...texts: string[]): void {
  for (const text of texts) output.push({ text, severity: 4 });
  output.flush();
}

/** The whole lines of a file, without the last line end. */
export function linesOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  if (text !== "" && !text.endsWith("\n")) throw new Error(`${file} ends in half a line`);
  return text.split("\n").slice(0, -1);
}

/** A certificate authority with a server's and a client's certificate for localhost, made by openssl. */
export function makeCertificates(folder: string): {
  ca: string;
  cert: string;
  key: string;
  clientCert: string;
  clientKey: string;
} {
  const run = (...args: string[]): void => void execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  run(
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=test ca",
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
  );
  for (const name of ["server", "client"]) {
    run(
      "req",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-subj",
      "/CN=localhost",
      "-addext",
      "subjectAltName=DNS:localhost,IP:127.0.0.1",
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.csr`,
    );
    run(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      "-CA",
      "ca.crt",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-days",
      "2",
      "-copy_extensions",
      "copyall",
      "-out",
      `${name}.crt`,
    );
  }
  const at = (name: string): string => join(folder, name);
  return {
    ca: at("ca.crt"),
    cert: at("server.crt"),
    key: at("server.key"),
    clientCert: at("client.crt"),
    clientKey: at("client.key"),
  };
}
