import { nearest, UserError } from "@falco-efk/kit";
import { type Batch, FLAG, ROW, recordBytes } from "../batch.ts";
import { addRow, createLineTable } from "../lines/line-table.ts";
import { mendLines } from "../lines/mend-lines.ts";
import { compileCondition } from "./condition.ts";
import { isObject, parseEvent } from "./event.ts";
import { PROCESSORS, type Processor } from "./kinds.ts";
import { Settings } from "./settings.ts";

/** Compiles a list of processors as `ship.yml` has them. Throws UserError that names what is wrong. */
export function compileProcessors(list: readonly unknown[]): Processor {
  const steps = list.map(compileStep);
  return (event) => {
    let current: ReturnType<Processor> = event;
    for (const step of steps) {
      if (current === null) return null;
      current = step(current);
    }
    return current;
  };
}

function compileStep(value: unknown): Processor {
  if (!isObject(value)) throw stepError("a processor is a mapping with its name");
  if ("if" in value) {
    const test = compileCondition(value.if);
    const then = compileProcessors(asList(value.then));
    const otherwise = compileProcessors(asList(value.else ?? []));
    return (event) => (test(event) ? then(event) : otherwise(event));
  }
  const [name, ...more] = Object.keys(value);
  if (name === undefined || more.length > 0) throw stepError("a processor is one name with its settings");
  const make = PROCESSORS[name];
  if (make === undefined) {
    const near = nearest(name, Object.keys(PROCESSORS));
    throw stepError(`the processor ${name} is not known`, near === null ? undefined : `did you mean ${near}?`);
  }
  const settings = new Settings(name, value[name]);
  const run = make(settings);
  settings.finish();
  const when = isObject(value[name]) ? value[name].when : undefined;
  if (when === undefined) return run;
  const test = compileCondition(when);
  return (event) => (test(event) ? run(event) : event);
}

/** Runs processors over a batch. The answer may have fewer records, even none; ids stay with their records. */
export function processBatch(batch: Batch, process: Processor): Batch {
  const parts: Buffer[] = [];
  const table = createLineTable();
  const kept: number[] = [];
  let size = 0;
  for (let index = 0; index < batch.count; index++) {
    const bytes = processRecord(recordBytes(batch, index), process);
    if (bytes === null) continue;
    const row = addRow(table, size, size + bytes.length);
    table.rows[row + ROW.flags] = FLAG.odd;
    table.odd += 1;
    parts.push(bytes);
    kept.push(index);
    size += bytes.length;
  }
  const mended = mendLines(Buffer.concat(parts, size), table, {
    invalidLines: "wrap",
    maxLineBytes: Number.POSITIVE_INFINITY,
  });
  const { count, rows } = mended.table;
  const offsets = Float64Array.from(mended.from.subarray(0, count), (at) => batch.offsets[kept[at] ?? 0] ?? 0);
  return { ...batch, data: mended.data, count, rows: rows.slice(0, count * ROW.width), offsets };
}

/** A record that only looks like JSON passes unchanged: the sink says what is wrong with it. */
function processRecord(bytes: Buffer, process: Processor): Buffer | null {
  let event: ReturnType<typeof parseEvent>;
  try {
    event = parseEvent(bytes.toString("utf8"));
  } catch {
    return bytes;
  }
  const result = process(event);
  return result === null ? null : Buffer.from(JSON.stringify(result), "utf8");
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function stepError(message: string, hint?: string): UserError {
  return new UserError(message, { code: "PROCESSOR", key: "processors", ...(hint === undefined ? {} : { hint }) });
}
