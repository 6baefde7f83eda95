import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpuSeconds, memoryMb, SHIP_PROGRAM, shipConfig, startSink } from "./processes.ts";

/** What one run cost. CPU is the shipper's own process, start-up included. */
export interface ShipRun {
  readonly name: string;
  readonly lines: number;
  readonly wallSeconds: number;
  readonly firstBulkSeconds: number;
  readonly cpuMicrosecondsPerLine: number;
  readonly peakMemoryMb: number;
}

const LIMIT_MS = 180_000;

/** Ships a file of Falco lines into a null sink and measures it. Uses the built program where there is one. */
export function shipFile(name: string, file: string, lines: number, settings: readonly string[]): Promise<ShipRun> {
  return measureShipper(name, lines, (sink, folder) => {
    const config = join(folder, "ship.yml");
    writeFileSync(config, JSON.stringify(shipConfig(file, sink.origin, folder)));
    return { program: process.execPath, args: [...SHIP_PROGRAM, "-c", config, ...settings], env: {} };
  });
}

/** What is started to be measured. */
export interface ShipperCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a null sink and the command made for it, waits until all lines came, and says what the command cost. */
export async function measureShipper(
  name: string,
  lines: number,
  prepare: (sink: URL, folder: string) => ShipperCommand,
): Promise<ShipRun> {
  const folder = mkdtempSync(join(tmpdir(), "falco-ship-bench-"));
  const sink = await startSink();
  const { url } = sink;
  const { program, args, env } = prepare(url, folder);
  const start = Date.now();
  const ship = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, ...env } });
  try {
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const answer = await fetch(new URL("/count", url));
      const { documents, first } = (await answer.json()) as { documents: number; first: number };
      if (documents < lines) {
        if (ship.exitCode !== null) throw new Error(`${name} ended after ${documents} of ${lines} lines`);
        if (Date.now() - start > LIMIT_MS)
          throw new Error(`${name} shipped ${documents} of ${lines} lines in ${LIMIT_MS / 1000} s`);
        continue;
      }
      const wall = (Date.now() - start) / 1000;
      return { name, lines, wallSeconds: wall, firstBulkSeconds: (first - start) / 1000, ...cost(ship, lines) };
    }
  } finally {
    if (ship.exitCode === null) {
      ship.kill();
      await once(ship, "exit");
    }
    sink.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function cost(ship: ChildProcess, lines: number): { cpuMicrosecondsPerLine: number; peakMemoryMb: number } {
  return {
    cpuMicrosecondsPerLine: (cpuSeconds(ship.pid) * 1e6) / lines,
    peakMemoryMb: memoryMb(ship.pid, "VmHWM"),
  };
}

/** Writes `count` Falco lines of about 850 bytes over three days. */
export function writeFalcoFile(file: string, count: number): void {
  const fd = openSync(file, "w");
  let text = "";
  for (let number = 0; number < count; number++) {
    text += falcoLine(number, new Date(Date.UTC(2026, 0, 1 + Math.floor((number * 3) / count)) + number));
    if (text.length < 1 << 20) continue;
    writeSync(fd, text);
    text = "";
  }
  writeSync(fd, text);
}

/** A Falco line of about 850 bytes. */
export function falcoLine(number: number, time: Date): string {
  const stamp = `${time.toISOString().slice(0, 23)}${String(number % 1_000_000).padStart(6, "0")}Z`;
  return `{"hostname":"bench","output":"${stamp}: Warning Sensitive file opened for reading by non-trusted program | file=/etc/shadow gparent=sshd ggparent=systemd gggparent=<NA> evt_type=openat user=root user_uid=0 user_loginuid=1000 process=cat proc_exepath=/usr/bin/cat parent=bash command=cat /etc/shadow terminal=34816 container_id=host","output_fields":{"container.id":"host","evt.num":${number},"evt.time.iso8601":${BigInt(time.getTime()) * 1_000_000n + BigInt(number % 1_000_000)},"evt.type":"openat","fd.name":"/etc/shadow","proc.cmdline":"cat /etc/shadow","proc.exepath":"/usr/bin/cat","proc.name":"cat","proc.pname":"bash","proc.tty":34816,"user.loginuid":1000,"user.name":"root","user.uid":0},"priority":"Warning","rule":"Read sensitive file untrusted","source":"syscall","tags":["T1555","container","filesystem","host","maturity_stable","mitre_credential_access"],"time":"${stamp}"}\n`;
}
