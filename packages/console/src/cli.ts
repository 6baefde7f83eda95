#!/usr/bin/env node
import { main } from "@falco-efk/kit";
import { consoleCommand } from "./command.ts";

await main(consoleCommand(process.env));
