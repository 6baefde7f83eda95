import { type FieldSpec, fieldWith } from "../field-spec.ts";

/** Odds and ends. */
export const UTIL_FIELDS: readonly FieldSpec[] = [
  // A reading of its own for each use, since each use counts for itself.
  fieldWith("util.cnt", "UINT64", "none", "A number that grows by one at each reading, from 1.", () => {
    let count = 0;
    return { extract: () => ++count };
  }),
];
