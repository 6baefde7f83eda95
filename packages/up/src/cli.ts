#!/usr/bin/env node
import { main } from "@falco-efk/kit";
import { efkCommand } from "./command.ts";

await main(efkCommand());
