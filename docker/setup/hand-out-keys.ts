import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readPasswords } from "./make-secrets.ts";
import { ACCOUNTS, environmentFile, writeSecret } from "./secret-file.ts";

/**
 * Gives the shipper and falco-alert their variables. Elasticsearch knows API keys with least rights, which falco-bootstrap has
 * put into its keystore; the embedded store has one password.
 */
export function handOutKeys(folder: string): void {
  const passwords = readPasswords(folder);
  const keys = readKeystore(join(folder, "bootstrap", "keystore"));
  const shipKey = keys["FALCO_SHIP_API_KEY"];
  const readKey = keys["FALCO_READ_API_KEY"];
  const isElastic = shipKey !== undefined && readKey !== undefined;
  const url = isElastic ? "https://elasticsearch:9200" : "http://falco-store:9200";
  const basic = `Basic ${Buffer.from(`elastic:${passwords.elastic}`).toString("base64")}`;
  const owner = ACCOUNTS.falcoEfk;
  writeSecret(
    join(folder, "ship", "env"),
    environmentFile({
      ELASTICSEARCH_URL: url,
      ELASTICSEARCH_AUTHORIZATION: isElastic ? `ApiKey ${shipKey}` : basic,
      REDIS_URL: `redis://:${passwords.redis}@redis:6379`,
      FALCO_SHIP_TOKEN: passwords.ship,
    }),
    owner,
  );
  writeSecret(
    join(folder, "alert", "env"),
    environmentFile({
      ELASTICSEARCH_URL: url,
      ...(isElastic
        ? { FALCO_READ_API_KEY: readKey }
        : { ELASTICSEARCH_USERNAME: "elastic", ELASTICSEARCH_PASSWORD: passwords.elastic }),
    }),
    owner,
  );
}

function readKeystore(file: string): Readonly<Record<string, string>> {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, string>) : {};
}
