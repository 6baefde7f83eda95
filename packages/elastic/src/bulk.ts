import type { ErrorCause } from "./errors.ts";

/** The four operations of `_bulk`. */
export type BulkOperation = "create" | "index" | "update" | "delete";

/** What the action line of a `_bulk` item may carry. */
export interface BulkActionMeta {
  readonly _index?: string;
  readonly _id?: string;
  readonly routing?: string;
  readonly pipeline?: string;
  readonly require_alias?: boolean;
  readonly require_data_stream?: boolean;
  readonly if_seq_no?: number;
  readonly if_primary_term?: number;
  readonly retry_on_conflict?: number;
  readonly dynamic_templates?: Readonly<Record<string, string>>;
}

/** An action line: exactly one key, the operation. */
export type BulkAction = { readonly [K in BulkOperation]?: BulkActionMeta };

/** The result of one item. `status` is an HTTP status; `error` is there when it is 400 or above. */
export interface BulkItemResult {
  readonly _index: string;
  readonly _id: string | null;
  readonly status: number;
  readonly result?: "created" | "updated" | "deleted" | "not_found" | "noop";
  readonly _version?: number;
  readonly _seq_no?: number;
  readonly _primary_term?: number;
  readonly _shards?: { readonly total: number; readonly successful: number; readonly failed: number };
  readonly error?: ErrorCause;
}

/** One item of a `_bulk` answer: exactly one key, the operation. */
export type BulkResponseItem = { readonly [K in BulkOperation]?: BulkItemResult };

/** The answer to `_bulk`. Items stand in the request's order. */
export interface BulkResponse {
  readonly took: number;
  readonly errors: boolean;
  readonly items: readonly BulkResponseItem[];
}

/** What a client does with an item: it is stored, worth another try, or never going to be accepted. */
export type BulkOutcome = "delivered" | "retry" | "rejected";

/** The one result inside an item, with its operation. Throws `TypeError` for an item without an operation. */
export function bulkItem(item: BulkResponseItem): { operation: BulkOperation; result: BulkItemResult } {
  for (const operation of ["create", "index", "update", "delete"] as const) {
    const result = item[operation];
    if (result) {
      return { operation, result };
    }
  }
  throw new TypeError("a _bulk item has none of create, index, update, delete");
}

/**
 * Classifies an item's HTTP status. A 409 of `create` means that the document is there already, so a resend
 * counts as delivered. 429 and every 5xx are the server's trouble and worth another try.
 */
export function bulkOutcome(operation: BulkOperation, status: number): BulkOutcome {
  if (status < 300 || (status === 409 && operation === "create") || (status === 404 && operation === "delete")) {
    return "delivered";
  }
  return status === 429 || status >= 500 ? "retry" : "rejected";
}

/** The action line of an item, newline included. */
export function encodeBulkAction(operation: BulkOperation, meta: BulkActionMeta): string {
  return `${JSON.stringify({ [operation]: meta })}\n`;
}
