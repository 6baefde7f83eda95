import { ProbeError } from "./errors.ts";
import { LAYOUT } from "./frame-layout.ts";
import type { ProcessIdentity } from "./options.ts";

const NANOSECONDS_A_TICK = 10_000_000n;

/** The kernel's `struct control`: which filter generation is in force, who is ignored, and whether it is all over. */
export function controlBytes(generation: number, ignored: readonly ProcessIdentity[], stopped: boolean): Uint8Array {
  if (ignored.length > LAYOUT.MAX_IGNORED) {
    throw new ProbeError(
      "load-failed",
      `${ignored.length} processes to ignore, the kernel programs hold ${LAYOUT.MAX_IGNORED}`,
      "ignore fewer",
    );
  }
  const bytes = new Uint8Array(LAYOUT["control.bytes"]);
  const view = new DataView(bytes.buffer);
  view.setUint32(LAYOUT["control.generation"], generation, true);
  view.setUint32(LAYOUT["control.ignored_count"], ignored.length, true);
  view.setUint32(LAYOUT["control.stopped"], stopped ? 1 : 0, true);
  ignored.forEach((process, index) => {
    const at = LAYOUT["control.ignored"] + index * LAYOUT["ignored_process.bytes"];
    view.setUint32(at + LAYOUT["ignored_process.pid"], process.pid, true);
    view.setBigUint64(at + LAYOUT["ignored_process.start_ticks"], BigInt(process.startTime) / NANOSECONDS_A_TICK, true);
  });
  return bytes;
}
