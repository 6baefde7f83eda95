import type { FieldValue } from "./field.ts";
import type { Priority } from "./priority.ts";

/**
 * One match of a rule: what falco_events.json holds a line of.
 *
 * In JSON the keys stand sorted, `time` has nine decimals, `outputFields` is `output_fields` with flat dotted names
 * (null for a value that is missing) and integers keep every digit.
 */
export interface Alert {
  /** Event time, nanoseconds since the epoch. */
  readonly time: bigint;
  readonly rule: string;
  readonly priority: Priority;
  readonly source: string;
  /** Sorted, as Falco prints them. */
  readonly tags: readonly string[];
  readonly hostname: string;
  /** The formatted text with time and priority in front: what a text output prints. */
  readonly output: string;
  /** The formatted text alone: Falco's `message`. */
  readonly message: string;
  readonly outputFields: ReadonlyMap<string, FieldValue>;
}
