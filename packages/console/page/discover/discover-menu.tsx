import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { toCsv, toNdjson } from "../data/csv.ts";
import { errorText } from "../state/http.ts";
import { go } from "../state/router.ts";
import { Icon } from "../ui/icons.tsx";
import { Popover } from "../ui/popover.tsx";
import { say } from "../ui/toast.tsx";
import { download, exportEvents } from "./export-events.ts";
import type { EventAnswer, EventQuestion } from "./load-events.ts";
import { OpenSearch, SaveSearch, type SearchState, searchLink } from "./saved-searches.tsx";

interface DiscoverMenuProps {
  readonly state: SearchState;
  readonly answer: EventAnswer | null;
  readonly question: Omit<EventQuestion, "range" | "size" | "sort">;
  readonly searchId: string | null;
}

/** What can be done with a search: open, save, export. */
export function DiscoverMenu({ state, answer, question, searchId }: DiscoverMenuProps): VNode {
  const [dialog, setDialog] = useState<"open" | "save" | null>(null);
  const save = async (form: "csv" | "ndjson"): Promise<void> => {
    if (answer === null) return;
    try {
      const { hits, cut } = await exportEvents({ ...question, range: answer.range }, (count) =>
        say(`${count} events read…`),
      );
      const columns = [
        question.view.timeFieldName ?? "@timestamp",
        ...state.columns.filter((name) => name !== question.view.timeFieldName),
      ];
      if (form === "csv") download("falco-events.csv", "text/csv;charset=utf-8", toCsv(hits, columns));
      else download("falco-events.ndjson", "application/x-ndjson", toNdjson(hits));
      say(
        cut === null ? `${hits.length} events exported` : `${hits.length} events exported: ${cut}`,
        cut === null ? "info" : "error",
      );
    } catch (error) {
      say(errorText(error), "error");
    }
  };
  return (
    <div class="menu">
      <button type="button" class="button" onClick={() => setDialog("open")}>
        <Icon name="open" /> Open
      </button>
      <button type="button" class="button" onClick={() => setDialog("save")}>
        <Icon name="save" /> Save
      </button>
      <Popover
        label={
          <>
            <Icon name="download" /> Export
          </>
        }
        name="Export"
        align="right"
      >
        {(close) => (
          <div class="menu-list">
            {(["csv", "ndjson"] as const).map((form) => (
              <button
                key={form}
                type="button"
                class="button ghost"
                onClick={() => {
                  close();
                  void save(form);
                }}
              >
                {form === "csv" ? "CSV, the columns shown" : "NDJSON, whole events"}
              </button>
            ))}
          </div>
        )}
      </Popover>
      {dialog === "open" && <OpenSearch onClose={() => setDialog(null)} />}
      {dialog === "save" && (
        <SaveSearch
          state={state}
          id={searchId}
          onClose={() => setDialog(null)}
          onSaved={(object) => go(searchLink(object), { replace: true })}
        />
      )}
    </div>
  );
}
