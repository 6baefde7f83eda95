import type { VNode } from "preact";
import { formatNumber } from "../data/format-number.ts";
import type { Json } from "../data/json.ts";
import { Value } from "../ui/value.tsx";

/** Every figure that a station gives of itself, folded away. */
export function AllFigures({ title, figures }: { readonly title: string; readonly figures: Json }): VNode {
  return (
    <details class="box all-figures">
      <summary>{title}</summary>
      <dl>
        {leaves(figures, "").map(([name, figure]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{typeof figure === "number" ? formatNumber(figure) : <Value value={figure} limit={80} />}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** The leaves of a report under readable names: `events.perSecond` is `events per second`. Plain lists are counted. */
function leaves(value: Json, path: string): (readonly [string, Json])[] {
  if (value === null || typeof value !== "object") return [[path, value]];
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    return items.every((item) => item === null || typeof item !== "object")
      ? [[path, items.length]]
      : items.flatMap((item, index) => leaves(item, `${path} ${index + 1}`));
  }
  return Object.entries(value).flatMap(([key, item]) => leaves(item, `${path} ${readable(key)}`.trim()));
}

function readable(key: string): string {
  return /\s|\//.test(key)
    ? key
    : key
        .replaceAll("_", " ")
        .replace(/([a-z])([A-Z])/g, "$1 $2")
        .toLowerCase();
}
