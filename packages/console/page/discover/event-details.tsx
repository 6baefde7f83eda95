import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { type Hit, valueText } from "../data/hit.ts";
import { stringifyJson } from "../data/json.ts";
import { safeText, shorten } from "../data/safe-text.ts";
import { Icon } from "../ui/icons.tsx";
import { say } from "../ui/toast.tsx";
import { Value } from "../ui/value.tsx";

interface EventDetailsProps {
  readonly hit: Hit;
  readonly columns: readonly string[];
  readonly onFilter: ((field: string, value: string, negate: boolean) => void) | null;
  readonly onColumns: ((columns: readonly string[]) => void) | null;
}

const JSON_LIMIT = 100_000;

/** All of an event: as fields, each with its filter buttons, or as JSON. */
export function EventDetails({ hit, columns, onFilter, onColumns }: EventDetailsProps): VNode {
  const [form, setForm] = useState<"fields" | "json">("fields");
  const copy = (): void => {
    navigator.clipboard.writeText(stringifyJson(hit.source, 2)).then(
      () => say("The event is copied"),
      () => say("The browser doesn't allow copying", "error"),
    );
  };
  return (
    <div class="event-details">
      <div class="tabs">
        <button type="button" aria-pressed={form === "fields"} onClick={() => setForm("fields")}>
          Fields
        </button>
        <button type="button" aria-pressed={form === "json"} onClick={() => setForm("json")}>
          JSON
        </button>
        <button type="button" onClick={copy}>
          Copy
        </button>
        <code>
          {hit.index} / {hit.id}
        </code>
      </div>
      {form === "json" ? (
        <JsonView hit={hit} />
      ) : (
        <FieldTable hit={hit} columns={columns} onFilter={onFilter} onColumns={onColumns} />
      )}
    </div>
  );
}

function JsonView({ hit }: { readonly hit: Hit }): VNode {
  const { text, length } = shorten(stringifyJson(hit.source, 2), JSON_LIMIT);
  return (
    <pre class="json">
      <bdi>{safeText(text)}</bdi>
      {length !== null && `\n… (${length} characters in all; Copy takes the whole)`}
    </pre>
  );
}

function FieldTable({ hit, columns, onFilter, onColumns }: EventDetailsProps): VNode {
  return (
    <table class="fields-table">
      <tbody>
        {[...hit.fields].map(([name, value]) => {
          const text = valueText(value);
          const chosen = columns.includes(name);
          const own = columns.filter((column) => column !== "_summary");
          // One filter a value: a list is filtered by its first.
          const single = Array.isArray(value) ? valueText(value[0]) : text;
          const canFilter = onFilter !== null && single !== "" && single.length <= 8_000;
          return (
            <tr key={name}>
              <td class="actions">
                {canFilter && (
                  <>
                    <button
                      type="button"
                      title="Filter for this value"
                      aria-label={`Filter for ${name}`}
                      onClick={() => onFilter(name, single, false)}
                    >
                      <Icon name="zoomIn" />
                    </button>
                    <button
                      type="button"
                      title="Filter out this value"
                      aria-label={`Filter out ${name}`}
                      onClick={() => onFilter(name, single, true)}
                    >
                      <Icon name="zoomOut" />
                    </button>
                  </>
                )}
                {onColumns !== null && (
                  <button
                    type="button"
                    aria-pressed={chosen}
                    title={chosen ? "Remove the column" : "Show as a column"}
                    aria-label={`${chosen ? "Remove" : "Show"} the column ${name}`}
                    onClick={() => onColumns(chosen ? own.filter((column) => column !== name) : [...own, name])}
                  >
                    <Icon name="column" />
                  </button>
                )}
              </td>
              <th scope="row">{safeText(name)}</th>
              <td>
                <Value value={value} limit={5_000} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
