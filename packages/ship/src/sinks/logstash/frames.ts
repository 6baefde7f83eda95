import { deflateSync } from "node:zlib";

const VERSION = 0x32;
const TYPE = { window: 0x57, json: 0x4a, compressed: 0x43, ack: 0x41 } as const;
/** Bytes of an acknowledgement. */
export const ACK_BYTES = 6;

/** A window of events as Lumberjack v2 sends it: the count, then each event with its number from 1 on. */
export function encodeWindow(events: readonly Buffer[], compressionLevel: number): Buffer {
  const parts: Buffer[] = [];
  events.forEach((event, at) => {
    const head = Buffer.alloc(10);
    head[0] = VERSION;
    head[1] = TYPE.json;
    head.writeUInt32BE(at + 1, 2);
    head.writeUInt32BE(event.length, 6);
    parts.push(head, event);
  });
  const frames = Buffer.concat(parts);
  const window = frameHead(TYPE.window, events.length);
  if (compressionLevel === 0) return Buffer.concat([window, frames]);
  const packed = deflateSync(frames, { level: compressionLevel });
  return Buffer.concat([window, frameHead(TYPE.compressed, packed.length), packed]);
}

function frameHead(type: number, value: number): Buffer {
  const head = Buffer.alloc(6);
  head[0] = VERSION;
  head[1] = type;
  head.writeUInt32BE(value, 2);
  return head;
}

/** The number in an acknowledgement, or null when these six bytes are none. */
export function decodeAck(bytes: Buffer): number | null {
  return bytes[0] === VERSION && bytes[1] === TYPE.ack ? bytes.readUInt32BE(2) : null;
}
