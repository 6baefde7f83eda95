import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";

const agent = new Agent({ keepAlive: true });

/** Sends a request and gives the answer's text. Throws for what is not 2xx. */
export function send(url: string, method: string, body?: Buffer | string): Promise<string> {
  const type = url.includes("_bulk") ? "application/x-ndjson" : "application/json";
  const length = body === undefined ? 0 : Buffer.byteLength(body);
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method, agent, headers: { "content-type": type, "content-length": length } },
      (response) => {
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("error", reject);
        response.on("end", () => {
          const text = Buffer.concat(parts).toString();
          if ((response.statusCode ?? 0) >= 300) {
            reject(new Error(`${url}: ${response.statusCode} ${text.slice(0, 300)}`));
          } else {
            resolve(text);
          }
        });
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

/** CPU seconds, user and system, that a process has used. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Memory of a process in MB of 2^20 bytes. */
export function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

/** Waits until a process has done next to nothing for three seconds, so that what it does behind is counted too. */
export async function untilQuiet(pid: number, mostSeconds: number): Promise<void> {
  let quiet = 0;
  for (let second = 0; second < mostSeconds && quiet < 3; second++) {
    const before = cpuSeconds(pid);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    quiet = cpuSeconds(pid) - before < 0.06 ? quiet + 1 : 0;
  }
}
