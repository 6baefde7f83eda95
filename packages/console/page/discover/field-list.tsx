import type { AggregationResult, Bucket, Query } from "@falco-efk/elastic";
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { Field } from "../data/fields.ts";
import { formatShare } from "../data/format-number.ts";
import type { Hit } from "../data/hit.ts";
import { search } from "../state/elastic.ts";
import { errorText } from "../state/http.ts";
import { ShareBar } from "../ui/share-bar.tsx";
import { useLoaded } from "../ui/use-ticking.ts";
import { Value } from "../ui/value.tsx";

interface FieldListProps {
  readonly fields: readonly Field[];
  readonly hits: readonly Hit[];
  readonly columns: readonly string[];
  readonly index: string;
  readonly query: Query | null;
  readonly onColumns: (columns: readonly string[]) => void;
  readonly onFilter: (field: string, value: string, negate: boolean) => void;
}

const MARKS: Readonly<Record<Field["type"], string>> = {
  string: "t",
  number: "#",
  date: "◷",
  boolean: "◐",
  ip: "ip",
  other: "?",
};

/** The fields of the data view: chosen ones, those that the events shown have, and the rest. */
export function FieldList(props: FieldListProps): VNode {
  const { fields, hits, columns } = props;
  const [wanted, setWanted] = useState("");
  const [open, setOpen] = useState<string | null>(null);
  const [unfolded, setUnfolded] = useState(false);
  const present = new Set(hits.flatMap((hit) => [...hit.fields.keys()]));
  const shown = fields
    .filter(({ name, parent }) => parent === null && name.toLowerCase().includes(wanted.toLowerCase()))
    .sort((a, b) => Number(prefixOf(a.name) !== "") - Number(prefixOf(b.name) !== ""));
  const groups = [
    ["Selected", shown.filter(({ name }) => columns.includes(name))],
    ["Available", shown.filter(({ name }) => !columns.includes(name) && present.has(name))],
    ["Not in these events", shown.filter(({ name }) => !columns.includes(name) && !present.has(name))],
  ] as const;
  return (
    <aside class={`field-list ${unfolded ? "unfolded" : ""}`} aria-label="Fields">
      <button type="button" class="button ghost fold" aria-expanded={unfolded} onClick={() => setUnfolded(!unfolded)}>
        {unfolded ? "▾" : "▸"} Fields <b>{fields.filter(({ parent }) => parent === null).length}</b>
      </button>
      <input
        type="search"
        placeholder="Find a field"
        aria-label="Find a field"
        value={wanted}
        onInput={(event) => setWanted(event.currentTarget.value)}
      />
      <div class="field-groups">
        {groups.map(([title, list]) =>
          list.length === 0 ? null : (
            <details key={title} open={title !== "Not in these events" || wanted !== ""}>
              <summary>
                {title} <b>{list.length}</b>
              </summary>
              <ul>
                {list.flatMap((field, position) => [
                  ...headingBefore(field.name, list[position - 1]?.name ?? ""),
                  <FieldItem
                    key={field.name}
                    {...props}
                    field={field}
                    open={open === field.name}
                    onOpen={() => setOpen(open === field.name ? null : field.name)}
                  />,
                ])}
              </ul>
            </details>
          ),
        )}
      </div>
    </aside>
  );
}

/** Falco's own fields stand under one heading, so that their names have room. */
function prefixOf(name: string): string {
  return name.startsWith("output_fields.") ? "output_fields." : "";
}

/** The heading that a field needs which is the first of its kind in the list; hidden from screen readers, which hear whole names. */
function headingBefore(name: string, before: string): readonly VNode[] {
  const prefix = prefixOf(name);
  if (prefix === "" || prefix === prefixOf(before)) return [];
  return [
    <li key={prefix} class="field-prefix" aria-hidden="true">
      {prefix}
    </li>,
  ];
}

interface FieldItemProps extends FieldListProps {
  readonly field: Field;
  readonly open: boolean;
  readonly onOpen: () => void;
}

function FieldItem(props: FieldItemProps): VNode {
  const { field, open, columns } = props;
  const chosen = columns.includes(field.name);
  return (
    <li>
      <div class="field-item">
        <button
          type="button"
          class="field-name"
          aria-expanded={open}
          title={`${field.name} (${field.esType})`}
          onClick={props.onOpen}
        >
          <i class={`mark ${field.type}`} aria-hidden="true">
            {MARKS[field.type]}
          </i>
          <span>
            <span class="hidden">{prefixOf(field.name)}</span>
            {field.name.slice(prefixOf(field.name).length)}
          </span>
        </button>
        <button
          type="button"
          class="field-toggle"
          aria-label={chosen ? `Remove the column ${field.name}` : `Add the column ${field.name}`}
          onClick={() =>
            props.onColumns(chosen ? columns.filter((name) => name !== field.name) : [...columns, field.name])
          }
        >
          {chosen ? "−" : "+"}
        </button>
      </div>
      {open && <TopValues {...props} />}
    </li>
  );
}

function TopValues({ field, index, query, onFilter }: FieldItemProps): VNode {
  const { groupBy } = field;
  const { value, fault } = useLoaded(`${index} ${groupBy} ${JSON.stringify(query)}`, async (signal) => {
    if (groupBy === null || query === null) return null;
    const answer = await search(
      index,
      {
        size: 0,
        query,
        aggs: { top: { terms: { field: groupBy, size: 5 } }, has: { value_count: { field: groupBy } } },
      },
      signal,
    );
    return answer.aggregations ?? null;
  });
  if (groupBy === null) return <p class="top-values">This field can't be grouped.</p>;
  if (fault !== null) return <p class="top-values fault">{errorText(fault)}</p>;
  if (value === null) return <p class="top-values">…</p>;
  const buckets = ((value.top as AggregationResult | undefined)?.buckets ?? []) as readonly Bucket[];
  const total = (value.has as AggregationResult | undefined)?.value ?? 0;
  return (
    <ul class="top-values" aria-label={`Top values of ${field.name}`}>
      {buckets.length === 0 && <li>No value in these events</li>}
      {buckets.map(({ key, key_as_string, doc_count }) => {
        const text = key_as_string ?? String(key);
        return (
          <li key={text}>
            <div>
              <Value value={text} limit={80} />
              <small>{formatShare(doc_count, total)}</small>
              <ShareBar part={doc_count} whole={total} label={text} />
            </div>
            <button type="button" aria-label={`Filter for ${text}`} onClick={() => onFilter(field.name, text, false)}>
              +
            </button>
            <button type="button" aria-label={`Filter out ${text}`} onClick={() => onFilter(field.name, text, true)}>
              −
            </button>
          </li>
        );
      })}
    </ul>
  );
}
