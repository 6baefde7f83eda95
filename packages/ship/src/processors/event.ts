/** A record as an object while processors work on it. */
export type EventObject = Record<string, unknown>;

/** An integer that a double can't hold, kept as it was written. */
interface RawJson {
  readonly rawJSON: string;
}

declare global {
  interface JSON {
    rawJSON(text: string): RawJson;
    isRawJSON(value: unknown): value is RawJson;
  }
}

type SourceReviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

const LARGE_NUMBER = /[:[,]\s*-?\d{16,}/;

/** Parses a record. Integers above 2^53, such as Falco's `evt.time`, keep their digits. */
export function parseEvent(text: string): EventObject {
  if (!LARGE_NUMBER.test(text)) return JSON.parse(text) as EventObject;
  const keepDigits: SourceReviver = (_key, value, { source }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source)
      ? JSON.rawJSON(source)
      : value;
  return JSON.parse(text, keepDigits as (key: string, value: unknown) => unknown) as EventObject;
}

/** The value as text where it is one or can be shown as one, else null. */
export function asText(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return JSON.isRawJSON(value) ? value.rawJSON : null;
}

export function isObject(value: unknown): value is EventObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

/** The object and key that a dotted path leads to. Keys with dots in them, as in Falco's `output_fields`, are found too. */
function locate(event: EventObject, path: string): { readonly parent: EventObject; readonly key: string } | null {
  if (Object.hasOwn(event, path)) return { parent: event, key: path };
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const head = path.slice(0, dot);
    const child = Object.hasOwn(event, head) ? event[head] : undefined;
    if (!isObject(child)) continue;
    const found = locate(child, path.slice(dot + 1));
    if (found !== null) return found;
  }
  return null;
}

/** The value at a dotted path, or undefined. */
export function getField(event: EventObject, path: string): unknown {
  const found = locate(event, path);
  return found === null ? undefined : found.parent[found.key];
}

/** Sets the value at a dotted path: where the path is already, else nested. */
export function setField(event: EventObject, path: string, value: unknown): void {
  const found = locate(event, path);
  if (found !== null) {
    found.parent[found.key] = value;
    return;
  }
  const dot = path.indexOf(".");
  if (dot < 0) {
    put(event, path, value);
    return;
  }
  const head = path.slice(0, dot);
  const child = Object.hasOwn(event, head) ? event[head] : undefined;
  const target = isObject(child) ? child : {};
  put(event, head, target);
  setField(target, path.slice(dot + 1), value);
}

/** Sets an own member whatever its name is. */
function put(event: EventObject, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(event, key, { value, enumerable: true, configurable: true, writable: true });
  else event[key] = value;
}

/** Takes the value at a dotted path out. True when it was there. */
export function dropField(event: EventObject, path: string): boolean {
  const found = locate(event, path);
  if (found === null) return false;
  delete found.parent[found.key];
  return true;
}

/** A deep copy. The runtime's own would turn integers kept as text into objects. */
export function copyValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyValue);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyValue(item)]));
}
