import { type FieldSpec, unsupported } from "../field-spec.ts";

const NO_POLL = "poll and ppoll are not among the recorded events";
const list = (name: string, what: string): FieldSpec =>
  unsupported(name, "CHARBUF", `For poll: ${what} of the descriptors, comma-separated.`, NO_POLL);

/** Descriptors of poll events. */
export const FDLIST_FIELDS: readonly FieldSpec[] = [
  list("fdlist.nums", "the numbers"),
  list("fdlist.names", "the names"),
  list("fdlist.cips", "the client addresses"),
  list("fdlist.sips", "the server addresses"),
  list("fdlist.cports", "the client ports"),
  list("fdlist.sports", "the server ports"),
];
