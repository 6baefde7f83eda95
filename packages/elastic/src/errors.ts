/** One cause in Elasticsearch's error shape. Further keys (`index`, `line`, `col` …) depend on the type. */
export interface ErrorCause {
  readonly type: string;
  readonly reason?: string | null;
  readonly index?: string;
  readonly root_cause?: readonly ErrorCause[];
  readonly caused_by?: ErrorCause;
  readonly [key: string]: unknown;
}

/** The body of every answer whose status is 400 or above. A few old endpoints give a plain string as `error`. */
export interface ErrorResponse {
  readonly error: ErrorCause | string;
  readonly status?: number;
}

/** Says whether a decoded answer is Elasticsearch's error shape. */
export function isErrorResponse(body: unknown): body is ErrorResponse {
  if (typeof body !== "object" || body === null || !("error" in body)) {
    return false;
  }
  const { error } = body;
  return typeof error === "string" || (typeof error === "object" && error !== null && "type" in error);
}

/** One line for people out of a cause: `type: reason, caused by type: reason …`. */
export function describeCause(cause: ErrorCause | string): string {
  if (typeof cause === "string") {
    return cause;
  }
  const own = cause.reason ? `${cause.type}: ${cause.reason}` : cause.type;
  return cause.caused_by ? `${own}, caused by ${describeCause(cause.caused_by)}` : own;
}
