import type { Difference } from "../canonical.ts";

/** How something that we install stands in the server. */
export type State =
  | "absent"
  | "same"
  /** Ours, of another version, untouched by anyone else. */
  | "outdated"
  /** Changed by somebody else, or there before us. */
  | "edited"
  /** Can't be installed here; `reason` says why. */
  | "unavailable";

/** One thing that bootstrap installs, as found. */
export interface Item {
  readonly kind: string;
  readonly name: string;
  readonly state: State;
  /** Why it's unavailable, or what else is to be known about it; a sentence without its full stop. */
  readonly reason?: string;
  /** Where ours and theirs differ, for `outdated` and `edited`. */
  readonly differences?: readonly Difference[];
}

/** Items that are read and written together, such as all component templates. */
export interface ResourceGroup {
  inspect(): Promise<readonly Item[]>;
  /** Installs these items of ours, replacing what is there. */
  write(items: readonly Item[]): Promise<void>;
  /** Removes these items. One that is gone already is no error. Answers what is still in use and stays, if any. */
  remove(items: readonly Item[]): Promise<Held | undefined>;
}

/** What can't be removed, by its name: why; a sentence without its full stop. */
export type Held = Readonly<Record<string, string>>;

export type Action = "create" | "update" | "replace" | "remove" | "keep" | "unchanged" | "skip";

/** An item with what is going to be done, or was done, about it. */
export interface Step extends Item {
  readonly action: Action;
}

/** What applying would do to an item. An edited one is kept unless `force`. */
export function stepToApply(item: Item, force: boolean): Step {
  switch (item.state) {
    case "absent":
      return { ...item, action: "create" };
    case "outdated":
      return { ...item, action: "update" };
    case "edited":
      return { ...item, action: force ? "replace" : "keep" };
    case "same":
      return { ...item, action: "unchanged" };
    case "unavailable":
      return { ...item, action: "skip" };
  }
}

/** What removing would do to an item. An edited one is kept unless `force`. */
export function stepToDestroy(item: Item, force: boolean): Step | null {
  if (item.state === "absent" || item.state === "unavailable") return null;
  return { ...item, action: item.state === "edited" && !force ? "keep" : "remove" };
}

/** True when the step changes something. */
export function isChange(step: Step): boolean {
  return step.action === "create" || step.action === "update" || step.action === "replace" || step.action === "remove";
}
