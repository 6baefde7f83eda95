import type { Matcher } from "./context.ts";
import { andMasks, type Mask, notMask, orMasks } from "./mask.ts";
import { countedMask } from "./match.ts";

/** The clauses of a `bool` query. `needed` optional ones must match. */
export interface BoolClauses {
  readonly must: readonly Matcher[];
  readonly should: readonly Matcher[];
  readonly mustNot: readonly Matcher[];
  readonly needed: number;
}

/** Combines clauses. Stops as soon as no document of the segment can match. */
export function boolMatcher(clauses: BoolClauses): Matcher {
  const { must, should, mustNot, needed } = clauses;
  return (view) => {
    let mask: Mask = true;
    for (const clause of must) {
      mask = andMasks(mask, clause(view));
      if (mask === false) {
        return false;
      }
    }
    if (needed > should.length) {
      return false;
    }
    if (needed === 1) {
      mask = andMasks(
        mask,
        should.reduce<Mask>((any, clause) => (any === true ? true : orMasks(any, clause(view))), false),
      );
    } else if (needed > 1) {
      mask = andMasks(
        mask,
        countedMask(
          should.map((clause) => clause(view)),
          needed,
          view.documents,
        ),
      );
    }
    for (const clause of mustNot) {
      if (mask === false) {
        return false;
      }
      mask = andMasks(mask, notMask(clause(view)));
    }
    return mask;
  };
}
