import { nearest } from "@falco-efk/kit";
import { type Batch, FLAG, type Origin, ROW, recordBytes, recordTime } from "../batch.ts";
import { expandKeys } from "../config/dotted.ts";
import { toUtcTime } from "../lines/falco-time.ts";
import { addRow, createLineTable } from "../lines/line-table.ts";
import { mendLines } from "../lines/mend-lines.ts";
import { compileCondition } from "./condition.ts";
import { type EventObject, isObject, parseEvent } from "./event.ts";
import { PROCESSORS } from "./kinds.ts";
import { IDLE_CONTEXT, type Outcome, type Processor, type ProcessorContext } from "./processor.ts";
import { type KeyPath, processorError, Settings } from "./settings.ts";

/** Compiles a list of processors as `ship.yml` has them. Throws UserError (`PROCESSOR`) that names what is wrong and its key. */
export function compileProcessors(
  list: readonly unknown[],
  context: ProcessorContext = IDLE_CONTEXT,
  path: KeyPath = ["processors"],
): Processor {
  return inOrder(list.map((value, at) => compileStep(value, context, [...path, at])));
}

/** Processors one after the other; the first that drops the event is the last. */
export function inOrder(steps: readonly Processor[]): Processor {
  const runFrom = (first: number, event: EventObject, origin: Origin): ReturnType<Processor> => {
    let current: Outcome = event;
    for (let at = first; at < steps.length && current !== null; at++) {
      const result: ReturnType<Processor> = steps[at]?.(current, origin) ?? null;
      if (result instanceof Promise) {
        return result.then((next) => (next === null ? null : runFrom(at + 1, next, origin)));
      }
      current = result;
    }
    return current;
  };
  return (event, origin) => runFrom(0, event, origin);
}

function compileStep(value: unknown, context: ProcessorContext, path: KeyPath): Processor {
  if (!isObject(value)) throw processorError(path, "a processor is a mapping with its name");
  if ("if" in value) return compileBranch(value, context, path);
  const step = expandKeys(value);
  const [name, ...more] = Object.keys(step);
  if (name === undefined || more.length > 0) throw processorError(path, "a processor is one name with its settings");
  const make = Object.hasOwn(PROCESSORS, name) ? PROCESSORS[name] : undefined;
  if (make === undefined) {
    const near = nearest(name, Object.keys(PROCESSORS));
    throw processorError(
      [...path, name],
      `the processor ${name} is not known`,
      near === null ? undefined : `did you mean ${near}?`,
    );
  }
  const settings = new Settings(name, step[name], [...path, name]);
  const run = make(settings, context);
  settings.finish();
  if (settings.when === undefined) return run;
  const test = compileCondition(settings.when, [...path, name, "when"]);
  return (event, origin) => (test(event) ? run(event, origin) : event);
}

function compileBranch(value: EventObject, context: ProcessorContext, path: KeyPath): Processor {
  for (const key of Object.keys(value)) {
    if (!["if", "then", "else"].includes(key)) {
      throw processorError([...path, key], "beside if there may only be then and else");
    }
  }
  if (value.then === undefined) throw processorError(path, "if needs a then");
  const test = compileCondition(value.if, [...path, "if"]);
  const then = compileProcessors(asList(value.then), context, [...path, "then"]);
  const otherwise = compileProcessors(asList(value.else ?? []), context, [...path, "else"]);
  return (event, origin) => (test(event) ? then(event, origin) : otherwise(event, origin));
}

/**
 * Runs processors over a batch. The answer may have fewer records, even none; ids stay with their records. It's a promise when
 * a processor had to look something up.
 */
export function processBatch(batch: Batch, process: Processor): Batch | Promise<Batch> {
  const results: (Outcome | Buffer | Promise<Outcome>)[] = [];
  let waiting = false;
  for (let index = 0; index < batch.count; index++) {
    const result = processRecord(recordBytes(batch, index), process, batch.origin);
    if (result instanceof Promise) waiting = true;
    results.push(result);
  }
  if (!waiting) return assemble(batch, results as (Outcome | Buffer)[]);
  return Promise.all(results).then((settled) => assemble(batch, settled));
}

/** A record that only looks like JSON passes unchanged: the sink says what is wrong with it. */
function processRecord(bytes: Buffer, process: Processor, origin: Origin): ReturnType<Processor> | Buffer {
  let event: EventObject;
  try {
    event = parseEvent(bytes.toString("utf8"));
  } catch {
    return bytes;
  }
  return process(event, origin);
}

function assemble(batch: Batch, results: readonly (Outcome | Buffer)[]): Batch {
  const parts: Buffer[] = [];
  const table = createLineTable();
  const kept: number[] = [];
  let size = 0;
  results.forEach((result, index) => {
    if (result === null) return;
    const event = Buffer.isBuffer(result) ? null : result;
    if (event !== null) keepTime(event, batch, index);
    const bytes = Buffer.isBuffer(result) ? result : Buffer.from(JSON.stringify(result), "utf8");
    const row = addRow(table, size, size + bytes.length);
    if (event === null || !placeTime(event, bytes, table.rows, row, size)) {
      table.rows[row + ROW.flags] = FLAG.odd;
      table.odd += 1;
    }
    parts.push(bytes);
    kept.push(index);
    size += bytes.length;
  });
  // Mending takes every line that isn't marked for one with a time of Falco's.
  if (table.odd > 0) for (let at = 0; at < table.count; at++) table.rows[at * ROW.width + ROW.flags] = FLAG.odd;
  const data = Buffer.concat(parts, size);
  const mended = table.odd === 0 ? null : mendLines(data, table, MEND);
  const { count, rows } = mended?.table ?? table;
  const from = mended?.from;
  const offsets = Float64Array.from({ length: count }, (_, at) => batch.offsets[kept[from?.[at] ?? at] ?? 0] ?? 0);
  return { ...batch, data: mended?.data ?? data, count, rows: rows.slice(0, count * ROW.width), offsets };
}

const MEND = { invalidLines: "wrap", maxLineBytes: Number.POSITIVE_INFINITY } as const;

/** An event whose time was taken out keeps it as `@timestamp`: its day decides the index, also when it's sent again. */
function keepTime(event: EventObject, batch: Batch, index: number): void {
  if (event["@timestamp"] !== undefined || event.time !== undefined) return;
  const row = index * ROW.width;
  if (batch.rows[row + ROW.timeStart] === batch.rows[row + ROW.timeEnd]) return;
  event["@timestamp"] = recordTime(batch, index);
}

/** Notes where the event's time stands when it has one in UTC; any place that has the same text will do. */
function placeTime(event: EventObject, bytes: Buffer, rows: Uint32Array, row: number, base: number): boolean {
  const own = event["@timestamp"];
  const time = own ?? event.time;
  if (typeof time !== "string" || toUtcTime(time) !== time) return false;
  const at = bytes.indexOf(time);
  if (at < 0) return false;
  rows[row + ROW.timeStart] = base + at;
  rows[row + ROW.timeEnd] = base + at + time.length;
  rows[row + ROW.flags] = own === undefined ? 0 : FLAG.ownTimestamp;
  return true;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
