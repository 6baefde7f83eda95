#!/usr/bin/env node
import { main } from "@falco-efk/kit";
import { createProgram } from "./program.ts";

await main(createProgram(process.env));
