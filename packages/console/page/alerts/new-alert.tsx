import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { call, errorText } from "../state/http.ts";
import { Dialog } from "../ui/dialog.tsx";
import { say } from "../ui/toast.tsx";
import { useLoaded } from "../ui/use-ticking.ts";

interface NewAlertProps {
  readonly onClose: () => void;
  readonly onAdded: () => void;
}

/** Adds a threshold: more than so many events in so long, and who is told. */
export function NewAlert({ onClose, onAdded }: NewAlertProps): VNode {
  const { value, fault } = useLoaded("recipients", () =>
    call<{ recipients: readonly { name: string; type: string }[] }>("GET", "/api/console/alerts/recipients"),
  );
  const [draft, setDraft] = useState({ name: "", count: 1000, minutes: 5, filter: "" });
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      await call("POST", "/api/console/alerts/rules", {
        name: draft.name,
        when: `count above ${draft.count} in the last ${draft.minutes} minutes`,
        ...(draft.filter === "" ? {} : { filter: draft.filter }),
        recipients: chosen,
      });
      say(`${draft.name} is added`);
      onAdded();
      onClose();
    } catch (error) {
      say(errorText(error), "error");
    }
  };
  return (
    <Dialog title="Add a threshold" onClose={onClose}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <label>
          Name
          <input
            required
            maxLength={200}
            value={draft.name}
            onInput={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
          />
        </label>
        <div class="pair">
          <label>
            More than this many events
            <input
              type="number"
              min="0"
              required
              value={draft.count}
              onInput={(event) => setDraft({ ...draft, count: Number(event.currentTarget.value) })}
            />
          </label>
          <label>
            in minutes
            <input
              type="number"
              min="1"
              required
              value={draft.minutes}
              onInput={(event) => setDraft({ ...draft, minutes: Number(event.currentTarget.value) })}
            />
          </label>
        </div>
        <label>
          Only events that match (KQL)
          <input
            value={draft.filter}
            placeholder='priority: "Critical"'
            onInput={(event) => setDraft({ ...draft, filter: event.currentTarget.value })}
          />
        </label>
        <fieldset class="form-box">
          <legend>Recipients</legend>
          {(value?.recipients ?? []).map(({ name, type }) => (
            <label class="check" key={name}>
              <input
                type="checkbox"
                checked={chosen.includes(name)}
                onChange={(event) =>
                  setChosen(event.currentTarget.checked ? [...chosen, name] : chosen.filter((other) => other !== name))
                }
              />
              {name} ({type})
            </label>
          ))}
          {value?.recipients.length === 0 && (
            <p class="hint">falco-alert has no recipients: name them in its alerts.yml.</p>
          )}
          {fault !== null && <p class="fault">{errorText(fault)}</p>}
        </fieldset>
        <button type="submit" class="button primary" disabled={chosen.length === 0}>
          Save
        </button>
      </form>
    </Dialog>
  );
}
