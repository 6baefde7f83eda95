import { readFileSync, writeFileSync } from "node:fs";
import { type Command, describeSystemError, parseConfigDocument, systemErrorCode, UserError } from "@falco-efk/kit";
import { stringify } from "yaml";
import { expandDots, pathInFile } from "../config/dotted.ts";
import { fromFilebeat, isFilebeat } from "../config/filebeat.ts";
import { convertFluentd, tell } from "../config/fluentd/convert.ts";
import { readFluentd } from "../config/fluentd/read.ts";
import { checkConfig } from "../config/load.ts";

/** A configuration of ours, and a line for each thing that couldn't be carried over. */
interface Imported {
  readonly config: Record<string, unknown>;
  readonly lost: readonly string[];
}

/** Adds `import`: a `filebeat.yml` or `fluent.conf` as a `ship.yml`. */
export function addImportCommand(program: Command): void {
  program
    .command("import")
    .description(
      "turn a filebeat.yml or fluent.conf into a ship.yml; what has no counterpart is listed on standard error",
    )
    .argument("<file>", "filebeat.yml or fluent.conf")
    .option("-o, --output <file>", "write it there instead of printing it; an existing file is kept")
    .action((file: string, options: { output?: string }) => {
      const { config, lost } = importConfig(file);
      checkConfig(config);
      const text = stringify(config, { lineWidth: 0 });
      if (options.output === undefined) process.stdout.write(text);
      else writeNew(options.output, text);
      for (const line of lost) process.stderr.write(`${line}\n`);
      const count = lost.length === 0 ? "everything was carried over" : `${lost.length} not carried over`;
      process.stderr.write(
        `${file}: ${options.output === undefined ? "" : `written to ${options.output}; `}${count}\n`,
      );
    });
}

function importConfig(file: string): Imported {
  const text = readText(file);
  if (/^\s*<\s*(?:source|match|filter|label|system)\b/m.test(text) || file.endsWith(".conf")) {
    const { config, lost } = convertFluentd(readFluentd(file));
    return { config, lost: lost.map(tell) };
  }
  // References such as ${NAME} stay as they are: a secret never gets into the new file.
  const document = parseConfigDocument(text, file);
  const value = expandDots(document.value);
  if (!isFilebeat(value)) {
    throw new UserError("is neither a filebeat.yml nor a fluent.conf", {
      code: "IMPORT",
      file,
      hint: "filebeat.inputs or <source> is expected in it",
    });
  }
  const { config, dropped } = fromFilebeat(value as Record<string, unknown>);
  const lost = dropped.map((key) => {
    const path = key.split(/[.[\]]+/).map((part) => (/^\d+$/.test(part) ? Number(part) : part));
    const line = document.position(pathInFile(document.value, path))?.line ?? 1;
    return `${file}:${line}: ${key}: it has no counterpart`;
  });
  return { config, lost };
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`can't be read: ${describeSystemError(error)}`, { code: "FILE_READ", file, cause: error });
  }
}

function writeNew(file: string, text: string): void {
  try {
    // A password may stand in it.
    writeFileSync(file, text, { mode: 0o600, flag: "wx" });
  } catch (error) {
    const message = systemErrorCode(error) === "EEXIST" ? "is there already" : describeSystemError(error);
    throw new UserError(message, { code: "IMPORT_WRITE", file, hint: "name another file", cause: error });
  }
}
