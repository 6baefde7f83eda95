import type { ComponentChildren, VNode } from "preact";
import type { Field } from "../data/fields.ts";
import type { ViewQuery } from "../state/view-query.ts";
import { FilterPills } from "./filter-pills.tsx";
import { Icon } from "./icons.tsx";
import { KqlInput } from "./kql-input.tsx";
import { TimePicker } from "./time-picker.tsx";

interface QueryBarProps {
  readonly view: ViewQuery;
  readonly fields: readonly Field[];
  readonly index: string;
  /** The field that the time range is about; null when the index has none. */
  readonly timeField: string | null;
  readonly busy: boolean;
  readonly onChange: (change: Partial<ViewQuery>) => void;
  readonly onRefresh: () => void;
  readonly children?: ComponentChildren;
}

const REFRESH: readonly (readonly [number, string])[] = [
  [0, "Live: off"],
  [2, "Live: 2 s"],
  [5, "Live: 5 s"],
  [10, "Live: 10 s"],
  [30, "Live: 30 s"],
  [60, "Live: 1 min"],
];

/** Query, time and refresh, the same on every page that looks at events. */
export function QueryBar(props: QueryBarProps): VNode {
  const { view, fields, index, timeField, busy, onChange, onRefresh, children } = props;
  return (
    <search class="query-bar">
      <div class="query-line">
        {children}
        <KqlInput
          text={view.text}
          fields={fields}
          index={index}
          time={timeField === null ? null : { field: timeField, range: view.time }}
          onSubmit={(text) => (text === view.text ? onRefresh() : onChange({ text }))}
        />
        <TimePicker time={view.time} onChange={(time) => onChange({ time })} />
        <div class="refresh-choice">
          <select
            aria-label="Live: refresh every"
            value={String(view.refresh)}
            onChange={(event) => onChange({ refresh: Number(event.currentTarget.value) })}
          >
            {REFRESH.map(([seconds, name]) => (
              <option key={seconds} value={String(seconds)}>
                {name}
              </option>
            ))}
          </select>
        </div>
        <button type="button" class={`button primary ${busy ? "busy" : ""}`} onClick={onRefresh}>
          <Icon name="refresh" /> Refresh
        </button>
      </div>
      <FilterPills filters={view.filters} onChange={(filters) => onChange({ filters })} />
    </search>
  );
}
