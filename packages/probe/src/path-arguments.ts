import { EVENT_TYPES, type PathArgument } from "@falco-efk/event";
import { LAYOUT } from "./frame-layout.ts";
import type { FrameView } from "./frame-view.ts";

/** How many path arguments each event type has: its parameters of a path type, but not an exec's description of itself. */
const COUNTS: readonly number[] = EVENT_TYPES.map((type) => {
  if (type.name === "execve" || type.name === "execveat") return 1;
  return type.params.filter((param) => param.type === "path" || param.type === "relative-path").length;
});

/** How many path arguments an event type has. */
export function pathCount(type: number): number {
  return COUNTS[type] ?? 0;
}

/** The frame's path arguments in the order of the call. */
export function readPaths(frame: FrameView): readonly PathArgument[] {
  const paths: PathArgument[] = [];
  const count = COUNTS[frame.type] ?? 0;
  for (let i = 0; i < count; i++) {
    const first = i === 0 ? LAYOUT.SECTION_PATH0_RAW : LAYOUT.SECTION_PATH1_RAW;
    const raw = frame.text(first) ?? "";
    const base = frame.text(first + 1);
    // Only an open tells what it came to: its one name.
    const real = i === 0 ? frame.text(LAYOUT.SECTION_PATH0_REAL) : null;
    const alias = i === 0 ? frame.text(LAYOUT.SECTION_PATH0_ALIAS) : null;
    paths.push(alias === null ? { raw, base, real } : { raw, base, real, alias });
  }
  return paths;
}
