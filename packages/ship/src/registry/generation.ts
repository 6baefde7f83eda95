import { randomBytes } from "node:crypto";
import type { HeadPrint } from "../harvester/head-print.ts";

/** A stretch of a generation whose records without a time of their own are stamped with `time`. */
export interface TimeMark {
  readonly from: number;
  readonly to: number;
  /** ISO 8601. */
  readonly time: string;
}

/** Which file a generation lives in. Numbers are decimal texts: inodes may pass 2^53. */
export interface FileKey {
  readonly device: string;
  readonly inode: string;
  /** Birth time in nanoseconds, `0` where the file system has none. */
  readonly birth: string;
}

/** The key of a file that is gone for good: the next with its inode, and on a coarse clock its birth, is another. */
export const GONE: FileKey = { device: "gone", inode: "gone", birth: "0" };

/**
 * One incarnation of a file: from its creation (or truncation) to its end. Offsets, and with them the ids of documents,
 * count within it.
 */
export interface Generation {
  /** 128 random bits, hexadecimal. */
  readonly id: string;
  /** The input that reads it. */
  readonly input: string;
  key: FileKey;
  path: string;
  /** Fingerprint of the first bytes; grows with the file. */
  head: HeadPrint;
  /** Everything before it is acknowledged. */
  offset: number;
  /** The last bytes before `offset`, base64: they must still stand there when reading goes on. */
  anchor: string;
  marks: TimeMark[];
  /** Nothing can be added any more: replaced, truncated or gone, and drained. */
  done: boolean;
  /** Milliseconds since 1970 of the last change. */
  updated: number;
}

/** A generation for a file seen for the first time. */
export function createGeneration(input: string, key: FileKey, path: string, head: HeadPrint, now: number): Generation {
  return {
    id: randomBytes(16).toString("hex"),
    input,
    key,
    path,
    head,
    offset: 0,
    anchor: "",
    marks: [],
    done: false,
    updated: now,
  };
}

/** The key as one text, to be looked up by. */
export function keyText(key: FileKey): string {
  return `${key.device}:${key.inode}:${key.birth}`;
}

/** True for the same file; a birth time counts only where both are known. */
export function sameFile(left: FileKey, right: FileKey): boolean {
  if (left.device !== right.device || left.inode !== right.inode) return false;
  return left.birth === right.birth || left.birth === "0" || right.birth === "0";
}
