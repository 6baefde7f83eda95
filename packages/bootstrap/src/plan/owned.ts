import { differences, digest } from "../canonical.ts";
import type { Item } from "./resource.ts";

/**
 * The mark that we leave in the metadata of what we install. `digest` is that of the content we wrote: while what is there
 * has this digest, nobody else has changed it.
 */
export interface Mark {
  readonly managed_by: "falco-bootstrap";
  readonly digest: string;
}

/** The mark for a content. */
export function markOf(content: unknown): Mark {
  return { managed_by: "falco-bootstrap", digest: digest(content) };
}

/** Compares what is wanted with what was found. `found` is null when it is absent; contents must be in one normal form. */
export function compare(
  kind: string,
  name: string,
  wanted: unknown,
  found: { content: unknown; mark: unknown } | null,
): Item {
  if (found === null) return { kind, name, state: "absent" };
  const list = differences(wanted, found.content);
  if (list.length === 0) return { kind, name, state: "same" };
  const mark = found.mark as Partial<Mark> | null | undefined;
  if (mark?.managed_by !== "falco-bootstrap") {
    return {
      kind,
      name,
      state: "edited",
      differences: list,
      reason: "it was there before and isn't falco-bootstrap's",
    };
  }
  if (mark.digest === digest(found.content)) {
    return { kind, name, state: "outdated", differences: list, reason: "it is of another version of falco-bootstrap" };
  }
  return { kind, name, state: "edited", differences: list, reason: "somebody has changed it" };
}
