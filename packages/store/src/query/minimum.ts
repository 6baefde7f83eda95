import { illegalArgument } from "../errors.ts";

/** How many of `count` optional clauses must match by `minimum_should_match`: `2`, `-1`, `75%`, `-25%`. */
export function minimumMatch(text: number | string | undefined | null, count: number, otherwise: number): number {
  if (text === undefined || text === null) {
    return otherwise;
  }
  const match = /^(-?\d+)(%?)$/.exec(String(text).trim());
  if (!match) {
    throw illegalArgument(`minimum_should_match [${text}] is not supported by the embedded store`);
  }
  const number = Number(match[1]);
  const amount = match[2] === "%" ? Math.trunc((Math.abs(number) * count) / 100) * Math.sign(number) : number;
  return Math.max(0, amount < 0 ? count + amount : amount);
}
