#!/usr/bin/env node
import { keepYoungHeapSmall } from "./young-heap.ts";

// Before anything is loaded: what loading leaves behind is what makes the heap grow.
keepYoungHeapSmall();
const [{ main }, { createProgram }] = await Promise.all([import("@falco-efk/kit"), import("./program.ts")]);
await main(createProgram(process.env));
