import type {
  EventRecord,
  FdInfo,
  ParamValue,
  PathArgument,
  ProcessImage,
  RecordMarks,
  TaskInfo,
} from "@falco-efk/event";
import { readFd } from "./fd-info.ts";
import { LAYOUT } from "./frame-layout.ts";
import { readParam } from "./params.ts";
import { readPaths } from "./path-arguments.ts";
import { readImage } from "./process-image.ts";
import { TaskView } from "./task-view.ts";

function byteOffsetAligned(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes);
}

const SECTIONS = LAYOUT["frame.sections"];

/** What a frame doesn't say about itself. */
export interface FrameContext {
  /** Wall-clock time minus time since boot, nanoseconds. */
  clockOffset: bigint;
  /** Name of the control group hierarchy that the frames' paths are from: `memory`, or empty for the unified one. */
  readonly cgroupController: string;
}

/**
 * An event over the bytes of a frame. One view is moved from frame to frame; a property is decoded when it is read, and
 * the compound ones are kept until the view moves on.
 */
export class FrameView implements EventRecord {
  readonly context: FrameContext;
  readonly task: TaskInfo;
  number = 0;
  bytes: Buffer = Buffer.alloc(0);
  /** Where the frame starts in `bytes`. */
  start = 0;
  #words: Uint32Array = new Uint32Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #fd: FdInfo | null | undefined;
  #paths: readonly PathArgument[] | undefined;
  #image: ProcessImage | null | undefined;

  constructor(context: FrameContext) {
    this.context = context;
    this.task = new TaskView(this);
  }

  /** Reads frames from these bytes from now on. They are copied only where they are not aligned. */
  open(bytes: Uint8Array<ArrayBuffer>): void {
    const { buffer, byteOffset, byteLength } = byteOffsetAligned(bytes);
    this.bytes = Buffer.from(buffer, byteOffset, byteLength);
    this.#words = new Uint32Array(buffer, byteOffset, byteLength >>> 2);
    this.#view = new DataView(buffer, byteOffset, byteLength);
  }

  /** Moves to the frame at `start`, a multiple of eight. */
  move(start: number, number: number): void {
    this.start = start;
    this.number = number;
    this.#fd = undefined;
    this.#paths = undefined;
    this.#image = undefined;
  }

  get size(): number {
    return this.u32(LAYOUT["frame.size"]);
  }

  get type(): number {
    return this.u32(LAYOUT["frame.type"]) & 0xffff;
  }

  get cpu(): number {
    return this.u16(LAYOUT["frame.cpu"]);
  }

  get time(): bigint {
    return this.context.clockOffset + this.big(LAYOUT["frame.time"]);
  }

  get result(): number | bigint {
    return this.s64(LAYOUT["frame.result"]);
  }

  get marks(): RecordMarks {
    const marks = this.markBits;
    return {
      truncated: (marks & LAYOUT.MARK_TRUNCATED) !== 0,
      ioUring: (marks & LAYOUT.MARK_IO_URING) !== 0,
      compat: (marks & LAYOUT.MARK_COMPAT) !== 0,
    };
  }

  get markBits(): number {
    return this.u32(LAYOUT["frame.marks"]);
  }

  get fd(): FdInfo | null {
    if (this.#fd === undefined) this.#fd = readFd(this);
    return this.#fd;
  }

  get paths(): readonly PathArgument[] {
    this.#paths ??= readPaths(this);
    return this.#paths;
  }

  get image(): ProcessImage | null {
    if (this.#image === undefined) this.#image = readImage(this);
    return this.#image;
  }

  param(index: number): ParamValue {
    return readParam(this, index);
  }

  /** The frame's bytes copied, for keeping. */
  copy(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.bytes.subarray(this.start, this.start + this.size));
  }

  u8(offset: number): number {
    return this.bytes[this.start + offset] as number;
  }

  u16(offset: number): number {
    const at = this.start + offset;
    return (this.bytes[at] as number) | ((this.bytes[at + 1] as number) << 8);
  }

  /** `offset` must be a multiple of four. */
  u32(offset: number): number {
    return this.#words[(this.start + offset) >>> 2] as number;
  }

  s32(offset: number): number {
    return this.u32(offset) | 0;
  }

  u64(offset: number): number | bigint {
    const low = this.u32(offset);
    const high = this.u32(offset + 4);
    return high < 0x200000 ? high * 4294967296 + low : this.big(offset);
  }

  s64(offset: number): number | bigint {
    const low = this.u32(offset);
    const high = this.s32(offset + 4);
    const safe = high < 0x200000 && high >= -0x200000;
    return safe ? high * 4294967296 + low : this.#view.getBigInt64(this.start + offset, true);
  }

  big(offset: number): bigint {
    return this.#view.getBigUint64(this.start + offset, true);
  }

  /** A number of 4 or 8 bytes wherever it stands, since sections have no alignment. */
  unaligned(offset: number, bytes: 4 | 8): number | bigint {
    const at = this.start + offset;
    const low = this.#view.getUint32(at, true);
    if (bytes === 4) return low;
    const high = this.#view.getUint32(at + 4, true);
    return high < 0x200000 ? high * 4294967296 + low : this.#view.getBigUint64(at, true);
  }

  /** The call's argument as the low 32 bits, signed: what int parameters and descriptors are. */
  argInt(index: number): number {
    return this.s32(LAYOUT["frame.args"] + index * 8);
  }

  sectionLength(section: number): number {
    return this.u32(SECTIONS + section * 4) >>> 16;
  }

  /** A section as text, or null where it is absent. */
  text(section: number): string | null {
    const span = this.u32(SECTIONS + section * 4);
    if (span >>> 16 === 0) return null;
    const from = this.start + (span & 0xffff);
    return this.bytes.toString("utf8", from, from + (span >>> 16));
  }

  /** A section's bytes copied, or null where it is absent. */
  data(section: number): Uint8Array | null {
    const length = this.sectionLength(section);
    if (length === 0) return null;
    const from = this.start + this.u16(SECTIONS + section * 4);
    return new Uint8Array(this.bytes.subarray(from, from + length));
  }

  /** Where a section starts, counted from the frame's start; 0 where it is absent. */
  sectionStart(section: number): number {
    const span = this.u32(SECTIONS + section * 4);
    return span >>> 16 === 0 ? 0 : span & 0xffff;
  }

  /** A fixed field that ends at its first NUL. */
  fixedText(offset: number, limit: number): string {
    const from = this.start + offset;
    let end = from;
    while (end < from + limit && this.bytes[end] !== 0) end++;
    return this.bytes.toString("utf8", from, end);
  }
}
