export * from "../../src/testing/bulk-sink.ts";
