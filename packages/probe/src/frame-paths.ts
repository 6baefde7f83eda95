import { LAYOUT } from "./frame-layout.ts";
import type { FrameView } from "./frame-view.ts";
import { hasDoubleDot, isUntidy } from "./name-bytes.ts";
import { pathCount } from "./path-arguments.ts";
import { PathMatcher, type PatternOfClauses } from "./path-matcher.ts";

const SLASH = 0x2f;
const DOT = 0x2e;
const EVERY_BIT = -1;
const { SECTION_PATH0_RAW, SECTION_PATH1_RAW, SECTION_PATH0_REAL, SECTION_PATH0_ALIAS } = LAYOUT;
/** A base and a name of a frame, joined. */
const joined: Buffer = Buffer.alloc(2 * LAYOUT.FRAME_MAX);

/** The paths of a type's frames, held against patterns as they lie in memory. What is not known whole matches every pattern. */
export class FramePaths {
  readonly #names: readonly number[];
  readonly #patterns: readonly PatternOfClauses[];
  /** By clauses: the patterns of those alone. Most opens read, and few patterns are for reading. */
  readonly #matchers = new Map<number, PathMatcher>();

  constructor(type: number, patterns: readonly PatternOfClauses[]) {
    this.#names = [SECTION_PATH0_RAW, SECTION_PATH1_RAW].slice(0, pathCount(type));
    this.#patterns = patterns;
  }

  /** True when some name, as it was passed, has `..` in it, or was cut. */
  haveDoubleDot(frame: FrameView): boolean {
    if ((frame.markBits & LAYOUT.MARK_TRUNCATED) !== 0) return true;
    for (const section of this.#names) {
      const from = frame.start + frame.sectionStart(section);
      if (hasDoubleDot(frame.bytes, from, from + frame.sectionLength(section))) return true;
    }
    return false;
  }

  /** The bits, of these clauses, whose patterns some path of the frame matches. */
  match(frame: FrameView, clauses: number): number {
    if ((frame.markBits & LAYOUT.MARK_TRUNCATED) !== 0) return clauses;
    const matcher = this.#matchers.get(clauses) ?? this.#matcherOf(clauses);
    let mask = matchResolved(matcher, frame, SECTION_PATH0_REAL) | matchResolved(matcher, frame, SECTION_PATH0_ALIAS);
    for (const section of this.#names) {
      if (section !== SECTION_PATH0_RAW || !isRealName(frame)) mask |= matchName(matcher, frame, section);
    }
    return mask & clauses;
  }

  #matcherOf(clauses: number): PathMatcher {
    const matcher = new PathMatcher(this.#patterns.filter(([, mask]) => (mask & clauses) !== 0));
    this.#matchers.set(clauses, matcher);
    return matcher;
  }
}

function matchResolved(matcher: PathMatcher, frame: FrameView, section: number): number {
  const length = frame.sectionLength(section);
  if (length === 0) return 0;
  const from = frame.start + frame.sectionStart(section);
  return frame.bytes[from] === SLASH ? matcher.match(frame.bytes, from, from + length) : EVERY_BIT;
}

/** A name as the caller wrote it, with what it starts from in front. One that must be tidied first is not known. */
function matchName(matcher: PathMatcher, frame: FrameView, section: number): number {
  const length = frame.sectionLength(section);
  if (length === 0) return EVERY_BIT;
  const { bytes } = frame;
  const from = frame.start + frame.sectionStart(section);
  const end = from + length;
  if (length === 1 && bytes[from] === DOT) return matchJoined(matcher, frame, section + 1, from, from);
  if (isUntidy(bytes, from, end)) return EVERY_BIT;
  return bytes[from] === SLASH
    ? matchBoth(matcher, bytes, from, end)
    : matchJoined(matcher, frame, section + 1, from, end);
}

function matchJoined(matcher: PathMatcher, frame: FrameView, base: number, from: number, end: number): number {
  const { bytes } = frame;
  const length = frame.sectionLength(base);
  const start = frame.start + frame.sectionStart(base);
  if (length === 0 || bytes[start] !== SLASH) return EVERY_BIT;
  let at = 0;
  for (let i = start; i < start + length; i++) joined[at++] = bytes[i] as number;
  if (joined[at - 1] !== SLASH) joined[at++] = SLASH;
  for (let i = from; i < end; i++) joined[at++] = bytes[i] as number;
  return matchBoth(matcher, joined, 0, at);
}

/** A folder may be named with a slash behind or without. */
function matchBoth(matcher: PathMatcher, bytes: Uint8Array, from: number, end: number): number {
  const mask = matcher.match(bytes, from, end);
  return end - from > 1 && bytes[end - 1] === SLASH ? mask | matcher.match(bytes, from, end - 1) : mask;
}

/** True when the first name with what it starts from is the kernel's path, as most are: one look at it is enough. */
function isRealName(frame: FrameView): boolean {
  const { bytes, start } = frame;
  const length = frame.sectionLength(SECTION_PATH0_REAL);
  const name = frame.sectionLength(SECTION_PATH0_RAW);
  if (length === 0 || name === 0) return false;
  const from = start + frame.sectionStart(SECTION_PATH0_RAW);
  const real = start + frame.sectionStart(SECTION_PATH0_REAL);
  if (bytes[from] === SLASH) return name === length && areEqual(bytes, from, real, length);
  const base = frame.sectionLength(SECTION_PATH0_RAW + 1);
  if (base === 0 || base + 1 + name !== length || bytes[real + base] !== SLASH) return false;
  const fromBase = start + frame.sectionStart(SECTION_PATH0_RAW + 1);
  return areEqual(bytes, from, real + base + 1, name) && areEqual(bytes, fromBase, real, base);
}

function areEqual(bytes: Uint8Array, a: number, b: number, length: number): boolean {
  for (let i = length - 1; i >= 0; i--) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}
