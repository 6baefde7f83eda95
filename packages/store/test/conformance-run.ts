import { CONFORMANCE_DOCUMENTS, CONFORMANCE_INDEX, type ConformanceCase } from "./tables/conformance-documents.ts";

/** What of an answer is compared: everything but times, scores, and the words of errors. */
export interface ComparedAnswer {
  readonly status: number;
  readonly error?: string;
  readonly total?: unknown;
  readonly hits?: unknown;
  readonly aggregations?: unknown;
}

/** Makes the table's index on a server and fills it. */
export async function prepareConformance(url: string): Promise<void> {
  await fetch(`${url}/conformance`, { method: "DELETE" });
  const headers = { "content-type": "application/json" };
  await fetch(`${url}/conformance`, { method: "PUT", headers, body: JSON.stringify(CONFORMANCE_INDEX) });
  const body = CONFORMANCE_DOCUMENTS.map(({ id, source }) => `{"create":{"_id":"${id}"}}\n${source}\n`).join("");
  const response = await fetch(`${url}/conformance/_bulk?refresh=true`, { method: "POST", headers, body });
  const answer = (await response.json()) as { errors: boolean };
  if (answer.errors) {
    throw new Error(`the documents were refused: ${JSON.stringify(answer).slice(0, 500)}`);
  }
}

/** Sends one request of the table. */
export async function runCase(url: string, { method, path, body }: ConformanceCase): Promise<ComparedAnswer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  // Digits beyond 2^53 are compared as texts.
  const text = (await response.text()).replace(/(?<=[[,:])(-?\d{17,})(?=[\],}])/g, '"$1"');
  const answer = JSON.parse(text) as Record<string, unknown>;
  if (response.status >= 400) {
    return { status: response.status, error: errorType(answer) };
  }
  const hits = answer.hits as {
    total?: unknown;
    hits: { _id: string; _source?: unknown; fields?: unknown; sort?: unknown }[];
  };
  const listed = hits.hits.map(({ _id, _source, fields, sort }) => ({ _id, _source, fields, sort }));
  const sorted = (body as { sort?: unknown }).sort !== undefined;
  const compared = {
    status: response.status,
    total: hits.total,
    hits: sorted ? listed : listed.sort(byId),
    aggregations: answer.aggregations,
  };
  return JSON.parse(JSON.stringify(compared)) as ComparedAnswer;
}

function byId(a: { _id: string }, b: { _id: string }): number {
  return a._id < b._id ? -1 : 1;
}

function errorType(answer: Record<string, unknown>): string {
  const { type, root_cause } = answer.error as { type: string; root_cause?: { type: string }[] };
  return `${type}/${root_cause?.[0]?.type}`;
}
