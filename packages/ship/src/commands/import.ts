import { type Command, readConfigDocument, UserError } from "@falco-efk/kit";
import { stringify } from "yaml";
import { expandDots } from "../config/dotted.ts";
import { fromFilebeat, isFilebeat } from "../config/filebeat.ts";
import { checkConfig } from "../config/load.ts";

/** Adds `import`: a `filebeat.yml` as a `ship.yml`. */
export function addImportCommand(program: Command): void {
  program
    .command("import")
    .description("print a filebeat.yml as a ship.yml; what has no counterpart is listed on standard error")
    .argument("<file>")
    .action((file: string) => {
      // References such as ${NAME} stay as they are: a secret never gets into the new file.
      const value = expandDots(readConfigDocument(file).value);
      if (!isFilebeat(value)) {
        throw new UserError("is not a filebeat.yml: it has no filebeat.inputs", { code: "IMPORT", file });
      }
      const { config, dropped } = fromFilebeat(value as Record<string, unknown>);
      checkConfig(config);
      process.stdout.write(stringify(config));
      for (const key of dropped) process.stderr.write(`not carried over: ${key}\n`);
    });
}
