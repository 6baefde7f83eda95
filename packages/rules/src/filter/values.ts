import { type FieldType, integerValue } from "@falco-efk/event";
import type { ValueExpr } from "./ast.ts";
import { parseAddress, parseNetwork } from "./network.ts";
import type { ValueKind } from "./node.ts";
import type { Literal } from "./operators/operator.ts";
import { servicePort } from "./services.ts";

const KINDS: Readonly<Record<FieldType, ValueKind>> = {
  CHARBUF: "text",
  FSPATH: "text",
  BYTEBUF: "bytes",
  BOOL: "boolean",
  INT8: "number",
  INT16: "number",
  INT32: "number",
  INT64: "number",
  UINT8: "number",
  UINT16: "number",
  UINT32: "number",
  UINT64: "number",
  DOUBLE: "number",
  RELTIME: "number",
  ABSTIME: "number",
  PORT: "number",
  IPADDR: "address",
  IPNET: "network",
  SYSCALLID: "number",
};

/** How values of a field type are compared. */
export function kindOf(type: FieldType): ValueKind {
  return KINDS[type];
}

// Bits and sign of the integer types.
const INTEGERS: Partial<Readonly<Record<FieldType, readonly [bits: bigint, signed: boolean]>>> = {
  INT8: [8n, true],
  INT16: [16n, true],
  INT32: [32n, true],
  INT64: [64n, true],
  UINT8: [8n, false],
  UINT16: [16n, false],
  UINT32: [32n, false],
  UINT64: [64n, false],
  RELTIME: [64n, false],
  ABSTIME: [64n, false],
  PORT: [16n, false],
  SYSCALLID: [16n, false],
};

/** Reads a literal for comparison with a field type, or says what was expected. */
export function parseLiteral(
  value: ValueExpr,
  type: FieldType,
): { readonly value: Literal } | { readonly error: string } {
  const text = value.text;
  switch (KINDS[type]) {
    case "text":
      if (text.includes("\0")) return { error: "a text to compare with cannot hold a NUL character" };
      return { value: text };
    case "bytes":
      return { value: value.bytes ?? new TextEncoder().encode(text) };
    case "boolean":
      if (text !== "true" && text !== "false") return { error: `'${text}' is neither true nor false` };
      return { value: text === "true" };
    case "address": {
      const address = parseAddress(text);
      return address === null ? { error: `'${text}' is not an IP address` } : { value: address };
    }
    case "network": {
      const network = parseNetwork(text);
      return network === null ? { error: `'${text}' is not a network such as 10.0.0.0/8` } : { value: network };
    }
    case "number":
      return parseNumber(text, type);
  }
}

function parseNumber(text: string, type: FieldType): { readonly value: Literal } | { readonly error: string } {
  if (type === "DOUBLE") {
    const number = Number(text);
    return text.trim() === "" || Number.isNaN(number) ? { error: `'${text}' is not a number` } : { value: number };
  }
  const [bits, signed] = INTEGERS[type] as readonly [bigint, boolean];
  if (type === "PORT" && !/^[0-9]/.test(text)) {
    const port = text === "" ? 0 : servicePort(text);
    return port === null ? { error: `'${text}' is neither a port number nor a service's name` } : { value: port };
  }
  const parts = /^([+-]?)(0[xX][0-9a-fA-F]+|[0-9]+)$/.exec(text);
  if (parts === null) return { error: `'${text}' is not a whole number` };
  const magnitude = BigInt(parts[2] as string);
  const exact = parts[1] === "-" ? -magnitude : magnitude;
  const low = signed ? -(1n << (bits - 1n)) : 0n;
  const high = signed ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n;
  // As in C, a negative literal for an unsigned field stands for its two's complement: -1 is the highest number.
  const wrapped = !signed && exact < 0n && -exact <= 1n << (bits - 1n) ? exact + (1n << bits) : exact;
  if (wrapped < low || wrapped > high) return { error: `${text} is out of the range of ${type} (${low} to ${high})` };
  return { value: integerValue(wrapped) };
}
