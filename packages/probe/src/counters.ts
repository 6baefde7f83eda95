import { EVENT_TYPES, type SourceCounters } from "@falco-efk/event";
import { LAYOUT } from "./frame-layout.ts";
import type { NativeProbe } from "./native.ts";

const CAUSES: readonly (readonly [number, string])[] = [
  [LAYOUT.DROP_RING_FULL, "ring-full"],
  [LAYOUT.DROP_SCRATCH_BUSY, "scratch-busy"],
];

function key(index: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, index, true);
  return bytes;
}

/** Sums a per-CPU value's 64-bit members over the processors. */
function sums(native: NativeProbe, map: string, index: number, members: number): number[] {
  const bytes = native.read(map, key(index));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const totals = new Array<number>(members).fill(0);
  for (let at = 0; at < bytes.byteLength; at += members * 8) {
    for (let i = 0; i < members; i++) totals[i] = (totals[i] as number) + Number(view.getBigUint64(at + i * 8, true));
  }
  return totals;
}

/** Reads the kernel's counters. What lies in the ring buffer is produced and not yet delivered. */
export function readCounters(native: NativeProbe, delivered: number): SourceCounters {
  const byType: Record<string, { seen: number; passed: number }> = {};
  let produced = 0;
  for (const type of EVENT_TYPES) {
    const [seen = 0, passed = 0] = sums(native, "counters", type.id, 2);
    if (seen > 0) byType[type.name] = { seen, passed };
    produced += passed;
  }
  const dropped: Record<string, number> = {};
  for (const [cause, name] of CAUSES) dropped[name] = sums(native, "drops", cause, 1)[0] as number;
  return { produced, delivered, dropped, byType };
}
