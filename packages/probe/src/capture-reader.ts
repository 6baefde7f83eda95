import { type FileHandle, open } from "node:fs/promises";
import { promisify } from "node:util";
import { crc32, zstdDecompress } from "node:zlib";
import {
  EVENT_TYPES,
  type EventRecord,
  type EventSource,
  type HostNamespaces,
  type KernelFilter,
  type SourceCounters,
} from "@falco-efk/event";
import {
  BLOCK_HEAD,
  CAPTURE_MAGIC,
  type CaptureMeta,
  decodeState,
  FRAMES,
  LAYOUT_OF_FRAMES,
  META,
  readBlockHead,
  STATE,
} from "./capture-format.ts";
import { FileWindow } from "./file-window.ts";
import { FrameFilter } from "./frame-filter.ts";
import { type FrameContext, FrameView } from "./frame-view.ts";
import { eachFrame } from "./source.ts";

const unpack = promisify(zstdDecompress);
const CLOCK_BYTES = 8;
const SMALLEST_CHUNK = 64;
/** A chunk that is filled to its end would have the next one made at once. */
const SPARE_BYTES = 1;

/** Why a capture can't be read. */
export class CaptureError extends Error {
  override readonly name = "CaptureError";
  readonly code: "not-a-capture" | "other-version" | "damaged";

  constructor(code: CaptureError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

interface Block {
  readonly kind: number;
  readonly bytes: Buffer<ArrayBuffer>;
  readonly next: number;
}

/** A recorded source, read from the start by each `run`. */
export interface Capture extends EventSource {
  readonly kind: "capture";
  readonly meta: CaptureMeta;
  /** What the writer was given as its state. */
  readonly state: unknown;
  /** The file ends within a block, as after a crash; known after a run. */
  readonly cut: boolean;
  /**
   * Hands on from now on only what passes the filter, as the kernel would have held the rest back; null hands all on.
   * `host` are the namespaces of the recording machine's init, null where they are not known.
   */
  sift(filter: KernelFilter | null, host: HostNamespaces | null): void;
}

class CaptureFile implements Capture {
  readonly kind = "capture";
  readonly meta: CaptureMeta;
  readonly state: unknown;
  cut = false;
  readonly #file: FileHandle;
  readonly #bytes: FileWindow;
  readonly #path: string;
  readonly #first: number;
  readonly #seen = new Float64Array(EVENT_TYPES.length);
  readonly #passed = new Float64Array(EVENT_TYPES.length);
  #filter: FrameFilter | null = null;
  #delivered = 0;
  #open = true;

  constructor(file: FileHandle, path: string, meta: CaptureMeta, state: unknown, first: number) {
    this.#file = file;
    this.#bytes = new FileWindow(file);
    this.#path = path;
    this.meta = meta;
    this.state = state;
    this.#first = first;
  }

  sift(filter: KernelFilter | null, host: HostNamespaces | null): void {
    this.#filter = filter === null ? null : new FrameFilter(filter, host);
  }

  async run(
    handle: (record: EventRecord) => void,
    options: { readonly signal: AbortSignal; readonly afterBatch?: () => void | Promise<void> },
  ): Promise<void> {
    const context: FrameContext = { clockOffset: 0n, cgroupController: this.meta.cgroupController };
    const view = new FrameView(context);
    const { size } = await this.#file.stat();
    const each = (frame: FrameView): void => {
      const type = frame.type;
      (this.#seen[type] as number)++;
      if (this.#filter !== null && !this.#filter.passes(frame)) return;
      (this.#passed[type] as number)++;
      handle(frame);
    };
    // The next block is read and unpacked on other threads while this one is handled.
    let upcoming = this.#block(this.#first, size);
    for (let block = await upcoming; block && !options.signal.aborted; block = await upcoming) {
      upcoming = this.#block(block.next, size);
      upcoming.catch(() => {});
      if (block.kind !== FRAMES) continue;
      context.clockOffset = block.bytes.readBigInt64LE(0);
      view.open(block.bytes);
      this.#delivered = eachFrame(view, block.bytes.length, this.#delivered, each, CLOCK_BYTES);
      await options.afterBatch?.();
      giveBack(block.bytes);
    }
    await upcoming;
  }

  counters(): SourceCounters {
    const byType: Record<string, { seen: number; passed: number }> = {};
    for (const { id, name } of EVENT_TYPES) {
      const seen = this.#seen[id] ?? 0;
      if (seen > 0) byType[name] = { seen, passed: this.#passed[id] ?? 0 };
    }
    return { produced: this.#delivered, delivered: this.#delivered, dropped: {}, byType };
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#file.close();
  }

  /** The block at `position`, or null at the end. A block that the file ends in is the cut tail of a crash. */
  async #block(position: number, size: number): Promise<Block | null> {
    const block = await readBlock(this.#bytes, this.#path, position, size);
    if (block === "cut") this.cut = true;
    return block === "cut" ? null : block;
  }
}

/**
 * Frees a block's memory at once. Left to the collector, the blocks that wait for it make it mark the whole heap every few
 * dozen of them. A small block lies in memory that it shares with other buffers, which stays.
 */
function giveBack(bytes: Buffer<ArrayBuffer>): void {
  if (bytes.length + SPARE_BYTES === bytes.buffer.byteLength) bytes.buffer.transfer(0);
}

async function readBlock(
  file: FileWindow,
  path: string,
  position: number,
  size: number,
): Promise<Block | null | "cut"> {
  if (position >= size) return null;
  if (size - position < BLOCK_HEAD) return "cut";
  const head = readBlockHead(await file.at(position, BLOCK_HEAD));
  const damaged = (): CaptureError => new CaptureError("damaged", `${path}: damaged at byte ${position}`);
  if (!head) throw damaged();
  const next = position + BLOCK_HEAD + head.stored;
  if (next > size) return "cut";
  const stored = await file.at(position + BLOCK_HEAD, head.stored);
  if (crc32(stored) !== head.checksum) {
    if (next === size) return "cut";
    throw damaged();
  }
  // One chunk: the default is many small ones, put together again.
  const bytes = (await unpack(stored, {
    chunkSize: Math.max(head.length + SPARE_BYTES, SMALLEST_CHUNK),
  })) as Buffer<ArrayBuffer>;
  if (bytes.length !== head.length) throw damaged();
  return { kind: head.kind, bytes, next };
}

async function readJsonBlock(file: FileWindow, path: string, position: number, size: number, kind: number) {
  const block = await readBlock(file, path, position, size);
  if (block === null || block === "cut" || block.kind !== kind) {
    throw new CaptureError("damaged", `${path}: damaged at byte ${position}: its beginning is missing`);
  }
  return { text: block.bytes.toString("utf8"), next: block.next };
}

/**
 * Opens a capture for replay.
 * @throws CaptureError when it is none, is of another version or is damaged at its start; what the file system says.
 */
export async function openCapture(path: string): Promise<Capture> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const bytes = new FileWindow(file);
    const magic = (await bytes.at(0, CAPTURE_MAGIC.length)).toString("latin1");
    if (magic !== CAPTURE_MAGIC) throw new CaptureError("not-a-capture", `${path}: not a capture of falco-engine`);
    const first = await readJsonBlock(bytes, path, CAPTURE_MAGIC.length, size, META);
    const meta = JSON.parse(first.text) as CaptureMeta;
    const { frameVersion, frameBytes } = LAYOUT_OF_FRAMES;
    if (meta.frameVersion !== frameVersion || meta.frameBytes !== frameBytes) {
      throw new CaptureError(
        "other-version",
        `${path}: written with frame layout ${meta.frameVersion}, this program reads ${frameVersion}`,
      );
    }
    const state = await readJsonBlock(bytes, path, first.next, size, STATE);
    return new CaptureFile(file, path, meta, decodeState(state.text), state.next);
  } catch (error) {
    await file.close();
    throw error;
  }
}
