import { lockPath } from "@falco-efk/kit";

/** Keeps a state file for this process: two that send would both send every message. Throws UserError (`STATE_LOCKED`). */
export function lockState(file: string): Promise<() => Promise<void>> {
  return lockPath(file, {
    message: "is in use by another falco-alert, and both would send every message",
    code: "STATE_LOCKED",
    hint: "stop it first, or give this one another --state",
  });
}
