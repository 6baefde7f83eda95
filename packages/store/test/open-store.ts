import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type RunningStore, type StoreOptions, startStore } from "@falco-efk/store";

/** A directory that is removed when the test ends. */
export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "falco-store-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A store on a free port that is closed when the test ends. */
export async function openStore(
  t: TestContext,
  options: Partial<StoreOptions> = {},
): Promise<RunningStore & { readonly directory: string }> {
  const directory = options.directory ?? temporaryDirectory(t);
  const store = await startStore({ directory, port: 0, ...options });
  t.after(() => store.close());
  return { ...store, directory };
}

/** A request with a JSON body. Gives the status and the decoded answer. */
export async function call(
  url: string,
  method = "GET",
  body?: unknown,
  headers: Record<string, string> = {},
  // biome-ignore lint/suspicious/noExplicitAny: answers have the shape that each test asks for.
): Promise<{ status: number; body: any; text: string; headers: Headers }> {
  const text = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
  const type = url.includes("_bulk") || url.includes("_msearch") ? "application/x-ndjson" : "application/json";
  const response = await fetch(url, { method, body: text, headers: { "content-type": type, ...headers } });
  const answer = await response.text();
  let decoded: unknown = answer;
  try {
    decoded = JSON.parse(answer);
  } catch {
    // Not every answer is JSON.
  }
  return { status: response.status, body: decoded, text: answer, headers: response.headers };
}

/** A `_bulk` body out of operations and documents. */
export function bulkBody(
  index: string,
  documents: readonly { readonly id: string; readonly source: string }[],
): string {
  return documents.map(({ id, source }) => `{"create":{"_index":"${index}","_id":"${id}"}}\n${source}\n`).join("");
}
