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
 * `-V`) a missing path or a folder without any is a UserError (`FILE_READ`), else it's passed over as Falco does with
 * `rules_files`.
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
      const found = rulesFilesIn(path);
      if (found.length === 0 && mustExist) {
        throw new UserError("there is no rules file (.yaml or .yml) in this folder", { code: "FILE_READ", file: path });
      }
      files.push(...found.map(read));
    } else {
      files.push(read(path));
    }
  }
  return { files, folders, missing };
}

function rulesFilesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .map((name) => join(folder, name))
      .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
  } catch (error) {
    throw unreadable(folder, error);
  }
}

function read(file: string): RuleText {
  try {
    return { name: file, text: readFileSync(file, "utf8") };
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): UserError {
  return new UserError(`the rules can't be read: ${describeSystemError(error)}`, {
    code: "FILE_READ",
    file,
    cause: error,
  });
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
