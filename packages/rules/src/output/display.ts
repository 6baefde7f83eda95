import type { FieldScalar, FieldType, FieldValue } from "@falco-efk/event";
import { formatAddress } from "../filter/network.ts";

/** How the bytes of a buffer are shown. */
export interface DisplayOptions {
  /** Base64 instead of the printable characters with dots between. */
  readonly bufferBase64: boolean;
}

export const DEFAULT_DISPLAY: DisplayOptions = { bufferBase64: false };

/** A value as text outputs show it; null where it is missing. */
export function displayText(value: FieldValue, type: FieldType, options: DisplayOptions): string | null {
  if (value === null || typeof value === "string") return value;
  if (Array.isArray(value)) {
    return `(${(value as readonly FieldScalar[]).map((item) => displayScalar(item, type, options)).join(",")})`;
  }
  return displayScalar(value as FieldScalar, type, options);
}

/** A value as JSON shows it: numbers and Booleans as themselves, everything else as text. */
export function displayJson(value: FieldValue, type: FieldType, options: DisplayOptions): FieldValue {
  if (value === null || typeof value === "string") return value;
  if (Array.isArray(value)) {
    return (value as readonly FieldScalar[]).map((item) => displayJson(item, type, options) as FieldScalar);
  }
  const scalar = value as FieldScalar;
  if (scalar instanceof Uint8Array) return displayScalar(scalar, type, options);
  return scalar;
}

function displayScalar(value: FieldScalar, type: FieldType, options: DisplayOptions): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return displayBytes(value, type, options);
  if (type === "DOUBLE" && typeof value === "number") return value.toFixed(1);
  return String(value);
}

function displayBytes(bytes: Uint8Array, type: FieldType, options: DisplayOptions): string {
  if (type === "IPADDR") return formatAddress(bytes);
  if (type === "IPNET") return formatAddress(bytes);
  let text = "";
  if (options.bufferBase64) {
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  }
  for (const byte of bytes) text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
  return text;
}
