import type { ErrorCause } from "@falco-efk/elastic";

/** A failure that is answered in Elasticsearch's error shape. `type` and `status` are what a real one gives. */
export class ElasticError extends Error {
  readonly status: number;
  readonly type: string;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(status: number, type: string, reason: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(reason);
    this.name = "ElasticError";
    this.status = status;
    this.type = type;
    this.extra = extra;
  }

  /** This failure as a cause inside an answer. */
  toCause(): ErrorCause {
    return { type: this.type, reason: this.message, ...this.extra };
  }
}

/** A request that cannot be understood: 400 `parsing_exception`. */
export function parsingError(reason: string): ElasticError {
  return new ElasticError(400, "parsing_exception", reason);
}

/** A value that makes no sense where it stands: 400 `illegal_argument_exception`. */
export function illegalArgument(reason: string): ElasticError {
  return new ElasticError(400, "illegal_argument_exception", reason);
}

/** A part of Elasticsearch that the store does not have. */
export function notSupported(what: string): ElasticError {
  return new ElasticError(400, "illegal_argument_exception", `${what} is not supported by the embedded store`);
}

/** What a shard refuses, as a search answers it: the shard's error is the cause. */
export function shardFailure(cause: ElasticError, index = ""): ElasticError {
  const reason = cause.toCause();
  return new ElasticError(cause.status, "search_phase_execution_exception", "all shards failed", {
    root_cause: [reason],
    phase: "query",
    grouped: true,
    failed_shards: [{ shard: 0, index, node: "embedded", reason }],
  });
}

/** A body whose keys or values are not what its part of the API takes: 400 `x_content_parse_exception`. */
export function contentError(reason: string): ElasticError {
  return new ElasticError(400, "x_content_parse_exception", reason);
}

/** An index that is not there: 404. */
export function indexNotFound(index: string): ElasticError {
  return new ElasticError(404, "index_not_found_exception", `no such index [${index}]`, {
    "resource.type": "index_or_alias",
    "resource.id": index,
    index_uuid: "_na_",
    index,
  });
}

/** Whether a system error says that the disk, or this user's share of it, is full. */
export function isFullDisk(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT";
}

/** A disk that takes no more is what Elasticsearch answers with a block: 429, so that clients try again later. */
export function diskFull(index: string): ElasticError {
  return new ElasticError(
    429,
    "cluster_block_exception",
    `index [${index}] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, index has read-only-allow-delete block];`,
  );
}
