import type { KernelFilter, OpenClass, PushdownClause } from "@falco-efk/event";
import { matchesPath } from "./path-pattern.ts";

/** What the kernel knows of a call when it decides. */
export interface KernelView {
  /** The event type's id. */
  readonly type: number;
  readonly classes: ReadonlySet<OpenClass>;
  /** The lexical path and the kernel's path, those that are known. */
  readonly paths: readonly string[];
}

/** The meaning of a kernel filter, as the kernel programs must implement it: whether the call's event is passed on. */
export function accepts(filter: KernelFilter, view: KernelView): boolean {
  const type = filter.types.get(view.type);
  if (type === undefined) return false;
  return type.kind === "pass" || type.clauses.some((clause) => acceptsClause(clause, view));
}

function acceptsClause(clause: PushdownClause, view: KernelView): boolean {
  return (
    clause.requires.every((required) => view.classes.has(required)) &&
    (clause.paths === null || clause.paths.some((pattern) => view.paths.some((path) => matchesPath(pattern, path))))
  );
}
