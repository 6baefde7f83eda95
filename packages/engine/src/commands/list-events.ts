import { EVENT_TYPES, type EventTypeDefinition } from "@falco-efk/event";
import type { ListFormat } from "./list-fields.ts";

/** The text of `--list-events`: every event type with its parameters. */
export function listEvents(format: ListFormat): string {
  if (format === "json") {
    const events = EVENT_TYPES.map(({ name, category, params }) => ({ name, category, params }));
    return `${JSON.stringify(events, null, 2)}\n`;
  }
  if (format === "markdown") {
    const rows = EVENT_TYPES.map((type) => `\`${type.name}\` | ${type.category} | ${parameters(type)}\n`);
    return `Name | Category | Parameters\n:----|:---------|:----------\n${rows.join("")}`;
  }
  return EVENT_TYPES.map((type) => `${type.name}(${parameters(type)})\n`).join("");
}

function parameters(type: EventTypeDefinition): string {
  return type.params
    .map((param) => `${param.type.toUpperCase()}${param.table === undefined ? "" : `(${param.table})`} ${param.name}`)
    .join(", ");
}
