import { ElasticError } from "../errors.ts";
import type { Field } from "../mapping/field.ts";
import type { QueryContext } from "../query/context.ts";
import type { SegmentView } from "../query/segment-view.ts";

/** What is being collected: documents of one segment, each for one bucket of the aggregation above. */
export interface Collected {
  readonly view: SegmentView;
  readonly context: QueryContext;
  readonly documents: Uint32Array;
  /** The bucket above, for each document; null when it is `parent` for all. */
  readonly parents: Uint32Array | null;
  readonly parent: number;
  /** Whether these are all documents of the segment, each once, for one bucket above. */
  readonly whole: boolean;
}

/** One aggregation of a request: fed segment by segment, then asked for the answer of each bucket above it. */
export interface Aggregator {
  /** Throws what an index's mapping refuses, so that it is refused also where no document matches. */
  check(context: QueryContext): void;
  collect(input: Collected): void;
  /** The answer for a bucket above, also when nothing was collected for it. */
  result(parent: number): Record<string, unknown>;
  /**
   * Takes over what an aggregator of the same request has collected of one segment. `parentOf` gives the bucket above here
   * for one there. The other one is not changed: it may be kept.
   */
  absorb(other: Aggregator, parentOf: (parent: number) => number): void;
  /** About how many bytes the collected takes. */
  readonly bytes: number;
  /** A metric's number for sorting buckets by it; `null` when it has none. */
  metric?(parent: number, property: string): number | null;
}

/** Buckets of one request, over all its aggregations. */
export class BucketBudget {
  #made = 0;
  #answered = 0;
  readonly #most: number;
  readonly #mostAnswered: number;

  constructor(most = 1_000_000, mostAnswered = 65_536) {
    this.#most = most;
    this.#mostAnswered = mostAnswered;
  }

  /** Counts a bucket (or a distinct value) that takes memory. */
  make(): void {
    this.#made += 1;
    if (this.#made > this.#most) {
      throw new ElasticError(
        429,
        "circuit_breaking_exception",
        `[request] Data too large: the aggregations need more than [${this.#most}] buckets; narrow the query`,
        { bytes_wanted: this.#made, bytes_limit: this.#most, durability: "TRANSIENT" },
      );
    }
  }

  /** Counts a bucket of the answer. */
  answer(count: number): void {
    this.#answered += count;
    if (this.#answered > this.#mostAnswered) {
      throw new ElasticError(
        400,
        "too_many_buckets_exception",
        `Trying to create too many buckets. Must be less than or equal to: [${this.#mostAnswered}] but this number of buckets was exceeded. This limit can be set by changing the [search.max_buckets] cluster level setting.`,
        { max_buckets: this.#mostAnswered },
      );
    }
  }
}

/** The field that an aggregation reads in an index; null when the index has none. Refuses analyzed fields. */
export function aggregationField(context: QueryContext, path: string): Field | null {
  const field = context.mapping.fields.get(path) ?? null;
  if (field?.type.analyzed) {
    throw new ElasticError(
      400,
      "illegal_argument_exception",
      `Fielddata is disabled on [${path}] in [${context.indexName}]. Text fields are not optimised for operations that require per-document field data like aggregations and sorting, so these operations are disabled by default. Please use a keyword field instead.`,
    );
  }
  return field;
}
