import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describeSystemError, UserError } from "@falco-efk/kit";
import type { LoadedFile } from "./engine-view.ts";

/** A rules file's name and text. */
export interface RuleText {
  readonly name: string;
  readonly text: string;
}

/** Rules files as found: `files` in load order, and the folders some of them came from. */
export interface FoundRules {
  readonly files: readonly RuleText[];
  readonly folders: readonly string[];
  /** Paths of the configuration that are not there. */
  readonly missing: readonly string[];
}

/**
 * Reads rules files; a folder stands for its `.yaml` and `.yml` files in the order of their names. With `mustExist` (`-r`,
 * `-V`) a missing path is a UserError (`FILE_READ`), else it's passed over as Falco does with `rules_files`.
 */
export function readRuleFiles(paths: readonly string[], mustExist: boolean): FoundRules {
  const files: RuleText[] = [];
  const folders: string[] = [];
  const missing: string[] = [];
  for (const path of paths) {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined && !mustExist) {
      missing.push(path);
    } else if (stats?.isDirectory() === true) {
      folders.push(path);
      for (const name of readdirSync(path).sort()) {
        const file = join(path, name);
        if (/\.ya?ml$/.test(name) && statSync(file, { throwIfNoEntry: false })?.isFile() === true)
          files.push(read(file));
      }
    } else {
      files.push(read(path));
    }
  }
  return { files, folders, missing };
}

function read(file: string): RuleText {
  try {
    return { name: file, text: readFileSync(file, "utf8") };
  } catch (error) {
    throw new UserError(`the rules can't be read: ${describeSystemError(error)}`, {
      code: "FILE_READ",
      file,
      cause: error,
    });
  }
}

/** The file's name with the SHA-256 of its text. */
export function hashed(file: RuleText): LoadedFile {
  return { name: file.name, sha256: createHash("sha256").update(file.text).digest("hex") };
}

/** Hashes files by name; one that can't be read any more has an empty hash. */
export function hashFiles(names: readonly string[]): LoadedFile[] {
  return names.map((name) => {
    try {
      return hashed({ name, text: readFileSync(name, "utf8") });
    } catch {
      return { name, sha256: "" };
    }
  });
}
