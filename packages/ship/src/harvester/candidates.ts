import { glob, readdir, stat } from "node:fs/promises";
import { dirname, join, matchesGlob, resolve } from "node:path";
import { type CarrierStat, toCarrierStat } from "./carrier.ts";
import { familyOf } from "./family.ts";

/** A file that might be read. */
export interface Candidate extends CarrierStat {
  readonly path: string;
  /** Named by the configuration; otherwise a rotated neighbour of a file that is. */
  readonly configured: boolean;
  /** The configured path or pattern it was found by. */
  readonly pattern: string;
}

/** True when the text has glob characters. */
export function isPattern(path: string): boolean {
  return /[*?[\]{}]/.test(path);
}

/** The deepest folder that every match of a pattern lies in. */
export function baseFolder(path: string): string {
  let folder = dirname(resolve(path));
  while (isPattern(folder)) folder = dirname(folder);
  return folder;
}

/** Files that the patterns name, and rotated neighbours of the plain paths among them; oldest first. */
export async function findCandidates(
  patterns: readonly string[],
  exclude: readonly string[],
): Promise<readonly Candidate[]> {
  const found = new Map<string, Candidate>();
  const add = async (path: string, pattern: string, configured: boolean): Promise<void> => {
    if (found.has(path) || exclude.some((excluded) => matchesGlob(path, excluded))) return;
    const entry = await fileStat(path);
    if (entry !== null) found.set(path, { ...entry, path, pattern, configured });
  };
  for (const pattern of patterns) {
    if (isPattern(pattern)) {
      for await (const path of glob(pattern)) await add(resolve(path), pattern, true);
    } else {
      await add(resolve(pattern), pattern, true);
    }
  }
  for (const pattern of patterns) {
    if (isPattern(pattern)) continue;
    for (const path of await neighbours(resolve(pattern))) await add(path, pattern, false);
  }
  return [...found.values()].sort((left, right) => left.modified - right.modified);
}

/** Files in the folder of `path` that log rotation made out of it. */
async function neighbours(path: string): Promise<string[]> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  const family = familyOf(path);
  return names.map((name) => join(folder, name)).filter((other) => other !== path && familyOf(other) === family);
}

/** Every regular file in a folder, whatever its name. */
export async function filesIn(folder: string): Promise<readonly (CarrierStat & { readonly path: string })[]> {
  const names = await readdir(folder).catch(() => []);
  const files: (CarrierStat & { readonly path: string })[] = [];
  for (const name of names) {
    const entry = await fileStat(join(folder, name));
    if (entry !== null) files.push({ ...entry, path: join(folder, name) });
  }
  return files;
}

async function fileStat(path: string): Promise<CarrierStat | null> {
  const entry = await stat(path, { bigint: true }).catch(() => null);
  return entry?.isFile() === true ? toCarrierStat(entry) : null;
}
