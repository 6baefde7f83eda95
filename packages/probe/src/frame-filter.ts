import { EVENT_TYPES, type HostNamespaces, type KernelFilter, type PushdownClause } from "@falco-efk/event";
import { CLASS_CONTAINED, HAS_PATHS, requiredClasses } from "./filter-terms.ts";
import { LAYOUT } from "./frame-layout.ts";
import { FramePaths } from "./frame-paths.ts";
import type { FrameView } from "./frame-view.ts";
import { openClasses } from "./open-flags.ts";

/** Bits of a mask; a type with more clauses passes whole. */
const MOST_CLAUSES = 31;
const CLASS_COMBINATIONS = 2 * CLASS_CONTAINED;

/** One type's clauses, each a bit of a mask. */
interface TypeClauses {
  /** By a call's classes: the clauses that require none beside them. */
  readonly byClass: Int32Array;
  readonly anyPath: number;
  readonly needsDotdot: number;
  readonly paths: FramePaths | null;
}

/** What becomes of a type's frames: none passes, all do, or it depends. */
type Fate = TypeClauses | boolean;

/**
 * The rules' filter asked of frames as they lie in memory, before anything of them is decoded. It passes what the
 * kernel's programs would (bpf/filter.h), but for what they cannot tell and a frame does: who calls, and texts within
 * a path. A process's name is not looked at.
 */
export class FrameFilter {
  readonly #fates: readonly Fate[];
  readonly #host: HostNamespaces;

  /** `host` tells who is in a container; where it is not known, everyone may be. */
  constructor(filter: KernelFilter, host: HostNamespaces | null) {
    this.#host = host ?? { pid: 0, mount: 0 };
    this.#fates = EVENT_TYPES.map(({ id }) => {
      const wanted = filter.types.get(id);
      if (wanted === undefined || wanted.kind === "pass") return wanted !== undefined;
      return wanted.clauses.length > MOST_CLAUSES || clausesFor(id, wanted.clauses);
    });
  }

  /** Whether the frame that the view stands on may matter. */
  passes(frame: FrameView): boolean {
    const type = frame.type;
    const fate = this.#fates[type] as Fate;
    if (typeof fate === "boolean") return fate;
    const outcome = frame.s32(LAYOUT["frame.result"] + 4) < 0 ? LAYOUT.CLASS_FAILED : LAYOUT.CLASS_SUCCEEDED;
    const classes = openClasses(frame, type) | outcome | LAYOUT.CLASS_DOTDOT;
    const left = fate.byClass[this.#isContained(frame) ? classes | CLASS_CONTAINED : classes] as number;
    if (left === 0) return false;
    if ((left & fate.anyPath & ~fate.needsDotdot) !== 0) return true;
    const { paths } = fate;
    if (paths === null) return true;
    // Looking for dots costs less than looking paths up, and is all that most failed opens take.
    if ((left & ~fate.needsDotdot) === 0 && !paths.haveDoubleDot(frame)) return false;
    const found = (left & fate.anyPath) | paths.match(frame, left);
    return (found & ~fate.needsDotdot) !== 0 || (found !== 0 && paths.haveDoubleDot(frame));
  }

  #isContained(frame: FrameView): boolean {
    const { pid, mount } = this.#host;
    if (pid === 0 && mount === 0) return true;
    return (
      (pid !== 0 && frame.u32(LAYOUT["frame.pid_namespace"]) !== pid) ||
      (mount !== 0 && frame.u32(LAYOUT["frame.mount_namespace"]) !== mount)
    );
  }
}

function clausesFor(type: number, clauses: readonly PushdownClause[]): TypeClauses {
  const hasPaths = HAS_PATHS[type] ?? false;
  const required = clauses.map((clause) => requiredClasses(type, clause));
  const bitsOf = (test: (clause: PushdownClause, index: number) => boolean): number =>
    clauses.reduce((bits, clause, index) => (test(clause, index) ? bits | (1 << index) : bits), 0);
  const byClass = Int32Array.from({ length: CLASS_COMBINATIONS }, (_, classes) =>
    bitsOf((_clause, index) => ((required[index] as number) & ~classes) === 0),
  );
  const patterns = clauses.flatMap(({ paths }, index) =>
    (paths ?? []).map((pattern) => [pattern, 1 << index] as const),
  );
  return {
    byClass,
    anyPath: bitsOf(({ paths }) => paths === null || !hasPaths),
    needsDotdot: bitsOf((_, index) => ((required[index] as number) & LAYOUT.CLASS_DOTDOT) !== 0),
    paths: hasPaths ? new FramePaths(type, patterns) : null,
  };
}
