import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { UserError, writeFileAtomic } from "@falco-efk/kit";

const MAGIC = "falco-ship registry 1";

/** What a log held when it was opened. */
export interface RecordLogContent {
  readonly records: readonly unknown[];
  /** Records whose checksum was wrong: the end of a write that a crash cut off, or damage. */
  readonly damaged: number;
}

/**
 * An append-only file of JSON records, each on a line after its CRC-32. An append is on disk when its promise resolves.
 * A write that fails leaves the file as it was, so it can be tried again when there is room.
 */
export class RecordLog {
  readonly file: string;
  #handle: FileHandle | null = null;
  #length = 0;

  constructor(file: string) {
    this.file = file;
  }

  /** Length in bytes of what is stored. */
  get length(): number {
    return this.#length;
  }

  /** Reads the records and opens the file for appending. Throws UserError (`REGISTRY_VERSION`) for another program's or version's file. */
  async open(): Promise<RecordLogContent> {
    await mkdir(dirname(this.file), { recursive: true });
    const content = await readFile(this.file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return Buffer.alloc(0);
      throw error;
    });
    const parsed = parseLog(content, this.file);
    if (parsed.fresh) await this.rewrite([]);
    else {
      this.#handle = await open(this.file, constants.O_RDWR);
      this.#length = parsed.length;
      // A torn end goes, so that the next record begins on a line of its own.
      if (parsed.length < content.length) await this.#handle.truncate(parsed.length);
    }
    return parsed;
  }

  /** Adds records and waits until they are on disk. */
  async append(records: readonly unknown[]): Promise<void> {
    const handle = this.#handle;
    if (handle === null) throw new Error("the record log is not open");
    const bytes = Buffer.from(records.map(encodeRecord).join(""));
    try {
      let written = 0;
      while (written < bytes.length) {
        const part = await handle.write(bytes, written, bytes.length - written, this.#length + written);
        written += part.bytesWritten;
      }
      await handle.datasync();
    } catch (error) {
      await handle.truncate(this.#length).catch(() => undefined);
      throw error;
    }
    this.#length += bytes.length;
  }

  /** Replaces the whole content atomically. */
  async rewrite(records: readonly unknown[]): Promise<void> {
    const text = `${MAGIC}\n${records.map(encodeRecord).join("")}`;
    await writeFileAtomic(this.file, text);
    await this.#handle?.close();
    this.#handle = await open(this.file, constants.O_RDWR);
    this.#length = Buffer.byteLength(text);
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }
}

/** Reads a log without opening it for writing, as `falco-ship status` does beside a running shipper. */
export async function readRecordLog(file: string): Promise<RecordLogContent> {
  return parseLog(await readFile(file), file);
}

function encodeRecord(record: unknown): string {
  const json = JSON.stringify(record);
  return `${crc32(json).toString(16).padStart(8, "0")} ${json}\n`;
}

interface ParsedLog extends RecordLogContent {
  readonly fresh: boolean;
  /** Bytes up to the last whole line. */
  readonly length: number;
}

function parseLog(content: Buffer, file: string): ParsedLog {
  const header = `${MAGIC}\n`;
  const head = content.subarray(0, header.length).toString("latin1");
  // A crash while the very first header was written leaves a piece of it: nothing was recorded yet.
  if (head !== header && header.startsWith(head)) return { records: [], damaged: 0, fresh: true, length: 0 };
  if (head !== header) {
    const known = head.startsWith("falco-ship registry");
    throw new UserError(known ? "is a registry of another version" : "is not a falco-ship registry", {
      code: "REGISTRY_VERSION",
      file,
      hint: "choose another registry.path, or move this file away: every line that is still there is then sent again",
    });
  }
  const records: unknown[] = [];
  let damaged = 0;
  let at = header.length;
  let length = at;
  for (let newline = content.indexOf(0x0a, at); newline >= 0; newline = content.indexOf(0x0a, at)) {
    const record = decodeRecord(content.toString("utf8", at, newline));
    if (record === undefined) damaged += 1;
    else records.push(record);
    at = newline + 1;
    length = at;
  }
  if (at < content.length) damaged += 1;
  return { records, damaged, fresh: false, length };
}

function decodeRecord(line: string): unknown {
  const json = line.slice(9);
  if (line[8] !== " " || crc32(json).toString(16).padStart(8, "0") !== line.slice(0, 8)) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
