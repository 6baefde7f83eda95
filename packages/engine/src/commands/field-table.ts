import { isIP } from "node:net";
import {
  type FieldDefinition,
  type FieldResolver,
  type FieldScalar,
  type FieldValue,
  integerValue,
  isFieldError,
} from "@falco-efk/event";

/** An event written down as its fields: full names, arguments in brackets, to values. */
export type FieldTable = ReadonlyMap<string, unknown>;

/** Resolves fields as the engine does, and reads their values from a table: what is not in it is missing. */
export function createTableResolver<E>(real: FieldResolver<E>): FieldResolver<FieldTable> {
  return {
    definitions: real.definitions,
    resolve(name, argument) {
      const found = real.resolve(name, argument);
      if (isFieldError(found)) return found;
      const { definition } = found;
      const key = argument === null ? name : `${name}[${argument}]`;
      return { definition, argument, extract: (table) => toFieldValue(table.get(key) ?? null, definition) };
    },
  };
}

/** A value as YAML has it, in the form that conditions compare. What doesn't fit the field's type stays as it is. */
export function toFieldValue(value: unknown, definition: FieldDefinition): FieldValue {
  if (value === null || value === undefined) return null;
  if (definition.list) return (Array.isArray(value) ? value : [value]).map((item) => toScalar(item, definition));
  return toScalar(Array.isArray(value) ? value.join(" ") : value, definition);
}

const TEXTS: ReadonlySet<string> = new Set(["CHARBUF", "FSPATH", "SYSCALLID"]);

function toScalar(value: unknown, { type }: FieldDefinition): FieldScalar {
  if (TEXTS.has(type)) return String(value);
  if (type === "BOOL") return value === true || value === "true" || value === 1;
  if (type === "BYTEBUF") return Buffer.from(String(value));
  if (type === "IPADDR" || type === "IPNET") return addressBytes(String(value)) ?? String(value);
  if (typeof value === "bigint") return integerValue(value);
  if (typeof value === "number") return value;
  const text = String(value);
  return /^-?\d+$/.test(text) ? integerValue(BigInt(text)) : text;
}

/** The 4 or 16 bytes of an address; null when the text is none. */
export function addressBytes(text: string): Uint8Array | null {
  const family = isIP(text);
  if (family === 4) return Uint8Array.from(text.split(".").map(Number));
  if (family !== 6) return null;
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const plain =
    dotted === null
      ? text
      : `${dotted[1]}${((Number(dotted[2]) << 8) | Number(dotted[3])).toString(16)}:${((Number(dotted[4]) << 8) | Number(dotted[5])).toString(16)}`;
  const [head = "", tail] = plain.split("::");
  const groups = (part: string | undefined): number[] =>
    part === undefined || part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const front = groups(head);
  const back = groups(tail);
  const all = [...front, ...Array.from({ length: 8 - front.length - back.length }, () => 0), ...back];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
