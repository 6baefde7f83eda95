import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { ProgramOutputSection } from "../config/config.ts";
import type { AlertLine, Delivery, LineDeliverer } from "./output.ts";

/**
 * Lines to a program's standard input: one process for all with `keep_alive`, else one an alert. A program that hangs is
 * ended after `timeout_ms`, one that dies is started again; either way only this output waits.
 */
export function createProgramDeliverer(
  section: ProgramOutputSection,
  onChild: (pid: number) => void = () => undefined,
): LineDeliverer {
  const begin = (): ChildProcess => {
    const child = start(section.program);
    if (child.pid !== undefined) onChild(child.pid);
    return child;
  };
  return section.keep_alive ? keepAlive(section, begin) : oncePerAlert(section, begin);
}

function start(program: string): ChildProcess {
  // In its own process group, so that all of a pipeline can be ended at once.
  const child = spawn("/bin/sh", ["-c", program], { stdio: ["pipe", "inherit", "inherit"], detached: true });
  child.stdin?.on("error", () => undefined);
  child.on("error", () => undefined);
  return child;
}

function kill(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

async function exited(child: ChildProcess, timeoutMs: number): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return true;
  const timer = new AbortController();
  try {
    return await Promise.race([
      once(child, "exit").then(() => true),
      pause(timeoutMs, false, { signal: timer.signal }),
    ]);
  } catch {
    return true;
  } finally {
    timer.abort();
  }
}

function oncePerAlert(section: ProgramOutputSection, begin: () => ChildProcess): LineDeliverer {
  let current: ChildProcess | null = null;
  return {
    batchLines: 1,
    async deliver(lines: readonly AlertLine[]): Promise<Delivery> {
      const child = begin();
      current = child;
      child.stdin?.end(textOf(lines));
      const ended = await exited(child, section.timeout_ms);
      current = null;
      if (!ended) {
        kill(child);
        return {
          delivered: 0,
          dropped: 1,
          trouble: `the program took longer than ${section.timeout_ms} ms and was ended`,
        };
      }
      if (child.exitCode === 0) return { delivered: 1, dropped: 0 };
      const reason =
        child.exitCode === null ? `signal ${child.signalCode ?? "unknown"}` : `exit code ${child.exitCode}`;
      return { delivered: 1, dropped: 0, trouble: `the program ended with ${reason}` };
    },
    async close() {
      if (current !== null) kill(current);
    },
  };
}

function keepAlive(section: ProgramOutputSection, begin: () => ChildProcess): LineDeliverer {
  let child: ChildProcess | null = null;
  const stop = async (): Promise<void> => {
    const ending = child;
    child = null;
    if (ending === null) return;
    ending.stdin?.end();
    if (!(await exited(ending, Math.min(section.timeout_ms, 2000)))) kill(ending);
  };
  return {
    batchLines: 256,
    async deliver(lines: readonly AlertLine[]): Promise<Delivery> {
      let died = false;
      if (child === null || child.exitCode !== null || child.signalCode !== null) {
        died = child !== null;
        child = begin();
      }
      const target = child;
      const taken = await written(target, textOf(lines), section.timeout_ms);
      if (taken === "yes") {
        return {
          delivered: lines.length,
          dropped: 0,
          ...(died ? { trouble: "the program had ended and was started again" } : {}),
        };
      }
      if (taken === "slow") {
        kill(target);
        return {
          delivered: 0,
          dropped: lines.length,
          trouble: `the program read nothing for ${section.timeout_ms} ms and was ended`,
        };
      }
      child = null;
      return { delivered: 0, dropped: 0, trouble: "the program ended; it is started again" };
    },
    async reopen() {
      await stop();
    },
    close: stop,
  };
}

function textOf(lines: readonly AlertLine[]): string {
  return lines.map(({ text }) => `${text}\n`).join("");
}

/** Whether the text went into the pipe: `gone` when the program ended before, `slow` when it did not read in time. */
async function written(child: ChildProcess, text: string, timeoutMs: number): Promise<"yes" | "gone" | "slow"> {
  const { stdin } = child;
  if (stdin === null) return "gone";
  const timer = new AbortController();
  try {
    return await Promise.race([
      new Promise<"yes" | "gone">((resolve) => {
        stdin.write(text, (error) => resolve(error ? "gone" : "yes"));
      }),
      pause(timeoutMs, "slow" as const, { signal: timer.signal }),
    ]);
  } finally {
    timer.abort();
  }
}
