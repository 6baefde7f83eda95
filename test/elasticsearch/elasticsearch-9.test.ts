import { testRoad } from "./road.ts";

testRoad({ product: "elasticsearch", version: "9.5.3", password: "road-password", tls: true });
