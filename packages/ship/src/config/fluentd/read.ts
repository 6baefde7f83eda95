import { globSync, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { describeSystemError, UserError } from "@falco-efk/kit";
import { type Include, parseFluentd, type Section } from "./parse.ts";

/** Reads a configuration of Fluentd's with all that it includes. Throws UserError with file and line. */
export function readFluentd(file: string): Section {
  return parseFluentd(readText(file, {}), file, includeFiles);
}

/** Paths and glob patterns, relative to the file that includes them. */
const includeFiles: Include = (target, from) => {
  if (/^https?:\/\//.test(target)) {
    throw new UserError(`${target} is not fetched`, { ...from, code: "FLUENTD_INCLUDE", hint: "include a copy of it" });
  }
  const pattern = resolve(dirname(from.file), target);
  const files = /[*?[{]/.test(pattern) ? globSync(pattern).toSorted() : [pattern];
  return files
    .filter((name) => statSync(name, { throwIfNoEntry: false })?.isDirectory() !== true)
    .map((name) => ({ file: name, text: readText(name, from) }));
};

function readText(file: string, from: { readonly file?: string; readonly line?: number }): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const message = `${from.file === undefined ? "" : `${file}: `}can't be read: ${describeSystemError(error)}`;
    throw new UserError(message, { code: "FILE_READ", file, ...from, cause: error });
  }
}
