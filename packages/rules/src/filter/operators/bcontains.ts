import { buildContains, checkContains } from "./contains.ts";
import { hexOperand } from "./hex.ts";
import type { Operator } from "./operator.ts";

/** `bcontains`: the bytes, given in hexadecimal, are somewhere in the value. */
export const bcontains: Operator = {
  names: ["bcontains"],
  kinds: ["bytes"],
  list: false,
  every: false,
  prepare: hexOperand,
  check: checkContains,
  build: buildContains,
};
