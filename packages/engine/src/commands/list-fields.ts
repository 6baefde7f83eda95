import type { FieldDefinition } from "@falco-efk/event";
import { UserError } from "@falco-efk/kit";
import { twoColumns } from "./text-columns.ts";

export type ListFormat = "text" | "markdown" | "json";

/** How `--list` shows fields. */
export interface ListFieldsOptions {
  readonly format: ListFormat;
  readonly namesOnly: boolean;
  /** The event source that was asked for; only `syscall` exists. */
  readonly source: string | null;
}

/** The text of `--list`: every field, by class. Throws UserError (`UNKNOWN_SOURCE`). */
export function listFields(definitions: readonly FieldDefinition[], options: ListFieldsOptions): string {
  if (options.source !== null && options.source !== "syscall") {
    throw new UserError(`unknown event source ${options.source}`, {
      code: "UNKNOWN_SOURCE",
      hint: "the only source is syscall",
    });
  }
  if (options.namesOnly) return lines(definitions.map((field) => field.name));
  if (options.format === "json") return `${JSON.stringify(definitions.map(asJson), null, 2)}\n`;
  const classes = Map.groupBy(definitions, (field) => field.class);
  return [...classes].map(([name, fields]) => classText(name, fields, options.format)).join("\n");
}

function classText(name: string, fields: readonly FieldDefinition[], format: ListFormat): string {
  if (format === "markdown") {
    const rows = fields.map((field) => `\`${field.name}\` | ${field.type} | ${remark(field).replaceAll("|", "\\|")}`);
    return lines([`## Field Class: ${name}`, "", "Name | Type | Description", ":----|:-----|:-----------", ...rows]);
  }
  const rows = fields.map((field) => twoColumns(field.name, `(${field.type}) ${remark(field)}`, 30, 110));
  return lines(["-".repeat(31), `Field Class:                   ${name}`, "", ...rows]);
}

function remark(field: FieldDefinition): string {
  const argument = {
    none: "",
    "optional-index": "[N]",
    "required-index": "[N] needed",
    "optional-key": "[KEY]",
    "required-key": "[KEY] needed",
  };
  const notes = [
    argument[field.argument] === "" ? "" : `argument ${argument[field.argument]}`,
    field.list ? "list" : "",
    field.deprecated === true ? "deprecated" : "",
    field.outputOnly === true ? "output only" : "",
    field.unsupported === undefined ? "" : `not available: ${field.unsupported}`,
  ].filter((note) => note !== "");
  return notes.length === 0 ? field.description : `${field.description} (${notes.join("; ")})`;
}

function asJson(field: FieldDefinition): object {
  return {
    name: field.name,
    class: field.class,
    type: field.type,
    list: field.list,
    argument: field.argument,
    description: field.description,
    deprecated: field.deprecated ?? false,
    output_only: field.outputOnly ?? false,
    unsupported: field.unsupported ?? null,
  };
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join("");
}
