import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The project's folder. */
export const ROOT: string = join(import.meta.dirname, "../..");

/** Why a test that needs root and these programs can't run here, or false: what node:test takes as `skip`. */
export function lacks(...programs: readonly string[]): string | false {
  if (process.getuid?.() !== 0) return "needs root";
  const folders = `${process.env["PATH"] ?? ""}${delimiter}/usr/sbin${delimiter}/sbin`.split(delimiter);
  const missing = programs.filter((program) => !folders.some((folder) => isProgram(join(folder, program))));
  return missing.length === 0 ? false : `needs ${missing.join(", ")}`;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
