import type { FieldValue } from "@falco-efk/event";
import { type Code, code } from "../codegen/code.ts";

/** Interprets `exists`: the event has the value; an empty list is none. */
export function checkExists(value: FieldValue): boolean {
  return value !== null && !(Array.isArray(value) && value.length === 0);
}

/** Compiles `exists`. */
export function buildExists(value: Code): Code {
  return code`(${value} !== null && !(Array.isArray(${value}) && ${value}.length === 0))`;
}
