import { lockPath } from "@falco-efk/kit";

/** Holds a data directory for this process. Throws UserError (`STORE_LOCKED`) when another process has it. */
export function lockData(directory: string): Promise<() => Promise<void>> {
  return lockPath(directory, {
    message: "another store has this data directory open",
    code: "STORE_LOCKED",
    hint: "stop it, or give another directory with --data",
  });
}
