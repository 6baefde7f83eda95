import { hash } from "node:crypto";

/** How many bytes of a file's head the fingerprint covers at most. */
export const HEAD_BYTES = 1024;
/** How many bytes before an offset are remembered as its anchor. */
export const ANCHOR_BYTES = 32;

/** Fingerprint of the first `length` bytes of a file; it grows from byte 1 up to `HEAD_BYTES`. */
export interface HeadPrint {
  readonly length: number;
  /** SHA-256, base64url. */
  readonly hash: string;
}

/** Fingerprint of these head bytes, cut at `HEAD_BYTES`. */
export function headPrint(head: Uint8Array): HeadPrint {
  const bytes = head.subarray(0, HEAD_BYTES);
  return { length: bytes.length, hash: hash("sha256", bytes, "base64url") };
}

/** True when a file that begins with `head` could be the one that `print` was taken of. */
export function matchesHead(print: HeadPrint, head: Uint8Array): boolean {
  if (head.length < print.length) return false;
  return headPrint(head.subarray(0, print.length)).hash === print.hash;
}
