import { eventTypeByName } from "@falco-efk/event";
import { LAYOUT } from "../src/frame-layout.ts";
import { FrameView } from "../src/frame-view.ts";

/** What a made frame says; what is left out is zero or absent. */
export interface FrameFacts {
  readonly type: string;
  readonly result?: number;
  readonly marks?: number;
  /** The call's arguments, 64 bits each. */
  readonly args?: readonly number[];
  readonly extra?: readonly number[];
  readonly pid?: number;
  readonly pidNamespace?: number;
  readonly mountNamespace?: number;
  readonly fdMode?: number;
  /** By the number of the section. */
  readonly sections?: Readonly<Record<number, string>>;
}

/** A frame as the kernel's programs would lay it out, under a view. */
export function frameOf(facts: FrameFacts): FrameView {
  const sections = Object.entries(facts.sections ?? {}).map(([id, text]) => [Number(id), Buffer.from(text)] as const);
  const length = sections.reduce<number>((sum, [, bytes]) => sum + bytes.length, LAYOUT["frame.bytes"]);
  const size = Math.ceil(length / 8) * 8;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  view.setUint32(LAYOUT["frame.size"], size, true);
  view.setUint16(LAYOUT["frame.type"], eventTypeByName(facts.type)?.id ?? -1, true);
  view.setBigInt64(LAYOUT["frame.result"], BigInt(facts.result ?? 0), true);
  view.setUint32(LAYOUT["frame.marks"], facts.marks ?? 0, true);
  for (const name of ["tid", "pid", "vtid", "vpid"] as const)
    view.setUint32(LAYOUT[`frame.${name}`], facts.pid ?? 1, true);
  view.setUint32(LAYOUT["frame.pid_namespace"], facts.pidNamespace ?? 0, true);
  view.setUint32(LAYOUT["frame.mount_namespace"], facts.mountNamespace ?? 0, true);
  view.setInt32(LAYOUT["frame.fd"], facts.result ?? 0, true);
  view.setUint16(LAYOUT["frame.fd_mode"], facts.fdMode ?? 0, true);
  for (const [index, value] of (facts.args ?? []).entries())
    view.setBigInt64(LAYOUT["frame.args"] + index * 8, BigInt(value), true);
  for (const [index, value] of (facts.extra ?? []).entries())
    view.setBigInt64(LAYOUT["frame.extra"] + index * 8, BigInt(value), true);
  let at: number = LAYOUT["frame.bytes"];
  for (const [id, text] of sections) {
    view.setUint16(LAYOUT["frame.sections"] + id * 4, at, true);
    view.setUint16(LAYOUT["frame.sections"] + id * 4 + 2, text.length, true);
    bytes.set(text, at);
    at += text.length;
  }
  const frame = new FrameView({ clockOffset: 0n, cgroupController: "" });
  frame.open(bytes);
  frame.move(0, 1);
  return frame;
}
