import { testRoad } from "./road.ts";

testRoad({ product: "elasticsearch", version: "8.19.21", password: "road-password" });
