import { spawn } from "node:child_process";
import { once } from "node:events";
import { EVENT_TYPES, type EventRecord, eventTypeByName, type SourceCounters } from "@falco-efk/event";
import { openProbe, type Probe, type ProbeOptions } from "../src/index.ts";

/** Ids of event types by name. */
export function typeIds(...names: string[]): number[] {
  return names.map((name) => eventTypeByName(name)?.id ?? Number.NaN);
}

/** Everything a record says, copied, with its parameters by name. */
export interface Seen {
  readonly name: string;
  readonly time: bigint;
  readonly number: number;
  readonly result: number | bigint;
  readonly task: { readonly [K in keyof EventRecord["task"]]: EventRecord["task"][K] };
  readonly marks: EventRecord["marks"];
  readonly params: Readonly<Record<string, unknown>>;
  readonly fd: EventRecord["fd"];
  readonly paths: EventRecord["paths"];
  readonly image: EventRecord["image"];
}

export function keep(record: EventRecord): Seen {
  const type = EVENT_TYPES[record.type];
  const task = {} as Record<string, unknown>;
  const source = record.task;
  for (const name of Object.getOwnPropertyNames(Object.getPrototypeOf(source))) {
    if (name !== "constructor") task[name] = source[name as keyof typeof source];
  }
  return {
    name: type?.name ?? "?",
    time: record.time,
    number: record.number,
    result: record.result,
    task: task as unknown as Seen["task"],
    marks: record.marks,
    params: Object.fromEntries(type?.params.map((param, index) => [param.name, record.param(index)]) ?? []),
    fd: record.fd,
    paths: record.paths,
    image: record.image && { ...record.image },
  };
}

/** Runs a probe while `act` does something, and gives the events that `of` picks and the counters after the end. */
export async function observe(
  options: ProbeOptions,
  act: (probe: Probe) => Promise<void> | void,
  of: (record: EventRecord) => boolean,
): Promise<{ readonly events: Seen[]; readonly counters: SourceCounters }> {
  const probe = await openProbe(options);
  const events: Seen[] = [];
  const stop = new AbortController();
  const running = probe.run((record) => of(record) && events.push(keep(record)), { signal: stop.signal });
  try {
    await act(probe);
  } finally {
    stop.abort();
    await running;
    await probe.close();
  }
  return { events, counters: probe.counters() };
}

/** Runs a program to its end. */
export async function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; argv0?: string; uid?: number; gid?: number } = {},
): Promise<{
  readonly pid: number;
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
}> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"], ...options });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    out += text;
  });
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { pid: child.pid ?? -1, code, signal, out };
}
