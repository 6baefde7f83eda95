import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { call, errorText } from "../state/http.ts";
import { go } from "../state/router.ts";
import { loadFields, loadSession } from "../state/session.ts";
import { say } from "../ui/toast.tsx";
import { useLoaded } from "../ui/use-ticking.ts";

/** Creates a data view in two steps, as Kibana's users know them: the index pattern, then its time field. */
export function NewDataView(): VNode {
  const [title, setTitle] = useState("logstash*");
  const [step, setStep] = useState<"pattern" | "time">("pattern");
  const {
    value: fields,
    fault,
    busy,
  } = useLoaded(title, () => (title === "" ? Promise.resolve([]) : loadFields(title)));
  const dates = (fields ?? []).filter(({ type }) => type === "date");
  const [chosen, setChosen] = useState<string | null>(null);
  const time = chosen ?? dates.find(({ name }) => name === "@timestamp")?.name ?? dates[0]?.name ?? "";
  const found = fault === null && (fields?.length ?? 0) > 0;
  const create = async (): Promise<void> => {
    try {
      const answer = await call<{ data_view: { id: string } }>("POST", "/api/data_views/data_view", {
        data_view: { title, name: title, ...(time === "" ? {} : { timeFieldName: time }) },
      });
      await loadSession();
      say(`${title} is created`);
      go(`/app/discover?view=${encodeURIComponent(answer.data_view.id)}`);
    } catch (error) {
      say(errorText(error), "error");
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    if (step === "pattern") setStep("time");
    else void create();
  };
  return (
    <div class="page narrow">
      <h1>Create a data view</h1>
      <form class="box stack" onSubmit={submit}>
        <label>
          Index pattern
          <input
            required
            spellcheck={false}
            value={title}
            onInput={(event) => {
              setTitle(event.currentTarget.value.trim());
              setStep("pattern");
            }}
          />
        </label>
        <p class="hint" aria-live="polite">
          {busy
            ? "Looking…"
            : fault !== null
              ? errorText(fault)
              : found
                ? `Matches indices with ${fields?.length} fields.`
                : "No index matches yet. The data view can be made all the same."}
        </p>
        {step === "time" && (
          <label>
            Time field
            <select value={time} onChange={(event) => setChosen(event.currentTarget.value)}>
              {dates.map(({ name }) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
              {dates.length === 0 && <option value="@timestamp">@timestamp</option>}
              <option value="">I don't want to use a time field</option>
            </select>
          </label>
        )}
        <button type="submit" class="button primary">
          {step === "pattern" ? "Next step" : "Create index pattern"}
        </button>
      </form>
    </div>
  );
}
