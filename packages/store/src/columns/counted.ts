let counted = new Uint32Array(0);

/** The numbers from 1 to `length`. One list serves all callers, so it must not be changed. */
export function countedOrdinals(length: number): Uint32Array {
  if (counted.length < length) {
    counted = Uint32Array.from({ length: Math.max(length, 65_536) }, (_, i) => i + 1);
  }
  return counted.subarray(0, length);
}

let documents = new Uint32Array(0);

/** The numbers from 0 to `length - 1`: all documents of a segment. Shared as well. */
export function allDocuments(length: number): Uint32Array {
  if (documents.length < length) {
    documents = Uint32Array.from({ length: Math.max(length, 65_536) }, (_, i) => i);
  }
  return documents.subarray(0, length);
}
