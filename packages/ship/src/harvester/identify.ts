import { type Generation, GONE, sameFile } from "../registry/generation.ts";
import type { Candidate } from "./candidates.ts";
import type { Carrier } from "./carrier.ts";
import { familyOf, isRotatedName } from "./family.ts";
import { HEAD_BYTES, matchesHead } from "./head-print.ts";
import { openCarrier } from "./open-carrier.ts";

/** What a file turned out to be: the carrier of a known generation, or a new one. */
export type Identity =
  | { readonly kind: "known"; readonly generation: Generation }
  | { readonly kind: "copy"; readonly generation: Generation }
  | { readonly kind: "new" };

/** The first bytes of a file, up to `HEAD_BYTES`. */
export async function readHead(carrier: Carrier): Promise<Buffer> {
  const head = Buffer.alloc(HEAD_BYTES);
  const got = await carrier.read(head, HEAD_BYTES, 0);
  return head.subarray(0, got);
}

/**
 * Says which generation an open file carries. First by device, inode and birth, its head and the bytes before the acknowledged
 * offset still being the same; then, for a name that rotation gives, by content alone (a copytruncate's or a
 * compressor's copy of a neighbour).
 */
export async function identify(
  candidate: Candidate,
  carrier: Carrier,
  head: Buffer,
  generations: Iterable<Generation>,
): Promise<Identity> {
  const family = isRotatedName(candidate.path) ? familyOf(candidate.path) : null;
  let copied: Generation | null = null;
  for (const generation of [...generations].reverse()) {
    const isSame = sameFile(generation.key, candidate.key);
    const mayBeCopy =
      family !== null &&
      copied === null &&
      generation.head.length > 0 &&
      generation.path !== candidate.path &&
      familyOf(generation.path) === family;
    if (!isSame && !mayBeCopy) continue;
    const match = await compare(carrier, head, generation);
    if (isSame && match === "continues") return { kind: "known", generation };
    if (mayBeCopy && match !== "differs" && !(await outgrows(carrier, generation))) copied = generation;
  }
  return copied === null ? { kind: "new" } : { kind: "copy", generation: copied };
}

/**
 * Compares a file with what the registry remembers of a generation: it `continues` it, it holds only the `beginning` of what was
 * acknowledged, or it `differs`.
 */
export async function compare(
  carrier: Carrier,
  head: Buffer,
  generation: Generation,
): Promise<"continues" | "beginning" | "differs"> {
  if (!matchesHead(generation.head, head)) return "differs";
  const anchor = Buffer.from(generation.anchor, "base64");
  const there = Buffer.alloc(anchor.length);
  const got = await carrier.read(there, anchor.length, generation.offset - anchor.length);
  if (got < anchor.length) return "beginning";
  return there.equals(anchor) ? "continues" : "differs";
}

/** A file that is gone for good was read to its end: one that begins the same and has more is no copy of it. */
async function outgrows(carrier: Carrier, { key, offset }: Generation): Promise<boolean> {
  return sameFile(key, GONE) && (await carrier.read(Buffer.alloc(1), 1, offset)) > 0;
}

/** True when the file that a generation was read from is still there and still continues it, so that a copy adds nothing. */
export async function originalStands(generation: Generation, all: readonly Candidate[]): Promise<boolean> {
  const original = all.find((candidate) => sameFile(candidate.key, generation.key));
  if (original === undefined) return false;
  const carrier = await openCarrier(original.path).catch(() => null);
  if (carrier === null) return false;
  try {
    return (await compare(carrier, await readHead(carrier), generation)) === "continues";
  } finally {
    await carrier.close();
  }
}
