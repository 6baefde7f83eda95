import type { VNode } from "preact";
import { describeFilter, type Filter } from "../data/filter.ts";
import { safeText, shorten } from "../data/safe-text.ts";

interface FilterPillsProps {
  readonly filters: readonly Filter[];
  readonly onChange: (filters: readonly Filter[]) => void;
}

/** The filters in force. A pill is turned around, off or away with its three buttons. */
export function FilterPills({ filters, onChange }: FilterPillsProps): VNode | null {
  if (filters.length === 0) return null;
  const change = (at: number, next: Filter | null): void =>
    onChange(filters.flatMap((filter, position) => (position !== at ? [filter] : next === null ? [] : [next])));
  return (
    <ul class="pills" aria-label="Filters">
      {filters.map((filter, position) => {
        const words = safeText(shorten(describeFilter(filter), 80).text);
        return (
          <li key={words} class={`pill ${filter.disabled ? "off" : ""} ${filter.negate ? "not" : ""}`}>
            <span>{words}</span>
            <button
              type="button"
              aria-label={`Turn around ${words}`}
              title="include / exclude"
              onClick={() => change(position, { ...filter, negate: !filter.negate })}
            >
              ±
            </button>
            <button
              type="button"
              aria-label={`${filter.disabled ? "Switch on" : "Switch off"} ${words}`}
              title="on / off"
              onClick={() => change(position, { ...filter, disabled: !filter.disabled })}
            >
              {filter.disabled ? "○" : "●"}
            </button>
            <button type="button" aria-label={`Remove ${words}`} title="remove" onClick={() => change(position, null)}>
              ✕
            </button>
          </li>
        );
      })}
      {filters.length > 1 && (
        <li>
          <button type="button" class="button ghost small" onClick={() => onChange([])}>
            Clear all
          </button>
        </li>
      )}
    </ul>
  );
}
