import { compileGlob } from "../filter/glob.ts";
import type { RuleSelection } from "./types.ts";

/** Whether a rule is enabled after the steps of the configuration's `rules:`, applied in order. */
export function applySelection(
  rule: { readonly name: string; readonly tags: readonly string[]; readonly enabled: boolean },
  selection: readonly RuleSelection[],
): boolean {
  let enabled = rule.enabled;
  for (const step of selection) if (selects(step, rule)) enabled = step.action === "enable";
  return enabled;
}

function selects(step: RuleSelection, rule: { readonly name: string; readonly tags: readonly string[] }): boolean {
  if (step.tag !== undefined && rule.tags.includes(step.tag)) return true;
  if (step.rule === undefined) return false;
  // Only the star is a wildcard here; the pattern's other signs stand for themselves.
  return compileGlob(step.rule.replace(/[?[\]\\]/g, "\\$&")).test(rule.name);
}
