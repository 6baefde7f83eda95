/**
 * The part of a rule set that is asked before an event is read: for each event type a sound over-approximation of what any
 * loaded rule could match. The kernel's programs ask it, and again whoever reads frames, live or out of a capture.
 *
 * An event passes when the filter of its type is `pass`, or when some clause accepts it. A clause accepts when every part
 * it states holds; a part it leaves out holds always, and so does a part that the one who asks cannot tell. So a filter may
 * pass too much and must never pass too little: `match(rule, event) ⇒ accepts(filter, event)`.
 */
export interface KernelFilter {
  /** By event type index. A type that is absent is not wanted at all: its hook need not be attached. */
  readonly types: ReadonlyMap<number, TypeFilter>;
}

export type TypeFilter =
  | { readonly kind: "pass" }
  | { readonly kind: "clauses"; readonly clauses: readonly PushdownClause[] };

/** A conjunction. At most 64 clauses a type; the compiler widens to `pass` rather than cut. */
export interface PushdownClause {
  /** All of these must hold of the call. */
  readonly requires: readonly OpenClass[];
  /** Any of these must match one of the call's paths: the lexical one, the kernel's, another one of the same file. Null: any path. */
  readonly paths: readonly PathPattern[] | null;
}

/**
 * What a call asks for, who asks, and how it went. Of opens alone: `read` and `write` by the access mode (O_RDWR is
 * both), `create`: O_CREAT, or the call is creat, `truncate`: O_TRUNC or creat. `succeeded`: the result is not negative;
 * `dotdot`: `..` stands somewhere in the raw name, as a component or within one; `contained`: the task's pid or mount
 * namespace is not that of the host's init.
 */
export type OpenClass = "read" | "write" | "create" | "truncate" | "succeeded" | "failed" | "dotdot" | "contained";

/** Inode numbers of the namespaces of the host's init; 0 where one is unknown. */
export interface HostNamespaces {
  readonly pid: number;
  readonly mount: number;
}

/**
 * A path that does not begin with `/` is not known whole and matches every pattern; so must one the kernel cannot build.
 * `directory` matches everything below the path; `child` what lies in it directly, and below that too where the kernel
 * can't tell; `prefix`, `suffix` and `contains` are plain text. The kernel takes any path for one that contains a text, and
 * cuts keys longer than its 252 bytes, which passes more.
 */
export interface PathPattern {
  readonly kind: "exact" | "directory" | "child" | "prefix" | "suffix" | "contains";
  readonly text: string;
}
