import type { Workshop } from "./workshop.ts";

/** What must be there before an action can be performed. */
export type Requirement = "root" | "container" | "modules";

/** Where a rule stands: in our default set, in the rule files that Falco's project publishes, or in both. */
export type RuleSet = "default" | "stock";

/** In both sets, under one name. */
export const BOTH: readonly RuleSet[] = ["default", "stock"];

/** Only in our set, or of that alone can it be performed. */
export const DEFAULT: readonly RuleSet[] = ["default"];

/** Only in the files of Falco's project. */
export const STOCK: readonly RuleSet[] = ["stock"];

/** One harmless deed and the rule it should fire. */
export interface Action {
  /** The rule's name as it stands in the rule file. */
  readonly rule: string;
  readonly sets: readonly RuleSet[];
  /** What is done, in one sentence. */
  readonly summary: string;
  readonly needs: readonly Requirement[];
  /** Does it, and leaves nothing behind: what it makes goes through the workshop, which cleans up. */
  perform(workshop: Workshop): Promise<void>;
}

/** A rule that can't be provoked without harm, and why. */
export interface Unprovoked {
  readonly rule: string;
  readonly sets: readonly RuleSet[];
  readonly reason: string;
}
