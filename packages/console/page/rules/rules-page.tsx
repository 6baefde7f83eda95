import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { formatNumber } from "../data/format-number.ts";
import { errorText } from "../state/http.ts";
import { go, place } from "../state/router.ts";
import { readViewQuery, withViewQuery } from "../state/view-query.ts";
import { TimePicker } from "../ui/time-picker.tsx";
import { useLoaded } from "../ui/use-ticking.ts";
import { loadFiredRules, loadLoadedRules } from "./load-rules.ts";
import { RuleLine } from "./rule-line.tsx";
import { filterRules, type LoadedRules, mergeRules } from "./rule-rows.ts";

/** Every rule: what the engine has loaded, and how often each fired in the time range. */
export function RulesPage(): VNode {
  const { query } = place.value;
  const { time } = readViewQuery(query);
  const [text, setText] = useState("");
  const [firedOnly, setFiredOnly] = useState(false);
  const loaded = useLoaded("loaded", loadLoadedRules);
  const fired = useLoaded(JSON.stringify(time), (signal) => loadFiredRules(time, signal));
  const fault = loaded.fault ?? fired.fault;
  const all = mergeRules(loaded.value?.state === "ok" ? loaded.value.rules : [], fired.value ?? []);
  const rows = filterRules(all, text).filter(({ count }) => !firedOnly || count > 0);
  const ready = loaded.value !== null && fired.value !== null;
  return (
    <div class="page">
      <header class="page-head">
        <h1>Rules</h1>
        <div class="menu">
          <TimePicker time={time} onChange={(next) => go(`/app/rules?${withViewQuery(query, { time: next })}`)} />
        </div>
      </header>
      {fault !== null && <p class="fault">{errorText(fault)}</p>}
      <Advice loaded={loaded.value} />
      <div class="rules-bar">
        <input
          type="search"
          aria-label="Search in the rules"
          placeholder="Search by name, tag, condition…"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <label class="check">
          <input type="checkbox" checked={firedOnly} onChange={(event) => setFiredOnly(event.currentTarget.checked)} />
          Only rules that fired
        </label>
        <p class="hint" aria-live="polite">
          {ready &&
            `${formatNumber(rows.length)} of ${formatNumber(all.length)} rules, ${formatNumber(all.filter(({ count }) => count > 0).length)} fired`}
        </p>
      </div>
      {rows.length > 0 && (
        <ul class="rules">
          {rows.map((row) => (
            <RuleLine key={row.name} row={row} time={time} />
          ))}
        </ul>
      )}
      {ready && rows.length === 0 && (
        <p class="empty big">
          {all.length === 0
            ? "No rule is known: no event lies in this time range. Widen the time range."
            : "No rule matches. Clear the search, or widen the time range."}
        </p>
      )}
    </div>
  );
}

function Advice({ loaded }: { readonly loaded: LoadedRules | null }): VNode | null {
  if (loaded === null || loaded.state === "ok") return null;
  return (
    <p class="hint">
      {loaded.state === "absent"
        ? "Only rules that fired are listed. Start the console with --engine-url http://127.0.0.1:8765 to see all that are loaded."
        : `Only rules that fired are listed, because the engine can't be asked: ${loaded.reason}.`}
    </p>
  );
}
