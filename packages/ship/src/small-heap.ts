import { setFlagsFromString } from "node:v8";

// The shipper's data lives in buffers outside the heap; what the heap sees is short-lived and small. Without this the
// young generation grows to tens of megabytes for nothing. Imported first, before the heap has grown.
setFlagsFromString("--max-semi-space-size=2");
setFlagsFromString("--semi-space-growth-factor=1");
