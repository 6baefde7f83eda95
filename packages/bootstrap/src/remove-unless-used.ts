import { type Answer, expectOk, type HttpClient, reasonOf } from "./http.ts";
import type { Held, Item } from "./plan/resource.ts";

/** Deletes each item at its path. One that is gone already is no error; one that the server says is in use is answered. */
export async function removeUnlessUsed(
  client: HttpClient,
  kind: string,
  items: readonly Item[],
  pathOf: (name: string) => string,
): Promise<Held> {
  const held: Record<string, string> = {};
  for (const { name } of items) {
    const answer = await client.send("DELETE", pathOf(name));
    const use = useIn(answer);
    if (use !== null) held[name] = `it is in use by ${use}, and no index or event is removed`;
    else if (answer.status !== 404) expectOk(client, answer, `delete the ${kind} ${name}`);
  }
  return held;
}

/** `index templates [falco-efk-events]` of `… still in use by index templates [falco-efk-events]`; null for anything else. */
function useIn(answer: Answer): string | null {
  if (answer.status !== 400) return null;
  const [, what, names = ""] = /in use by (?:an? |one or more )?([\w ]+?):? (\[[^\]]*)/.exec(reasonOf(answer)) ?? [];
  if (what === undefined) return null;
  return `${what} ${names.length > 80 ? `${names.slice(0, 79)}…` : names}]`;
}
