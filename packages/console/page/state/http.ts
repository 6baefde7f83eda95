import { type Json, parseJson } from "../data/json.ts";

/** What the server answered when it wasn't what was asked for. */
export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "HttpError";
    this.status = status;
  }
}

/** Calls the console's server and reads JSON. Integers keep all their digits. Throws HttpError; sends to the login on 401. */
export async function call<T>(
  method: "GET" | "POST" | "PUT" | "DELETE",
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const response = await fetch(path, {
    method,
    headers: {
      "kbn-xsrf": "console",
      ...(body === undefined || body instanceof FormData ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: body instanceof FormData ? body : JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  if (response.status === 401 && location.pathname !== "/login") {
    location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
  if (!response.ok) throw new HttpError(response.status, readFault(text) ?? `the server answered ${response.status}`);
  return (text === "" ? null : parseJson(text)) as T;
}

/** The words of Kibana's, Elasticsearch's or the console's error answer. */
function readFault(text: string): string | null {
  let body: Json;
  try {
    body = parseJson(text);
  } catch {
    return null;
  }
  if (body === null || typeof body !== "object" || Array.isArray(body)) return null;
  const answer = body as { message?: Json; error?: Json };
  if (typeof answer.message === "string") return answer.message;
  if (typeof answer.error === "string") return answer.error;
  const error = answer.error as { reason?: Json; root_cause?: readonly { reason?: Json }[] } | undefined;
  const reason = error?.root_cause?.[0]?.reason ?? error?.reason;
  return typeof reason === "string" ? reason : null;
}

/** An error in words. */
export function errorText(error: unknown): string {
  if (error instanceof TypeError && /fetch/i.test(error.message)) return "the console's server can't be reached";
  return error instanceof Error ? error.message : String(error);
}
