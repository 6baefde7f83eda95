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
/** A block that takes longer to unpack than the one before it takes to handle holds nobody up. */
const BLOCKS_AHEAD = 3;

/** Why a capture can't be read. */
export class CaptureError extends Error {
  override readonly name = "CaptureError";
  readonly code: "not-a-capture" | "other-version" | "damaged";

  constructor(code: CaptureError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** A block as it lies in the file, its checksum found right. */
interface StoredBlock {
  readonly kind: number;
  readonly stored: Buffer<ArrayBuffer>;
  /** Bytes when unpacked. */
  readonly length: number;
  readonly position: number;
  /** Where the block after it begins. */
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
    for await (const bytes of this.#frames(size)) {
      if (options.signal.aborted) return;
      context.clockOffset = bytes.readBigInt64LE(0);
      view.open(bytes);
      this.#delivered = eachFrame(view, bytes.length, this.#delivered, each, CLOCK_BYTES);
      await options.afterBatch?.();
      giveBack(bytes);
    }
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

  /**
   * The blocks of frames, unpacked. Other threads are at the next ones while one is handled; what is wrong with those is
   * told when it is their turn. A block that the file ends in is the cut tail of a crash.
   */
  async *#frames(size: number): AsyncGenerator<Buffer<ArrayBuffer>> {
    const ahead: Promise<Buffer<ArrayBuffer>>[] = [];
    const begin = (unpacking: Promise<Buffer<ArrayBuffer>>): void => {
      unpacking.catch(() => {});
      ahead.push(unpacking);
    };
    for (let position = this.#first; ; ) {
      while (position < size && ahead.length < BLOCKS_AHEAD) {
        try {
          const block = await readBlock(this.#bytes, this.#path, position, size);
          if (block === "cut") this.cut = true;
          else if (block.kind === FRAMES) begin(unpackBlock(block, this.#path));
          position = block === "cut" ? size : block.next;
        } catch (error) {
          begin(Promise.reject(error));
          position = size;
        }
      }
      const next = ahead.shift();
      if (next === undefined) return;
      yield await next;
    }
  }
}

/**
 * Frees a block's memory at once. Left to the collector, the blocks that wait for it make it mark the whole heap every few
 * dozen of them. A small block lies in memory that it shares with other buffers, which stays.
 */
function giveBack(bytes: Buffer<ArrayBuffer>): void {
  if (bytes.length + SPARE_BYTES === bytes.buffer.byteLength) bytes.buffer.transfer(0);
}

async function readBlock(file: FileWindow, path: string, position: number, size: number): Promise<StoredBlock | "cut"> {
  if (size - position < BLOCK_HEAD) return "cut";
  const head = readBlockHead(await file.at(position, BLOCK_HEAD));
  if (!head) throw damagedAt(path, position);
  const next = position + BLOCK_HEAD + head.stored;
  if (next > size) return "cut";
  const stored = await file.at(position + BLOCK_HEAD, head.stored);
  if (crc32(stored) !== head.checksum) {
    if (next === size) return "cut";
    throw damagedAt(path, position);
  }
  return { kind: head.kind, stored, length: head.length, position, next };
}

async function unpackBlock({ stored, length, position }: StoredBlock, path: string): Promise<Buffer<ArrayBuffer>> {
  // One chunk: the default is many small ones, put together again.
  const chunkSize = Math.max(length + SPARE_BYTES, SMALLEST_CHUNK);
  const bytes = (await unpack(stored, { chunkSize })) as Buffer<ArrayBuffer>;
  if (bytes.length !== length) throw damagedAt(path, position);
  return bytes;
}

function damagedAt(path: string, position: number): CaptureError {
  return new CaptureError("damaged", `${path}: damaged at byte ${position}`);
}

async function readJsonBlock(file: FileWindow, path: string, position: number, size: number, kind: number) {
  const block = await readBlock(file, path, position, size);
  if (block === "cut" || block.kind !== kind) {
    throw new CaptureError("damaged", `${path}: damaged at byte ${position}: its beginning is missing`);
  }
  return { text: (await unpackBlock(block, path)).toString("utf8"), next: block.next };
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
