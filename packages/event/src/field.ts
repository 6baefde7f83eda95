/**
 * The value types of Falco's fields, named as `falco --list` names them.
 * A 64-bit number is a `number` while it is a safe integer and a `bigint` beyond: so `===` and a `Set` work on values.
 */
export type FieldType =
  | "CHARBUF"
  | "FSPATH"
  | "BYTEBUF"
  | "BOOL"
  | "INT8"
  | "INT16"
  | "INT32"
  | "INT64"
  | "UINT8"
  | "UINT16"
  | "UINT32"
  | "UINT64"
  | "DOUBLE"
  | "RELTIME"
  | "ABSTIME"
  | "PORT"
  | "IPADDR"
  | "IPNET"
  | "SYSCALLID";

/** One value. IP addresses are 4 or 16 bytes, networks too; byte buffers are bytes; everything textual is a string. */
export type FieldScalar = string | number | bigint | boolean | Uint8Array;

/** What a field gives for one event; null when the event has no such value (Falco prints `<NA>`). */
export type FieldValue = FieldScalar | readonly FieldScalar[] | null;

/** How a field takes its `[argument]`: not at all, may take one, must have one; an index is a whole number, a key any text. */
export type FieldArgument = "none" | "optional-index" | "required-index" | "optional-key" | "required-key";

export interface FieldDefinition {
  /** Full name, such as `proc.name`. */
  readonly name: string;
  readonly type: FieldType;
  /** True where the value is a list: only `in`, `intersects` and `exists` compare it. */
  readonly list: boolean;
  readonly argument: FieldArgument;
  readonly description: string;
  /** The field class it belongs to: `evt`, `proc`, `fd`, … */
  readonly class: string;
  readonly deprecated?: boolean;
  /** True where it can stand in an output only, false or absent where conditions may use it. */
  readonly outputOnly?: boolean;
  /**
   * How a condition takes several values of a field that is not a list. `any`: a comparison holds when it holds of some
   * value (`proc.aname` walks every ancestor). `endpoints`: the same, but `!=` must hold of all (`fd.ip`, `fd.port`,
   * `fd.net` give both ends). Absent: the field gives at most one value.
   */
  readonly several?: "any" | "endpoints";
  /** Why this engine can't fill the field. A rule that uses it refuses to load with this reason. */
  readonly unsupported?: string;
}

/** A field with its argument, ready to be read from an event of type `E`. */
export interface FieldAccess<E = unknown> {
  readonly definition: FieldDefinition;
  readonly argument: string | null;
  /** Reads the value. Must not throw on any event, and gives null where there is no value. */
  readonly extract: (event: E) => FieldValue;
  /** What an output's text shows, where it differs from the value a condition compares (bytes as text, ancestors joined, hexadecimal). */
  readonly print?: (event: E) => FieldValue;
  /** What the JSON output's `output_fields` hold, where it differs from `print`: `evt.time.iso8601` is a number there. */
  readonly json?: (event: E) => FieldValue;
}

/** Why a field could not be resolved; `suggestion` is the nearest known name. */
export interface FieldError {
  readonly code: "unknown-field" | "missing-argument" | "unexpected-argument" | "bad-argument" | "unsupported";
  readonly message: string;
  readonly suggestion?: string;
}

/** What the rule compiler asks about fields: implemented by the fields package, and by small tables in tests. */
export interface FieldResolver<E = unknown> {
  /** All fields, in the order they are listed to users. */
  readonly definitions: readonly FieldDefinition[];
  resolve(name: string, argument: string | null): FieldAccess<E> | FieldError;
}

/** Tells a resolved field from an error. */
export function isFieldError<E>(result: FieldAccess<E> | FieldError): result is FieldError {
  return "code" in result;
}

/** Normalises a 64-bit integer: a number while it is safe, a bigint beyond. */
export function integerValue(value: bigint): number | bigint {
  return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
}
