import type { Action, Unprovoked } from "../action.ts";
import { CONTAINER_ACTIONS } from "./containers.ts";
import { FILE_ACTIONS } from "./files.ts";
import { PROCESS_ACTIONS } from "./processes.ts";

/** Every action, in the order in which they are performed. */
export const ACTIONS: readonly Action[] = [...FILE_ACTIONS, ...PROCESS_ACTIONS, ...CONTAINER_ACTIONS];

/** Rules of the default set without an action. */
export const UNPROVOKED: readonly Unprovoked[] = [
  {
    rule: "Linux Kernel Module Injection Detected",
    reason: "the rule asks for a module that was really loaded, which is not harmless",
  },
];
