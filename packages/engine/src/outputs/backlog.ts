import type { AlertLine, ByteDeliverer, Delivery, LineDeliverer } from "./output.ts";

/** The lines of one output that are not settled yet, in the form in which its deliverer takes them. */
export interface Backlog {
  readonly lines: number;
  /** Of text held. */
  readonly bytes: number;
  push(line: AlertLine): void;
  /** Hands the oldest to the deliverer; they stay until `take`. */
  deliver(): { readonly lines: number; readonly result: Promise<Delivery> };
  /** Lets go of the oldest. */
  take(lines: number): void;
}

/** Lines that wait above which the output is behind. */
const BEHIND = 1024;
const NEVER = /^\0/;

/** Keeps lines as they come. */
export function createLineBacklog(deliverer: LineDeliverer): Backlog {
  let queue: AlertLine[] = [];
  let head = 0;
  let bytes = 0;
  return {
    get lines() {
      return queue.length - head;
    },
    get bytes() {
      return bytes;
    },
    push(line) {
      // A text that was put together of many weighs four times as much as its letters until it is looked at.
      if (queue.length - head > BEHIND) NEVER.test(line.text);
      bytes += line.text.length;
      queue.push(line);
    },
    deliver() {
      const lines = queue.slice(head, head + deliverer.batchLines);
      return { lines: lines.length, result: deliverer.deliver(lines) };
    },
    take(count) {
      for (let index = head; index < head + count; index++) bytes -= queue[index]?.text.length ?? 0;
      head += count;
      if (head === queue.length) {
        queue = [];
        head = 0;
      } else if (head > 8192 && head * 2 > queue.length) {
        queue = queue.slice(head);
        head = 0;
      }
    },
  };
}

const NEWLINE = 0x0a;
/** Memory is only taken by what of a chunk is ever written. */
const CHUNK_BYTES = 4 * 1024 * 1024;

interface Chunk {
  readonly data: Buffer;
  /** What is not settled: data[start .. end). */
  start: number;
  end: number;
  lines: number;
}

/**
 * Keeps lines as the bytes that are written in the end, each with its line end. Texts that wait would outlive the heap for
 * new objects, and moving them costs the collector more than the rest of an alert.
 */
export function createByteBacklog(deliverer: ByteDeliverer): Backlog {
  const chunks: Chunk[] = [];
  let lines = 0;
  let bytes = 0;
  let given = { lines: 0, bytes: 0 };

  const chunkFor = (most: number): Chunk => {
    const last = chunks.at(-1);
    if (last !== undefined && last.data.length - last.end >= most) return last;
    const data = Buffer.allocUnsafeSlow(Math.max(CHUNK_BYTES, most));
    const chunk = { data, start: 0, end: 0, lines: 0 };
    chunks.push(chunk);
    return chunk;
  };

  const length = (chunk: Chunk, count: number): number => {
    if (count === given.lines) return given.bytes;
    let at = chunk.start;
    for (let line = 0; line < count; line++) at = chunk.data.indexOf(NEWLINE, at) + 1;
    return at - chunk.start;
  };

  return {
    get lines() {
      return lines;
    },
    get bytes() {
      return bytes;
    },
    push({ text }) {
      const chunk = chunkFor(text.length * 3 + 1);
      const from = chunk.end;
      chunk.end += chunk.data.write(text, from);
      chunk.data[chunk.end++] = NEWLINE;
      chunk.lines += 1;
      lines += 1;
      bytes += chunk.end - from;
    },
    deliver() {
      const chunk = chunks[0];
      const data = chunk === undefined ? Buffer.alloc(0) : chunk.data.subarray(chunk.start, chunk.end);
      given = { lines: chunk?.lines ?? 0, bytes: data.length };
      return { lines: given.lines, result: deliverer.deliver({ data, lines: given.lines }) };
    },
    take(count) {
      let left = count;
      for (let chunk = chunks[0]; chunk !== undefined && left > 0; chunk = chunks[0]) {
        const some = Math.min(left, chunk.lines);
        const taken = length(chunk, some);
        given = { lines: 0, bytes: 0 };
        left -= some;
        lines -= some;
        bytes -= taken;
        chunk.lines -= some;
        chunk.start += taken;
        if (chunk.lines > 0) return;
        if (chunks.length > 1) {
          chunks.shift();
        } else {
          chunk.start = 0;
          chunk.end = 0;
          return;
        }
      }
    },
  };
}
