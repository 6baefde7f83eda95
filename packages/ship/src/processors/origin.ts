import { type Batch, ROW } from "../batch.ts";
import { KeySet, scanObject } from "./falco-scan.ts";
import type { BatchStep } from "./processing-intake.ts";
import { StepBuffers } from "./step-buffers.ts";

const LOG = new KeySet(["log"]);
/** More digits than an offset has. */
const OFFSET_DIGITS = 17;

/** Adds `log.offset` and `log.file`, path and generation, behind the opening brace. A record that has a `log` keeps its own. */
export function originStep(): BatchStep {
  const buffers = new StepBuffers();
  const found = new Uint32Array(2);
  return (batch: Batch) => {
    const { data, count, rows, origin } = batch;
    const file = JSON.stringify({ path: origin.path, id: origin.generation });
    const open = Buffer.from(`{"log":{"file":${file},"offset":`);
    const target = buffers.take(data.length + count * (open.length + OFFSET_DIGITS + 2));
    const moved = new Uint32Array(rows);
    let at = 0;
    for (let index = 0; index < count; index++) {
      const row = index * ROW.width;
      const end = rows[row + ROW.end] ?? 0;
      let from = rows[row] ?? 0;
      moved[row] = at;
      if (scanObject(data, from, end, LOG, found) === end && found[0] === 0) {
        target.set(open, at);
        at += open.length;
        at += target.write(`${batch.offsets[index] ?? 0}},`, at, "latin1");
        from += 1;
      }
      data.copy(target, at, from, end);
      moved[row + ROW.timeStart] = (rows[row + ROW.timeStart] ?? 0) + at - from;
      moved[row + ROW.timeEnd] = (rows[row + ROW.timeEnd] ?? 0) + at - from;
      at += end - from;
      moved[row + ROW.end] = at;
    }
    return { batch: { ...batch, data: target.subarray(0, at), rows: moved }, release: () => buffers.give(target) };
  };
}
