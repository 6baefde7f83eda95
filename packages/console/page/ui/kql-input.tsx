import { completionAt, KqlError, parseKql, quoteKql } from "@falco-efk/elastic";
import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { timeClauses } from "../data/build-query.ts";
import type { Field } from "../data/fields.ts";
import { formatNumber } from "../data/format-number.ts";
import { search } from "../state/elastic.ts";
import { resolveRange, type TimeRange } from "../time/date-math.ts";
import { Icon } from "./icons.tsx";

interface KqlInputProps {
  readonly text: string;
  readonly fields: readonly Field[];
  readonly index: string;
  /** Values are offered that events of this time have; null: of all times. */
  readonly time: { readonly field: string; readonly range: TimeRange } | null;
  readonly onSubmit: (text: string) => void;
}

interface Suggestion {
  readonly text: string;
  readonly hint: string;
  readonly insert: string;
}

/** The query line: KQL with completion of fields and values, and the place of a mistake pointed at. */
export function KqlInput({ text, fields, index, time, onSubmit }: KqlInputProps): VNode {
  const [draft, setDraft] = useState(text);
  const [offers, setOffers] = useState<{ start: number; list: readonly Suggestion[] } | null>(null);
  const [chosen, setChosen] = useState(-1);
  const input = useRef<HTMLInputElement>(null);
  const asked = useRef(0);
  useEffect(() => setDraft(text), [text]);
  const fault = faultOf(draft);

  const offer = async (value: string, cursor: number): Promise<void> => {
    const turn = ++asked.current;
    const context = completionAt(value, cursor);
    setChosen(-1);
    if (context.kind === "conjunction") return setOffers({ start: context.start, list: CONJUNCTIONS });
    if (context.kind === "field") return setOffers({ start: context.start, list: fieldOffers(fields, context.prefix) });
    const list = await valueOffers({ index, fields, time }, context.field, context.prefix);
    if (turn === asked.current) setOffers({ start: context.start, list });
  };
  const known = fields.length > 0;
  // Who types before the fields are known is offered them once they are.
  useEffect(() => {
    const line = input.current;
    if (known && line !== null && document.activeElement === line) void offer(line.value, line.selectionStart ?? 0);
  }, [known]);
  const take = (suggestion: Suggestion): void => {
    const cursor = input.current?.selectionStart ?? draft.length;
    const start = offers?.start ?? cursor;
    const next = draft.slice(0, start) + suggestion.insert + draft.slice(cursor);
    const place = start + suggestion.insert.length;
    setDraft(next);
    queueMicrotask(() => input.current?.setSelectionRange(place, place));
    input.current?.focus();
    void offer(next, place);
  };
  const submit = (): void => {
    setOffers(null);
    if (fault === null) onSubmit(draft);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const list = offers?.list ?? [];
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && list.length > 0) {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setChosen((chosen + step + list.length + (chosen < 0 && step < 0 ? 1 : 0)) % list.length);
    } else if ((event.key === "Enter" || event.key === "Tab") && list[chosen] !== undefined) {
      event.preventDefault();
      take(list[chosen]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape") setOffers(null);
  };
  const list = offers?.list ?? [];
  return (
    <div class="kql">
      <Icon name="search" />
      <input
        ref={input}
        class="kql-input"
        role="combobox"
        aria-label="Query (KQL)"
        aria-expanded={list.length > 0}
        aria-controls="kql-offers"
        aria-autocomplete="list"
        aria-invalid={fault !== null && list.length === 0}
        {...(chosen >= 0 ? { "aria-activedescendant": `kql-offer-${chosen}` } : {})}
        placeholder='Search, for example  priority: "Critical" and output_fields.proc.name: bash'
        autocomplete="off"
        spellcheck={false}
        value={draft}
        onInput={(event) => {
          setDraft(event.currentTarget.value);
          void offer(event.currentTarget.value, event.currentTarget.selectionStart ?? 0);
        }}
        onFocus={(event) => void offer(draft, event.currentTarget.selectionStart ?? 0)}
        onBlur={() => setTimeout(() => setOffers(null), 150)}
        onKeyDown={onKeyDown}
      />
      {list.length > 0 && (
        <div class="offers" id="kql-offers" role="listbox" aria-label="Suggestions">
          {list.map((suggestion, position) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the input's own.
            <div
              key={suggestion.insert}
              id={`kql-offer-${position}`}
              role="option"
              tabIndex={-1}
              aria-selected={position === chosen}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(suggestion)}
            >
              <span>{suggestion.text}</span>
              <small>{suggestion.hint}</small>
            </div>
          ))}
        </div>
      )}
      {fault !== null && list.length === 0 && (
        <p class="kql-fault" role="alert">
          {fault.message} at character {fault.position + 1}
          {fault.position < draft.length && <code>{draft.slice(fault.position, fault.position + 20)}</code>}
        </p>
      )}
    </div>
  );
}

const CONJUNCTIONS: readonly Suggestion[] = [
  { text: "and", hint: "both must be true", insert: "and " },
  { text: "or", hint: "either may be true", insert: "or " },
];

function faultOf(text: string): KqlError | null {
  try {
    parseKql(text);
    return null;
  } catch (error) {
    return error instanceof KqlError ? error : null;
  }
}

function fieldOffers(fields: readonly Field[], prefix: string): Suggestion[] {
  const wanted = prefix.toLowerCase();
  const own = fields.filter(({ parent }) => parent === null);
  const starts = own.filter(({ name }) => name.toLowerCase().startsWith(wanted));
  const holds = own.filter(
    ({ name }) => !starts.some((field) => field.name === name) && name.toLowerCase().includes(wanted),
  );
  return [...starts, ...holds].slice(0, 12).map(({ name, type }) => ({ text: name, hint: type, insert: `${name}: ` }));
}

async function valueOffers(
  { index, fields, time }: Pick<KqlInputProps, "index" | "fields" | "time">,
  name: string,
  prefix: string,
): Promise<Suggestion[]> {
  const field = fields.find((candidate) => candidate.name === name);
  if (field?.groupBy === null || field === undefined || field.type === "date") return [];
  const range = time === null ? null : resolveRange(time.range, Date.now());
  const inTime = time === null || range === null ? [] : timeClauses({ time: { field: time.field, range } });
  const all = prefix === "" || field.type !== "string";
  try {
    const answer = await search(index, {
      size: 0,
      query: {
        bool: {
          filter: all
            ? inTime
            : [...inTime, { prefix: { [field.groupBy]: { value: prefix, case_insensitive: true } } }],
        },
      },
      aggs: { values: { terms: { field: field.groupBy, size: 10 } } },
    });
    const buckets = answer.aggregations?.values?.buckets;
    const list = Array.isArray(buckets) ? (buckets as { key: string | number; doc_count: number }[]) : [];
    return list.map(({ key, doc_count }) => ({
      text: String(key),
      hint: `${formatNumber(doc_count)} ${doc_count === 1 ? "event" : "events"}`,
      insert: typeof key === "string" ? `${quoteKql(key)} ` : `${key} `,
    }));
  } catch {
    // Completion is a help, not a duty: the query itself will say what is wrong.
    return [];
  }
}
