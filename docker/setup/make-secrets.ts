import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { makeCertificates } from "./make-certificates.ts";
import { ACCOUNTS, environmentFile, writeSecret } from "./secret-file.ts";

/** What is drawn once and kept in the volume `setup`, which no other container mounts but `setup` itself. */
export interface Passwords {
  readonly elastic: string;
  readonly kibanaSystem: string;
  readonly redis: string;
  /** With it the console asks the shipper for dead letters. */
  readonly ship: string;
  /** Kibana's three encryption keys. */
  readonly kibanaKeys: readonly [security: string, savedObjects: string, reporting: string];
}

/** The passwords made by an earlier `makeSecrets`. Throws when there are none yet. */
export function readPasswords(folder: string): Passwords {
  const file = passwordFile(folder);
  if (!existsSync(file)) throw new Error("there are no passwords yet: run `docker compose up` first");
  return JSON.parse(readFileSync(file, "utf8")) as Passwords;
}

/** Makes what is missing and writes everybody's files. */
export async function makeSecrets(folder: string): Promise<void> {
  const before = existsSync(passwordFile(folder)) ? readPasswords(folder) : {};
  const passwords = { ...drawPasswords(), ...before };
  writeSecret(passwordFile(folder), `${JSON.stringify(passwords, null, 2)}\n`, ACCOUNTS.root);
  const certificates = await makeCertificates(join(folder, "setup"));
  const { elastic, falcoEfk, redis } = ACCOUNTS;

  writeSecret(join(folder, "elasticsearch", "elastic-password"), passwords.elastic, elastic);
  writeSecret(join(folder, "elasticsearch", "ca.crt"), certificates.ca, elastic);
  writeSecret(join(folder, "elasticsearch", "server.crt"), certificates.certificate, elastic);
  writeSecret(join(folder, "elasticsearch", "server.key"), certificates.key, elastic);
  writeSecret(join(folder, "kibana", "kibana.yml"), kibanaConfig(passwords), elastic);
  writeSecret(join(folder, "kibana", "ca.crt"), certificates.ca, elastic);
  writeSecret(join(folder, "redis", "redis.conf"), redisConfig(passwords.redis), redis);
  writeSecret(join(folder, "store", "password"), passwords.elastic, falcoEfk);
  writeSecret(
    join(folder, "console", "env"),
    environmentFile({
      FALCO_CONSOLE_PASSWORD: passwords.elastic,
      ELASTICSEARCH_PASSWORD: passwords.elastic,
      FALCO_SHIP_TOKEN: passwords.ship,
    }),
    falcoEfk,
  );
  writeSecret(join(folder, "bootstrap", "ca.crt"), certificates.ca, falcoEfk);
  writeSecret(
    join(folder, "bootstrap", "env"),
    environmentFile({ ELASTIC_USER: "elastic", ELASTIC_PASSWORD: passwords.elastic }),
    falcoEfk,
  );
  writeSecret(join(folder, "ship", "ca.crt"), certificates.ca, falcoEfk);
  writeSecret(join(folder, "alert", "ca.crt"), certificates.ca, falcoEfk);
}

function passwordFile(folder: string): string {
  return join(folder, "setup", "passwords.json");
}

function drawPasswords(): Passwords {
  const draw = (): string => randomBytes(24).toString("base64url");
  return { elastic: draw(), kibanaSystem: draw(), redis: draw(), ship: draw(), kibanaKeys: [draw(), draw(), draw()] };
}

function kibanaConfig(passwords: Passwords): string {
  const [security, savedObjects, reporting] = passwords.kibanaKeys;
  const settings = {
    "server.host": "0.0.0.0",
    "server.publicBaseUrl": "http://localhost:5601",
    "elasticsearch.hosts": ["https://elasticsearch:9200"],
    "elasticsearch.username": "kibana_system",
    "elasticsearch.password": passwords.kibanaSystem,
    "elasticsearch.ssl.certificateAuthorities": "/usr/share/kibana/config/ca.crt",
    "xpack.security.encryptionKey": security,
    "xpack.encryptedSavedObjects.encryptionKey": savedObjects,
    "xpack.reporting.encryptionKey": reporting,
    "telemetry.optIn": false,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}\n`)
    .join("");
}

/** Acknowledged batches wait for their sink here, so Redis must forget nothing by itself and outlive a restart. */
function redisConfig(password: string): string {
  return [
    `requirepass ${password}`,
    "protected-mode yes",
    "bind 0.0.0.0",
    "port 6379",
    "dir /data",
    "appendonly yes",
    "appendfsync everysec",
    "maxmemory 384mb",
    "maxmemory-policy noeviction",
    "",
  ].join("\n");
}
