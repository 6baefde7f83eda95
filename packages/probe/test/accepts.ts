import { posix } from "node:path";
import type { KernelFilter, OpenClass, PathPattern } from "@falco-efk/event";

/** What the filter's definition speaks of, for one open. */
export interface OpenFacts {
  readonly type: number;
  readonly classes: ReadonlySet<OpenClass>;
  /** The lexical one, the kernel's, and another one of the same file: those that are known. */
  readonly paths: readonly string[];
}

function matches({ kind, text }: PathPattern, path: string): boolean {
  if (kind === "exact") return path === text;
  const folder = `${text.replace(/\/+$/, "")}/`;
  if (kind === "directory") return path.startsWith(folder);
  if (kind === "child") return path.startsWith(folder) && !path.includes("/", folder.length);
  if (kind === "contains") return path.includes(text);
  return kind === "prefix" ? path.startsWith(text) : path.endsWith(text);
}

/** The filter's meaning, word for word: the kernel must pass everything that this accepts. */
export function accepts(filter: KernelFilter, open: OpenFacts): boolean {
  const wanted = filter.types.get(open.type);
  if (wanted === undefined) return false;
  if (wanted.kind === "pass") return true;
  const { paths } = open;
  return wanted.clauses.some(
    (clause) =>
      clause.requires.every((required) => open.classes.has(required)) &&
      (clause.paths === null || clause.paths.some((pattern) => paths.some((path) => matches(pattern, path)))),
  );
}

/** The classes of an open by its flags, its outcome and its name. */
export function classesOf(flags: number, succeeded: boolean, raw: string): ReadonlySet<OpenClass> {
  const classes = new Set<OpenClass>([succeeded ? "succeeded" : "failed"]);
  const access = flags & 3;
  if (access !== 1) classes.add("read");
  if (access !== 0) classes.add("write");
  if ((flags & 0o100) !== 0) classes.add("create");
  if ((flags & 0o1000) !== 0) classes.add("truncate");
  if (raw.includes("..")) classes.add("dotdot");
  return classes;
}

/** A name as Falco reckons it: joined to where it starts from and tidied, nothing resolved. */
export function lexicalPath(base: string, raw: string): string {
  const joined = raw.startsWith("/") ? raw : `${base}/${raw}`;
  const tidy = posix.normalize(joined);
  return tidy.length > 1 && tidy.endsWith("/") ? tidy.slice(0, -1) : tidy;
}
