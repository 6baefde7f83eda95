import { type ChildProcess, spawn } from "node:child_process";
import { statSync } from "node:fs";
import type { AlertLine, Delivery, LineDeliverer } from "./output.ts";
import { SYSLOG_TAG } from "./syslog-tag.ts";

/**
 * Messages to the machine's own syslog socket. Node has no datagram sockets of the unix family, so util-linux' `logger`
 * holds the socket and takes lines led by `<priority>` on its standard input.
 */
export function createLocalSyslogDeliverer(
  path: string,
  facility: number,
  onChild: (pid: number) => void = () => undefined,
): LineDeliverer {
  let child: ChildProcess | null = null;
  let complaint = "";

  const ready = (): ChildProcess => {
    if (child !== null && child.exitCode === null && child.signalCode === null) return child;
    statSync(path);
    complaint = "";
    const started = spawn(
      "logger",
      ["--prio-prefix", "--tag", SYSLOG_TAG, "--id", "--size", "64KiB", "--socket", path],
      {
        stdio: ["pipe", "ignore", "pipe"],
      },
    );
    started.on("error", (error) => {
      complaint =
        "code" in error && error.code === "ENOENT" ? "the program logger (package bsdutils) is missing" : error.message;
    });
    started.stdin.on("error", () => undefined);
    started.stderr.on("data", (text: Buffer) => {
      complaint = text.toString("utf8").trim();
    });
    if (started.pid !== undefined) onChild(started.pid);
    child = started;
    return started;
  };

  const close = async (): Promise<void> => {
    const ending = child;
    child = null;
    if (ending === null || ending.exitCode !== null || ending.pid === undefined) return;
    await new Promise<void>((resolve) => {
      ending.once("exit", () => resolve());
      ending.stdin?.end();
      setTimeout(() => ending.kill(), 1000).unref();
    });
  };

  return {
    batchLines: 256,
    async deliver(lines: readonly AlertLine[]): Promise<Delivery> {
      const { stdin } = ready();
      const text = lines
        .map((line) => `<${facility * 8 + line.severity}>${line.text.replaceAll("\n", "#012")}\n`)
        .join("");
      const failure = await new Promise<Error | null | undefined>((resolve) => {
        if (stdin === null) resolve(new Error("logger has no input"));
        else stdin.write(text, resolve);
      });
      if (failure) {
        child = null;
        throw new Error(complaint === "" ? `logger ended: ${failure.message}` : complaint);
      }
      return { delivered: lines.length, dropped: 0 };
    },
    reopen: close,
    close,
  };
}
