import { readFileSync } from "node:fs";
import { request } from "node:https";
import { join } from "node:path";
import { readPasswords } from "./make-secrets.ts";

/** Sets the password of `kibana_system` at Elasticsearch. Throws with Elasticsearch's answer when it refuses. */
export async function setKibanaPassword(folder: string, elasticsearchUrl: string): Promise<void> {
  const passwords = readPasswords(folder);
  const ca = readFileSync(join(folder, "setup", "ca.crt"), "utf8");
  const url = new URL("/_security/user/kibana_system/_password", elasticsearchUrl);
  const authorization = `Basic ${Buffer.from(`elastic:${passwords.elastic}`).toString("base64")}`;
  const body = JSON.stringify({ password: passwords.kibanaSystem });
  const { status, text } = await post(url, ca, authorization, body);
  if (status !== 200) throw new Error(`${url.href} answers ${status}: ${text}`);
}

function post(url: URL, ca: string, authorization: string, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization, "content-type": "application/json" };
    const outgoing = request(url, { method: "POST", ca, headers, timeout: 30_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", reject);
    });
    outgoing.on("error", reject);
    outgoing.on("timeout", () => outgoing.destroy(new Error(`${url.host} gives no answer`)));
    outgoing.end(body);
  });
}
