#!/usr/bin/env node
import { main } from "@falco-efk/kit";
import { generateCommand } from "./command.ts";

await main(generateCommand());
