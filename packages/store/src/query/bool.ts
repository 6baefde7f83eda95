import { type Matcher, type Plan, planned, planOf } from "./context.ts";
import { andMasks, type Mask, maskDocuments, notMask, orMasks } from "./mask.ts";
import { countedMask } from "./match.ts";
import type { SegmentView } from "./segment-view.ts";

/** The clauses of a `bool` query. `needed` optional ones must match. */
export interface BoolClauses {
  readonly must: readonly Matcher[];
  readonly should: readonly Matcher[];
  readonly mustNot: readonly Matcher[];
  readonly needed: number;
}

/** One document in so many, or fewer, are asked about one by one. */
const FEW = 32;

/** Combines clauses: the quick and then the rarest first, and of the others only what matters for the documents that are left. */
export function boolMatcher(clauses: BoolClauses): Matcher {
  return planned((view) => {
    const must = clauses.must.map((matcher) => planOf(matcher, view));
    must.sort(quickThenRare);
    const about = Math.min(...must.map((plan) => plan.about), clauses.needed > clauses.should.length ? 0 : Infinity);
    return about === 0 ? { about, mask: () => false } : { about, mask: (seen) => combine(seen, { ...clauses, must }) };
  });
}

function combine(
  view: SegmentView,
  { must, should, mustNot, needed }: Omit<BoolClauses, "must"> & { readonly must: readonly Plan[] },
): Mask {
  let mask: Mask = true;
  let seen = view;
  for (const clause of must) {
    seen = clause.quick ? seen : fewer(seen, mask);
    mask = andMasks(mask, clause.mask(seen));
    if (mask === false) {
      return false;
    }
  }
  if (needed > 0) {
    seen = fewer(seen, mask);
    const any =
      needed === 1
        ? should.reduce<Mask>((found, clause) => (found === true ? true : orMasks(found, clause(seen))), false)
        : countedMask(
            should.map((clause) => clause(seen)),
            needed,
            view.documents,
          );
    mask = andMasks(mask, any);
  }
  for (const clause of mustNot) {
    if (mask === false) {
      return false;
    }
    seen = fewer(seen, mask);
    mask = andMasks(mask, notMask(clause(seen)));
  }
  return mask;
}

function quickThenRare(a: Plan, b: Plan): number {
  if ((a.quick ?? false) !== (b.quick ?? false)) {
    return a.quick ? -1 : 1;
  }
  return a.about === b.about ? 0 : a.about - b.about;
}

/** A view of the documents that are left, when they have become few. */
function fewer(view: SegmentView, mask: Mask): SegmentView {
  if (typeof mask === "boolean") {
    return view;
  }
  const most = Math.floor((view.among?.length ?? view.documents) / FEW);
  const left = maskDocuments(mask, view.documents);
  return left.length <= most ? view.only(left) : view;
}

/** Documents that one of several queries matches. */
export function anyOf(matchers: readonly Matcher[]): Matcher {
  return planned((view) => {
    const plans = matchers.map((matcher) => planOf(matcher, view)).filter(({ about }) => about > 0);
    const mask = (seen: SegmentView): Mask =>
      plans.reduce<Mask>((any, plan) => (any === true ? true : orMasks(any, plan.mask(seen))), false);
    return { about: plans.reduce((sum, { about }) => sum + about, 0), mask };
  });
}
