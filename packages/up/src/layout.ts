import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { describeSystemError, UserError } from "@falco-efk/kit";
import type { ProgramName } from "./programs.ts";

/** Where everything lies below the data folder. */
export interface Layout {
  readonly root: string;
  /** Falco's JSON lines: what the engine writes and the shipper reads. */
  readonly eventsFile: string;
  readonly store: string;
  readonly console: string;
  readonly registry: string;
  readonly deadLetters: string;
  /** What falco-alert remembers. */
  readonly alerts: string;
  /** Secrets that falco-bootstrap makes. */
  readonly keystore: string;
  /** Configuration made anew at every start from the command line's options. */
  readonly generated: string;
  logFile(name: ProgramName): string;
}

/** Makes the folders. Throws UserError (`DATA_FOLDER`) when the folder can't be made or used. */
export function makeLayout(folder: string): Layout {
  const root = resolve(folder);
  const layout: Layout = {
    root,
    eventsFile: join(root, "falco_events.json"),
    store: join(root, "store"),
    console: join(root, "console"),
    registry: join(root, "registry"),
    deadLetters: join(root, "dead-letters.ndjson"),
    alerts: join(root, "falco-alert.db"),
    keystore: join(root, "keystore"),
    generated: join(root, "generated"),
    logFile: (name) => join(root, "logs", `${name}.log`),
  };
  try {
    for (const path of [layout.store, layout.console, layout.generated, join(root, "logs")]) {
      mkdirSync(path, { recursive: true, mode: 0o700 });
    }
  } catch (error) {
    throw new UserError(`the data folder ${root} can't be used: ${describeSystemError(error)}`, {
      code: "DATA_FOLDER",
      hint: "choose another with --data DIR",
      cause: error,
    });
  }
  return layout;
}
