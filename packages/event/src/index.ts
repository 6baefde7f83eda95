export * from "./alert.ts";
export * from "./event-types.ts";
export * from "./field.ts";
export * from "./priority.ts";
export * from "./pushdown.ts";
export * from "./record.ts";
export * from "./source.ts";
