import { chmodSync, chownSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** The accounts that the containers run as. */
export const ACCOUNTS = {
  /** The suite's programs; see the Dockerfile. */
  falcoEfk: { uid: 10001, gid: 10001 },
  /** Elasticsearch's and Kibana's images. */
  elastic: { uid: 1000, gid: 0 },
  redis: { uid: 999, gid: 999 },
  root: { uid: 0, gid: 0 },
} as const;

/** An account inside a container. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** Writes a file that `owner` alone may read, whole or not at all, into a folder that `owner` alone may enter. */
export function writeSecret(file: string, content: string, owner: Account): void {
  const folder = dirname(file);
  chmodSync(folder, 0o700);
  if (existsSync(file) && readFileSync(file, "utf8") === content) return;
  const partial = `${file}.partial`;
  writeFileSync(partial, content, { mode: 0o600 });
  chownSync(partial, owner.uid, owner.gid);
  renameSync(partial, file);
  chownSync(folder, owner.uid, owner.gid);
}

/** Variables in the form that `node --env-file` reads. Throws for a value that can't stand on a line between quotes. */
export function environmentFile(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => {
      if (/["\n\\]/.test(value)) throw new Error(`${name} can't be written into an environment file`);
      return `${name}="${value}"\n`;
    })
    .join("");
}
