import { UserError } from "@falco-efk/kit";
import { blockHint } from "../block-hint.ts";
import { type Answer, expectOk, type HttpClient } from "../http.ts";
import { objectKey, parseSavedObjects, type SavedObject } from "./saved-object.ts";

interface Pointer {
  readonly type: string;
  readonly id: string;
}

/** Exports the objects that exist, by key. The export refuses a list in which one is missing, and names the missing. */
export async function exportObjects(
  client: HttpClient,
  pointers: readonly Pointer[],
): Promise<Map<string, SavedObject>> {
  let wanted = pointers.map(({ type, id }) => ({ type, id }));
  for (let round = 0; wanted.length > 0 && round < 3; round++) {
    const answer = await client.send("POST", "/api/saved_objects/_export", {
      body: { objects: wanted, excludeExportDetails: true, includeReferencesDeep: false },
    });
    const missing = answer.status === 400 ? missingIn(answer) : null;
    if (missing === null) {
      const body = expectOk(client, answer, "export saved objects");
      const text = typeof body === "string" ? body : JSON.stringify(body);
      return new Map(parseSavedObjects(text, "export.ndjson").map(({ object }) => [objectKey(object), object]));
    }
    wanted = wanted.filter((pointer) => !missing.has(objectKey(pointer)));
  }
  return new Map();
}

function missingIn(answer: Answer): Set<string> | null {
  const listed = (
    answer.body as { attributes?: { objects?: readonly (Pointer & { error?: { statusCode?: number } })[] } } | null
  )?.attributes?.objects;
  if (listed === undefined) return null;
  const missing = listed.filter((object) => object.error?.statusCode === 404);
  return missing.length === 0 ? null : new Set(missing.map(objectKey));
}

interface ImportAnswer {
  readonly success?: boolean;
  readonly errors?: readonly (Pointer & {
    readonly error: { readonly type: string; readonly references?: readonly Pointer[]; readonly message?: string };
  })[];
}

/** Imports objects in one request, over what is there. Throws UserError also for an answer 200 with `success: false`. */
export async function importObjects(
  client: HttpClient,
  objects: readonly SavedObject[],
  boundary: string,
): Promise<void> {
  const ndjson = objects.map((object) => `${JSON.stringify(object)}\n`).join("");
  const body =
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="falco-efk.ndjson"\r\n` +
    `Content-Type: application/x-ndjson\r\n\r\n${ndjson}\r\n--${boundary}--\r\n`;
  const answer = await client.send("POST", "/api/saved_objects/_import?overwrite=true", {
    body,
    contentType: `multipart/form-data; boundary=${boundary}`,
  });
  const result = expectOk(client, answer, "import the saved objects") as ImportAnswer;
  if (result.success === true) return;
  const first = result.errors?.[0];
  const count = result.errors?.length ?? 0;
  const what = first === undefined ? "it gives no reason" : `${objectKey(first)}: ${describe(first.error)}`;
  throw new UserError(
    `Kibana has imported not all saved objects: ${what}${count > 1 ? ` and ${count - 1} more` : ""}`,
    {
      code: "IMPORT",
      hint: `${blockHint(what) ?? "mend what it names"} and run apply again; what it has taken stays`,
    },
  );
}

function describe(error: { type: string; references?: readonly Pointer[]; message?: string }): string {
  switch (error.type) {
    case "missing_references":
      return `refers to ${(error.references ?? []).map(objectKey).join(", ")}, which isn't there`;
    case "unsupported_type":
      return "this Kibana doesn't know its type";
    default:
      return error.message ?? error.type;
  }
}

/** Deletes one object; one that is gone already is no error. */
export async function deleteObject(client: HttpClient, { type, id }: Pointer): Promise<void> {
  const answer = await client.send("DELETE", `/api/saved_objects/${type}/${encodeURIComponent(id)}?force=true`);
  if (answer.status !== 404) expectOk(client, answer, `delete ${type}:${id}`);
}
