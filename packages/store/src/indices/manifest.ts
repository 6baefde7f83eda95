import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Mappings } from "@falco-efk/elastic";
import { DamagedFileError } from "../segments/sections.ts";
import { writeFileDurably } from "../segments/write-file.ts";

/** What an index's directory says about it, apart from its documents. */
export interface Manifest {
  readonly name: string;
  readonly uuid: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly mappings: Mappings;
  readonly aliases: Readonly<Record<string, unknown>>;
  /** The numbers of the finished segments. */
  readonly segments: readonly number[];
  readonly nextNumber: number;
  readonly nextSeqNo: number;
}

const NAME = "index.json";

/** Writes the manifest so that a crash leaves the old one or the new one. */
export function writeManifest(directory: string, manifest: Manifest): void {
  writeFileDurably(join(directory, NAME), JSON.stringify(manifest));
}

/** Reads the manifest; null when the directory has none, which is what a crash while creating leaves. */
export function readManifest(directory: string): Manifest | null {
  const path = join(directory, NAME);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return null;
    }
    throw error;
  }
  try {
    return JSON.parse(text) as Manifest;
  } catch {
    throw new DamagedFileError(path, "it is not JSON");
  }
}
