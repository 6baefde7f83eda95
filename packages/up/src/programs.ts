import { fileURLToPath } from "node:url";

/** The suite's programs that `up` runs as children. */
export type ProgramName =
  | "falco-store"
  | "falco-console"
  | "falco-bootstrap"
  | "falco-engine"
  | "falco-ship"
  | "falco-alert"
  | "falco-generate";

const MODULES: Readonly<Record<ProgramName, string>> = {
  "falco-store": "@falco-efk/store",
  "falco-console": "@falco-efk/console",
  "falco-bootstrap": "@falco-efk/bootstrap",
  "falco-engine": "@falco-efk/engine",
  "falco-ship": "@falco-efk/ship",
  "falco-alert": "@falco-efk/alerts",
  "falco-generate": "@falco-efk/generate",
};

/**
 * The arguments by which this very Node runs a program of the suite: its command line module lies beside the package's
 * entry, as source in a checkout and as JavaScript in an installed package.
 */
export function programArguments(name: ProgramName): string[] {
  const entry = import.meta.resolve(MODULES[name]);
  const extension = entry.endsWith(".ts") ? "ts" : "js";
  return [...process.execArgv, fileURLToPath(new URL(`cli.${extension}`, entry))];
}
