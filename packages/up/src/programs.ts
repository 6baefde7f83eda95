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

/** What a program's own first line gives Node when it is started by its name, and which we therefore give it here. */
const SETTINGS: Partial<Readonly<Record<ProgramName, NodeSettings>>> = {
  "falco-store": {
    flags: ["--max-semi-space-size=4", "--max-old-space-size=900"],
    environment: { MALLOC_ARENA_MAX: "2", MALLOC_MMAP_THRESHOLD_: "65536" },
  },
};

interface NodeSettings {
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Variables that a program needs in its environment. */
export function programEnvironment(name: ProgramName): Readonly<Record<string, string>> {
  return SETTINGS[name]?.environment ?? {};
}

/**
 * The arguments by which this very Node runs a program of the suite: its command line module lies beside the package's
 * entry, as source in a checkout and as JavaScript in an installed package.
 */
export function programArguments(name: ProgramName): string[] {
  const entry = import.meta.resolve(MODULES[name]);
  const extension = entry.endsWith(".ts") ? "ts" : "js";
  const leash = new URL(`leash.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url);
  const flags = [`--import=${leash.href}`, ...(SETTINGS[name]?.flags ?? [])];
  return [...process.execArgv, ...flags, fileURLToPath(new URL(`cli.${extension}`, entry))];
}
