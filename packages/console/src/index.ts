export type { Console, ConsoleOptions } from "./console-options.ts";
export type { SavedObject, SavedObjectReference } from "./objects/saved-object.ts";
export { startConsole } from "./server.ts";
