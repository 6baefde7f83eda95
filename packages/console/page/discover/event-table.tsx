import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { isPriority } from "../charts/palette.ts";
import { type Hit, valueText } from "../data/hit.ts";
import { formatTime } from "../time/format-time.ts";
import { Value } from "../ui/value.tsx";
import { EventDetails } from "./event-details.tsx";

interface EventTableProps {
  readonly hits: readonly Hit[];
  /** None: a summary of the whole event. */
  readonly columns: readonly string[];
  readonly timeField: string | null;
  readonly sort: { readonly field: string; readonly descending: boolean };
  /** Null where rows are only looked at. */
  readonly onSort: ((field: string) => void) | null;
  readonly onFilter: ((field: string, value: string, negate: boolean) => void) | null;
  readonly onColumns: ((columns: readonly string[]) => void) | null;
}

/** The events as rows; a row opens to all its fields. */
export function EventTable(props: EventTableProps): VNode {
  const { hits, columns, timeField, sort, onSort } = props;
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const toggle = (key: string): void => {
    const next = new Set(open);
    if (!next.delete(key)) next.add(key);
    setOpen(next);
  };
  const shown = columns.length === 0 ? ["_summary"] : columns;
  const header = (name: string, title: string): VNode => (
    <th
      key={name}
      scope="col"
      class={`col-${kindOf(name)}`}
      aria-sort={sort.field === name ? (sort.descending ? "descending" : "ascending") : "none"}
    >
      {onSort === null || name === "_summary" ? (
        title
      ) : (
        <button type="button" onClick={() => onSort(name)}>
          {title} <span aria-hidden="true">{sort.field === name ? (sort.descending ? "↓" : "↑") : ""}</span>
        </button>
      )}
    </th>
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard.
    <section class="event-scroll" tabIndex={0} aria-label="Events">
      <table class="event-table">
        <thead>
          <tr>
            <th class="col-open">
              <span class="hidden">Open</span>
            </th>
            {timeField !== null && header(timeField, "Time")}
            {shown.map((name) => header(name, name === "_summary" ? "Event" : name))}
          </tr>
        </thead>
        <tbody>
          {hits.map((hit) => {
            const key = `${hit.index}/${hit.id}`;
            return (
              <EventRow
                key={key}
                {...props}
                columns={shown}
                hit={hit}
                isOpen={open.has(key)}
                onToggle={() => toggle(key)}
              />
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

interface EventRowProps extends EventTableProps {
  readonly hit: Hit;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

function EventRow(props: EventRowProps): VNode {
  const { hit, columns, timeField, isOpen, onToggle } = props;
  const priority = hit.fields.get("priority");
  const rank = typeof priority === "string" && isPriority(priority) ? `row-${priority.toLowerCase()}` : "";
  return (
    <>
      <tr class={`event-row ${rank} ${isOpen ? "open" : ""}`}>
        <td class="col-open">
          <button
            type="button"
            aria-expanded={isOpen}
            aria-label={isOpen ? "Close the event" : "Open the event"}
            onClick={onToggle}
          >
            <span aria-hidden="true">{isOpen ? "▾" : "▸"}</span>
          </button>
        </td>
        {timeField !== null && <td class="col-time">{timeText(hit, timeField)}</td>}
        {columns.map((name) => (
          <td key={name} class={`col-${kindOf(name)}`} data-label={name}>
            {name === "_summary" ? <Summary hit={hit} /> : <Value value={hit.fields.get(name)} />}
          </td>
        ))}
      </tr>
      {isOpen && (
        <tr class="event-details-row">
          <td colSpan={columns.length + (timeField === null ? 1 : 2)}>
            <EventDetails {...props} />
          </td>
        </tr>
      )}
    </>
  );
}

function timeText(hit: Hit, field: string): string {
  const text = valueText(hit.fields.get(field));
  const time = Date.parse(text);
  return Number.isNaN(time) ? text : formatTime(time);
}

function kindOf(name: string): string {
  if (name === "@timestamp" || name === "time") return "time";
  if (name === "priority" || name === "hostname" || name === "rule") return name;
  return name === "output" || name === "_summary" || name === "message" ? "long" : "text";
}

const SUMMARY = ["priority", "rule", "output"] as const;

function Summary({ hit }: { readonly hit: Hit }): VNode {
  const names = SUMMARY.some((name) => hit.fields.has(name)) ? SUMMARY : [...hit.fields.keys()].slice(0, 8);
  return (
    <div class="summary">
      {names.map((name) => (
        <span key={name}>
          <em>{name}</em> <Value value={hit.fields.get(name)} limit={300} />
        </span>
      ))}
    </div>
  );
}
