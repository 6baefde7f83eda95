import { readFileSync } from "node:fs";
import { describeSystemError, systemErrorCode, UserError } from "@falco-efk/kit";

/** Secrets by name from a keystore file (a JSON object of texts); a file that doesn't exist is empty. Throws UserError. */
export function readSecrets(file: string): Readonly<Record<string, string>> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return {};
    throw new UserError(`can't be read: ${describeSystemError(error)}`, { code: "FILE_READ", file, cause: error });
  }
  try {
    const value: unknown = JSON.parse(text);
    const isTexts =
      value !== null && typeof value === "object" && Object.values(value).every((item) => typeof item === "string");
    if (isTexts && !Array.isArray(value)) return value as Readonly<Record<string, string>>;
  } catch {
    // Falls through to the one error below.
  }
  throw new UserError("isn't a keystore: a JSON object of texts is expected", { code: "KEYSTORE", file });
}
