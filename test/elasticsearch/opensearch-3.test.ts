import { testRoad } from "./road.ts";

testRoad({ product: "opensearch", version: "3.8.0" });
