import type { Workshop } from "./workshop.ts";

/** What must be there before an action can be performed. */
export type Requirement = "root" | "container";

/** One harmless deed and the rule it should fire. */
export interface Action {
  /** The rule's name as it stands in the rule file. */
  readonly rule: string;
  /** What is done, in one sentence. */
  readonly summary: string;
  readonly needs: readonly Requirement[];
  /** Does it, and leaves nothing behind: what it makes goes through the workshop, which cleans up. */
  perform(workshop: Workshop): Promise<void>;
}

/** A rule that can't be provoked without harm, and why. */
export interface Unprovoked {
  readonly rule: string;
  readonly reason: string;
}
