import { testRoad } from "./road.ts";

// Of the three servers this one is asked in the long form alone, to keep the short one short.
if (process.env["FALCO_EFK_LONG"] !== undefined) testRoad({ product: "opensearch", version: "3.8.0" });
