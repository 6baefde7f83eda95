import { readFileSync, statSync } from "node:fs";
import { describeSystemError, systemErrorCode, UserError, writeFileAtomic } from "@falco-efk/kit";

/** Secrets by name. */
export type Secrets = Readonly<Record<string, string>>;

/**
 * Reads a keystore, a JSON object of texts in a file that its owner alone can read; one that doesn't exist is empty.
 * Throws UserError (`KEYSTORE`) for one that can't be read, isn't one, or is open to others.
 */
export function readKeystore(file: string): Secrets {
  let text: string;
  try {
    if ((statSync(file).mode & 0o077) !== 0) {
      throw new UserError("others may read it", { code: "KEYSTORE", file, hint: `chmod 600 ${file}` });
    }
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return {};
    if (error instanceof UserError) throw error;
    throw new UserError(`can't be read: ${describeSystemError(error)}`, { code: "KEYSTORE", file, cause: error });
  }
  const value = parse(text);
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    if (Object.values(value).every((item) => typeof item === "string")) return value as Secrets;
  }
  throw new UserError("isn't a keystore: a JSON object of texts is expected", { code: "KEYSTORE", file });
}

/** Sets some secrets and removes those given as null; the file gets mode 0600. */
export async function updateKeystore(file: string, changes: Readonly<Record<string, string | null>>): Promise<void> {
  const entries = Object.entries({ ...readKeystore(file), ...changes }).filter(([, value]) => value !== null);
  try {
    await writeFileAtomic(file, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`, 0o600);
  } catch (error) {
    throw new UserError(`can't be written: ${describeSystemError(error)}`, { code: "KEYSTORE", file, cause: error });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
