import { readFile } from "node:fs/promises";
import { describeSystemError, systemErrorCode, UserError, writeFileAtomic } from "@falco-efk/kit";

/** Secrets by name, in a JSON file that only its owner can read. */
export type Secrets = Readonly<Record<string, string>>;

/** Reads a keystore; one that doesn't exist is empty. Throws UserError for one that can't be read or isn't one. */
export async function readKeystore(file: string): Promise<Secrets> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return {};
    throw new UserError(`can't be read: ${describeSystemError(error)}`, { code: "FILE_READ", file, cause: error });
  }
  const fail = (): never => {
    throw new UserError("isn't a keystore: a JSON object of texts is expected", { code: "KEYSTORE", file });
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail();
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) return fail();
  return Object.values(value).every((item) => typeof item === "string") ? (value as Secrets) : fail();
}

/** Sets some secrets and removes those given as null; the file gets mode 0600. */
export async function updateKeystore(file: string, changes: Readonly<Record<string, string | null>>): Promise<void> {
  const merged = { ...(await readKeystore(file)), ...changes };
  const kept = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
  try {
    await writeFileAtomic(file, `${JSON.stringify(kept, null, 2)}\n`, 0o600);
  } catch (error) {
    throw new UserError(`can't be written: ${describeSystemError(error)}`, { code: "FILE_WRITE", file, cause: error });
  }
}
