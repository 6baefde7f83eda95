import {
  dayTemplate,
  EVENT_NAMES,
  mappingsTemplate,
  type ServerFlavour,
  settingsTemplate,
  type TemplateTarget,
} from "@falco-efk/elastic";
import { type Command, InvalidArgumentError, Option } from "@falco-efk/kit";
import { stringify } from "yaml";
import type { ShipConfig } from "../config/config.ts";
import { secretsOf } from "../config/secrets.ts";

interface TemplateFlags {
  readonly flavour: ServerFlavour;
  readonly esVersion: string;
  readonly shards: number;
  readonly priority: number;
}

/** Adds `export config` and `export template`. */
export function addExportCommands(program: Command, config: () => ShipConfig, hide: (text: string) => string): void {
  const exporting = program.command("export").description("print the configuration in force, or the index template");
  exporting
    .command("config")
    .description("print the configuration with its defaults and without its secrets, as YAML")
    .action(() => {
      const value = config();
      process.stdout.write(stringify(withoutSecrets(value, new Set(secretsOf(value)), hide)));
    });
  exporting
    .command("template")
    .description(
      "print what falco-bootstrap installs for logstash-*, as JSON: two component templates and the index template",
    )
    .addOption(
      new Option("--flavour <server>", "who will have it")
        .choices(["elasticsearch", "opensearch", "store"])
        .default("elasticsearch"),
    )
    .option("--es-version <version>", "the server's version", version, "9.0.0")
    .option("--shards <count>", "primary shards of an index", wholeNumber, 1)
    .option("--priority <number>", "of the index template", wholeNumber, 300)
    .action((flags: TemplateFlags) => {
      process.stdout.write(`${JSON.stringify(templates(flags), null, 2)}\n`);
    });
}

/** Each by the path that it's put to. */
function templates({ flavour, esVersion, shards, priority }: TemplateFlags): Record<string, unknown> {
  const lifecycle = flavour === "elasticsearch" ? "ilm" : flavour === "opensearch" ? "ism" : null;
  const target: TemplateTarget = { flavour, version: esVersion, lifecycle };
  const options = { shards, priority, dataStream: false };
  return {
    [`/_component_template/${EVENT_NAMES.settings}`]: settingsTemplate(target, options),
    [`/_component_template/${EVENT_NAMES.mappings}`]: mappingsTemplate(target),
    [`/_index_template/${EVENT_NAMES.dayIndices}`]: dayTemplate(target, options),
  };
}

/** A secret as a whole, however short, and those within longer texts. */
function withoutSecrets(value: unknown, secrets: ReadonlySet<string>, hide: (text: string) => string): unknown {
  if (typeof value === "string") return secrets.has(value) ? "***" : hide(value);
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, secrets, hide));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutSecrets(item, secrets, hide)]));
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("a whole number is expected");
  return Number(text);
}

function version(text: string): string {
  if (!/^\d+\.\d+(?:\.\d+)?/.test(text)) throw new InvalidArgumentError("a version such as 8.19.0 is expected");
  return text;
}
