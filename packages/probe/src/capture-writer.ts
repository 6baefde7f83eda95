import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { hostname, release } from "node:os";
import {
  CAPTURE_MAGIC,
  type CaptureMeta,
  encodeState,
  FRAMES,
  LAYOUT_OF_FRAMES,
  META,
  packBlock,
  STATE,
} from "./capture-format.ts";
import type { FrameContext } from "./frame-view.ts";

const BLOCK_BYTES = 1024 * 1024;
const CLOCK_BYTES = 8;
/** Frames wait no longer for their block to fill, milliseconds. */
const BLOCK_AGE_MS = 1000;

export interface CaptureOptions {
  /** What a replay needs to know beforehand, such as the process snapshots: any JSON, bigints included. */
  readonly state: unknown;
  /** Given by the probe: `probe.frameContext`. */
  readonly context: FrameContext;
  readonly now?: () => number;
}

/** Writes frames to a capture as they come; give `write` to `probe.tap`. */
export class CaptureWriter {
  readonly #file: number;
  readonly #context: FrameContext;
  readonly #now: () => number;
  readonly #block: Buffer = Buffer.allocUnsafe(BLOCK_BYTES + CLOCK_BYTES);
  #used = CLOCK_BYTES;
  #started = 0;
  #offset = 0n;
  #closed = false;
  /** Bytes written to the file so far. */
  bytes = 0;

  constructor(path: string, options: CaptureOptions) {
    this.#context = options.context;
    this.#now = options.now ?? Date.now;
    this.#file = openSync(path, "wx", 0o600);
    const meta: CaptureMeta = {
      ...LAYOUT_OF_FRAMES,
      started: `${this.#now()}000000`,
      hostname: hostname(),
      kernel: release(),
      cgroupController: options.context.cgroupController,
    };
    this.#put(Buffer.from(CAPTURE_MAGIC, "latin1"));
    this.#put(packBlock(META, Buffer.from(JSON.stringify(meta))));
    this.#put(packBlock(STATE, Buffer.from(encodeState(options.state))));
  }

  /** Adds whole frames. Throws what the file system says when they can't be written. */
  readonly write = (frames: Uint8Array): void => {
    if (this.#used + frames.length > this.#block.length || this.#context.clockOffset !== this.#offset) this.flush();
    if (this.#used === CLOCK_BYTES) this.#started = this.#now();
    this.#offset = this.#context.clockOffset;
    if (frames.length > BLOCK_BYTES) {
      const block = Buffer.allocUnsafe(CLOCK_BYTES + frames.length);
      block.set(frames, CLOCK_BYTES);
      this.#putFrames(block);
      return;
    }
    this.#block.set(frames, this.#used);
    this.#used += frames.length;
    if (this.#now() - this.#started >= BLOCK_AGE_MS) this.flush();
  };

  /** Writes what waits for its block to fill. */
  flush(): void {
    if (this.#used === CLOCK_BYTES) return;
    this.#putFrames(this.#block.subarray(0, this.#used));
    this.#used = CLOCK_BYTES;
  }

  /** Flushes, syncs and closes; a second call does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.flush();
      fsyncSync(this.#file);
    } finally {
      closeSync(this.#file);
    }
  }

  #putFrames(block: Buffer): void {
    block.writeBigInt64LE(this.#offset, 0);
    this.#put(packBlock(FRAMES, block));
  }

  #put(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
    this.bytes += bytes.length;
  }
}

/**
 * Starts a capture in a new file.
 * @throws what the file system says, `EEXIST` where there is a file of that name.
 */
export function writeCapture(path: string, options: CaptureOptions): CaptureWriter {
  return new CaptureWriter(path, options);
}
