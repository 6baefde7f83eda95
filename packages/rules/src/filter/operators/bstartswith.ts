import { hexOperand } from "./hex.ts";
import type { Operator } from "./operator.ts";
import { buildStartsWith, checkStartsWith } from "./startswith.ts";

/** `bstartswith`: the value begins with the bytes, given in hexadecimal. */
export const bstartswith: Operator = {
  names: ["bstartswith"],
  kinds: ["bytes"],
  list: false,
  every: false,
  prepare: hexOperand,
  check: checkStartsWith,
  build: buildStartsWith,
};
