import type { BinaryOperatorName } from "../ast.ts";
import { bcontains } from "./bcontains.ts";
import { bstartswith } from "./bstartswith.ts";
import { contains } from "./contains.ts";
import { endsWith } from "./endswith.ts";
import { equal } from "./equal.ts";
import { glob, iglob } from "./glob.ts";
import { icontains } from "./icontains.ts";
import { intersects, isIn } from "./in.ts";
import { notEqual } from "./not-equal.ts";
import type { Operator } from "./operator.ts";
import { orderings } from "./order.ts";
import { pmatch } from "./pmatch.ts";
import { regex } from "./regex.ts";
import { startsWith } from "./startswith.ts";

const ALL: readonly Operator[] = [
  equal,
  notEqual,
  ...orderings,
  contains,
  icontains,
  bcontains,
  startsWith,
  bstartswith,
  endsWith,
  glob,
  iglob,
  regex,
  isIn,
  intersects,
  pmatch,
];

const BY_NAME = new Map<string, Operator>(ALL.flatMap((operator) => operator.names.map((name) => [name, operator])));

/** The operator of a name. */
export function operatorByName(name: BinaryOperatorName): Operator {
  return BY_NAME.get(name) as Operator;
}
