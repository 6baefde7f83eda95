import { type FileHandle, open, rename, stat, unlink } from "node:fs/promises";
import { describeSystemError, systemErrorCode, UserError } from "@falco-efk/kit";
import type { FileOutputSection } from "../config/config.ts";
import type { ByteDeliverer, Delivery, WrittenLines } from "./output.ts";

const NEWLINE = 0x0a;

/**
 * Lines appended to a file: whole lines, one write a batch. When the disk is full what was cut is taken back to the last
 * line end and the rest is tried again. Throws UserError (`FILE_WRITE`) when the file can't be opened at the start.
 */
export async function createFileDeliverer(
  section: FileOutputSection,
  now: () => number = Date.now,
): Promise<ByteDeliverer> {
  const file = section.filename;
  const mode = Number.parseInt(section.mode, 8);
  const limit = section.rotate.max_size_mb * 1024 * 1024;
  let handle: FileHandle | null = null;
  let size = 0;
  let since = now();

  const close = async (): Promise<void> => {
    const closing = handle;
    handle = null;
    await closing?.close();
  };

  const ready = async (): Promise<FileHandle> => {
    if (handle !== null) return handle;
    handle = await open(file, "a", mode);
    const stats = await handle.stat();
    size = stats.size;
    if (size > 0 && stats.birthtimeMs > 0) since = Math.min(since, stats.birthtimeMs);
    return handle;
  };

  const rotateWhenDue = async (adding: number): Promise<void> => {
    const { interval_s: interval, keep } = section.rotate;
    const tooLarge = limit > 0 && size > 0 && size + adding > limit;
    const tooOld = interval > 0 && size > 0 && now() - since >= interval * 1000;
    if (!tooLarge && !tooOld) return;
    await close();
    await shiftFiles(file, keep);
    since = now();
    await ready();
  };

  try {
    await ready();
    if (!section.keep_alive) await close();
  } catch (error) {
    throw new UserError(`can't be opened for writing: ${describeSystemError(error)}`, {
      code: "FILE_WRITE",
      file,
      key: "file_output.filename",
      cause: error,
    });
  }

  return {
    bytes: true,
    async deliver({ data, lines }: WrittenLines): Promise<Delivery> {
      await ready();
      await rotateWhenDue(data.length);
      const target = await ready();
      const { written, failure } = await append(target, data);
      size += written;
      let delivered = lines;
      if (written < data.length) {
        const whole = written === 0 ? 0 : data.lastIndexOf(NEWLINE, written - 1) + 1;
        if (whole < written) await takeBack(target, written - whole);
        size -= written - whole;
        delivered = countLines(data, whole);
      }
      if (!section.keep_alive) await close();
      if (failure === null) return { delivered, dropped: 0 };
      return {
        delivered,
        dropped: 0,
        trouble: `${file}: ${describeSystemError(failure)}; lines are kept and tried again`,
      };
    },
    async reopen() {
      await close();
      await ready();
      if (!section.keep_alive) await close();
    },
    close,
  };
}

/** Writes as much as fits; a full disk may take a part only. */
async function append(target: FileHandle, data: Buffer): Promise<{ written: number; failure: unknown }> {
  let written = 0;
  try {
    while (written < data.length) {
      const { bytesWritten } = await target.write(data, written);
      if (bytesWritten === 0) return { written, failure: new Error("nothing more could be written") };
      written += bytesWritten;
    }
    return { written, failure: null };
  } catch (failure) {
    return { written, failure };
  }
}

/** Cuts the half line off the end of the file again. */
async function takeBack(target: FileHandle, bytes: number): Promise<void> {
  const { size } = await target.stat();
  await target.truncate(size - bytes);
}

function countLines(data: Buffer, end: number): number {
  let lines = 0;
  for (let at = data.indexOf(NEWLINE); at >= 0 && at < end; at = data.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}

/** `file` becomes `file.1`, `file.1` becomes `file.2` and so on; what is beyond `keep` is removed. */
async function shiftFiles(file: string, keep: number): Promise<void> {
  if (keep === 0) return unlink(file);
  let last = 0;
  while (last < keep && (await exists(`${file}.${last + 1}`))) last += 1;
  if (last === keep) await unlink(`${file}.${keep}`);
  for (let index = Math.min(last, keep - 1); index >= 1; index--)
    await rename(`${file}.${index}`, `${file}.${index + 1}`);
  await rename(file, `${file}.1`);
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return false;
    throw error;
  }
}
