import type { FieldValue } from "@falco-efk/event";
import type { EventContext } from "../event-context.ts";
import { type FieldSpec, field } from "../field-spec.ts";
import { joinPath } from "../paths.ts";

type Part = "name" | "source" | "target";

/**
 * Which path argument is the path, the source and the target: by position among the record's paths; `text` is symlink's
 * target, which is a text and no path of the call.
 */
type Layout = Readonly<Partial<Record<Part, number | "text">>>;

const ONE_PATH: Layout = { name: 0 };
const MOVE: Layout = { source: 0, target: 1 };
const HARD_LINK: Layout = { source: 1, target: 0 };
const SYMBOLIC_LINK: Layout = { source: 0, target: "text" };

const layouts = (names: string, layout: Layout): [string, Layout][] => names.split(" ").map((name) => [name, layout]);

const LAYOUT: ReadonlyMap<string, Layout> = new Map([
  ...layouts("mkdir mkdirat rmdir unlink unlinkat open openat openat2 chmod fchmodat", ONE_PATH),
  ...layouts("rename renameat renameat2", MOVE),
  ...layouts("link linkat", HARD_LINK),
  ...layouts("symlink symlinkat", SYMBOLIC_LINK),
]);

/** Opens count whatever became of them, all others only when they succeeded. */
function counts(event: EventContext): boolean {
  return event.traits.opens || event.record.result === 0;
}

function placeOf(event: EventContext, part: Part): number | "text" | null {
  return LAYOUT.get(event.traits.definition.name)?.[part] ?? null;
}

function linkText(event: EventContext): string | null {
  const index = event.traits.params.findIndex((param) => param.name === "target");
  const value = event.record.param(index);
  return typeof value === "string" ? value : null;
}

const absolute =
  (part: Part) =>
  (event: EventContext): FieldValue => {
    if (!counts(event)) return null;
    if (part === "name" && event.traits.definition.name === "fchmod") return event.fdName;
    const place = placeOf(event, part);
    if (place === null) return null;
    if (place !== "text") return event.path(place);
    const text = linkText(event);
    if (text === null || text.startsWith("/")) return text === null ? null : joinPath("", text);
    return joinPath(event.traits.definition.name === "symlinkat" ? "<UNKNOWN>" : event.process.cwd, text);
  };

const raw =
  (part: Part) =>
  (event: EventContext): FieldValue => {
    if (!counts(event)) return null;
    if (part === "name" && event.traits.definition.name === "fchmod") return event.fdName;
    const place = placeOf(event, part);
    if (place === null) return null;
    return place === "text" ? linkText(event) : (event.record.paths[place]?.raw ?? null);
  };

const PATH = { path: true };

/** The paths of calls that act on a path rather than on a descriptor. */
export const FS_PATH_FIELDS: readonly FieldSpec[] = [
  field("fs.path.name", "CHARBUF", "The path that the call acts on, absolute.", absolute("name"), PATH),
  field("fs.path.nameraw", "CHARBUF", "The path that the call acts on, as it was passed.", raw("name")),
  field(
    "fs.path.source",
    "CHARBUF",
    "The path that a rename moves or a link is made at, absolute.",
    absolute("source"),
    PATH,
  ),
  field(
    "fs.path.sourceraw",
    "CHARBUF",
    "The path that a rename moves or a link is made at, as it was passed.",
    raw("source"),
  ),
  field(
    "fs.path.target",
    "CHARBUF",
    "The path that a rename moves to or a link points to, absolute.",
    absolute("target"),
    PATH,
  ),
  field(
    "fs.path.targetraw",
    "CHARBUF",
    "The path that a rename moves to or a link points to, as it was passed.",
    raw("target"),
  ),
];
