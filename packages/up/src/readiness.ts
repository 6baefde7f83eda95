import { createServer } from "node:net";
import { listenError, UserError } from "@falco-efk/kit";
import { type Child, failure } from "./child.ts";

/** Throws UserError (`LISTEN`) when something else listens on the port already. */
export async function assertPortFree(host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => reject(listenError(error, host, port)));
    server.listen(port, host, () => server.close(() => resolve()));
  });
}

/**
 * Waits until `url` answers 2xx. Throws UserError when the program ends first (with its last words) or doesn't answer
 * within `timeoutMs`.
 */
export async function untilReady(
  child: Child,
  url: string,
  options: { readonly logFile: string; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  let code: number | null = null;
  void child.ended.then((value) => {
    code = value;
  });
  const deadline = Date.now() + options.timeoutMs;
  while (!options.signal.aborted) {
    if (await answers(url)) return;
    if (code !== null) throw failure(child.name, code, options.logFile);
    if (Date.now() > deadline) {
      throw new UserError(`${child.name} did not answer at ${url} within ${options.timeoutMs / 1000} s`, {
        code: "NOT_READY",
        hint: `its log is ${options.logFile}`,
      });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
