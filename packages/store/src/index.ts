export type { RunningStore, StoreOptions } from "./start-store.ts";
export { startStore } from "./start-store.ts";
