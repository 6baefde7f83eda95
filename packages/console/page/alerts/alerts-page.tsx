import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { formatNumber } from "../data/format-number.ts";
import { call, errorText } from "../state/http.ts";
import { info } from "../state/session.ts";
import { formatShort } from "../time/format-time.ts";
import { ConfirmButton } from "../ui/confirm.tsx";
import { Icon } from "../ui/icons.tsx";
import { say } from "../ui/toast.tsx";
import { useLoaded, useTicking } from "../ui/use-ticking.ts";
import { Value } from "../ui/value.tsx";
import { NewAlert } from "./new-alert.tsx";

interface AlertRule {
  readonly name: string;
  readonly origin: string;
  readonly when: string;
  readonly filter?: string;
  /** The least severe priority that counts. */
  readonly priority?: string;
  readonly rules?: readonly string[];
  readonly recipients: readonly string[];
  readonly state: {
    readonly status: "unknown" | "firing" | "ok";
    readonly value: number | null;
    readonly evaluated: string | null;
    readonly error: string | null;
  };
}

interface HistoryEntry {
  readonly id: string;
  readonly time: string;
  readonly rule: string;
  readonly kind: string;
  readonly value: number;
  readonly deliveries: readonly { readonly recipient: string; readonly state: string; readonly error: string | null }[];
}

const API = "/api/console/alerts";
const REFRESH_SECONDS = 10;

/** Thresholds over the events, who is told, and what was sent. falco-alert owns them; this page asks it. */
export function AlertsPage(): VNode {
  const [turn, reload] = useTicking(REFRESH_SECONDS);
  const [adding, setAdding] = useState(false);
  const { value, fault } = useLoaded(`alerts ${turn} ${info.value?.alerts}`, async () => {
    if (info.value?.alerts !== true) return null;
    const [rules, history] = await Promise.all([
      call<{ rules: readonly AlertRule[] }>("GET", `${API}/rules`),
      call<{ entries: readonly HistoryEntry[] }>("GET", `${API}/history?limit=50`),
    ]);
    return { rules: rules.rules, history: history.entries };
  });
  if (info.value?.alerts === false) {
    return (
      <div class="blank">
        <h1>Alerts</h1>
        <p>falco-alert watches thresholds and tells people. Start it, then start the console with where it listens:</p>
        <p>
          <code>falco-alert run --config alerts.yml</code>
        </p>
        <p>
          <code>falco-console --alerts-url http://127.0.0.1:5602</code>
        </p>
      </div>
    );
  }
  return (
    <div class="page">
      <header class="page-head">
        <h1>Alerts</h1>
        <button type="button" class="button primary" onClick={() => setAdding(true)}>
          <Icon name="plus" /> Add threshold
        </button>
      </header>
      {fault !== null && <p class="fault">{errorText(fault)}</p>}
      <ul class="cards">
        {(value?.rules ?? []).map((rule) => (
          <li key={rule.name}>
            <Rule rule={rule} onChange={reload} />
          </li>
        ))}
      </ul>
      {value?.rules.length === 0 && (
        <p class="empty big">
          No threshold yet. Add one to be told when more events than you expect come within a time.
        </p>
      )}
      {(value?.history.length ?? 0) > 0 && <History entries={value?.history ?? []} />}
      {adding && <NewAlert onClose={() => setAdding(false)} onAdded={reload} />}
    </div>
  );
}

function Rule({ rule, onChange }: { readonly rule: AlertRule; readonly onChange: () => void }): VNode {
  const path = `${API}/rules/${encodeURIComponent(rule.name)}`;
  const { status, value, error } = rule.state;
  const test = async (): Promise<void> => {
    try {
      const { deliveries } = await call<{ deliveries: HistoryEntry["deliveries"] }>("POST", `${path}/test`, {});
      const bad = deliveries.filter(({ state }) => state !== "sent");
      say(
        bad.length === 0
          ? "The sample message is sent"
          : bad.map(({ recipient, error: why }) => `${recipient}: ${why ?? "not sent"}`).join("; "),
        bad.length === 0 ? "info" : "error",
      );
    } catch (failure) {
      say(errorText(failure), "error");
    }
  };
  const remove = async (): Promise<void> => {
    try {
      await call("DELETE", path);
      onChange();
    } catch (failure) {
      say(errorText(failure), "error");
    }
  };
  return (
    <section class="box" aria-label={rule.name}>
      <header>
        <h2>
          <Value value={rule.name} />
        </h2>
        <span class={`state ${status === "ok" ? "ok" : status === "firing" ? "down" : ""}`}>{status}</span>
      </header>
      <p>
        {rule.when}
        {rule.priority !== undefined && `, ${rule.priority} and more severe`}
        {rule.rules !== undefined && `, only ${rule.rules.join(", ")}`}
        {rule.filter !== undefined && (
          <>
            {", "}
            <code>{rule.filter}</code>
          </>
        )}
      </p>
      <div>
        <p class="hint">
          {value === null ? "Not looked at yet" : `Now at ${formatNumber(value)}`} · tells {rule.recipients.join(", ")}
        </p>
        {error !== null && <p class="fault">{error}</p>}
      </div>
      <div class="menu">
        <button type="button" class="button small" onClick={() => void test()}>
          Send a sample message now
        </button>
        {rule.origin !== "file" && (
          <ConfirmButton
            small
            label="Delete"
            about={rule.name}
            question={`Delete ${rule.name}?`}
            onConfirm={() => void remove()}
          >
            Nobody is told any more when this threshold is crossed.
          </ConfirmButton>
        )}
      </div>
    </section>
  );
}

function History({ entries }: { readonly entries: readonly HistoryEntry[] }): VNode {
  return (
    <section class="box">
      <h2>Sent</h2>
      <table class="data-table">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Threshold</th>
            <th scope="col">Kind</th>
            <th scope="col" class="number">
              Events
            </th>
            <th scope="col">Delivery</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td>{formatShort(Date.parse(entry.time))}</td>
              <td>
                <Value value={entry.rule} />
              </td>
              <td class="word">{entry.kind}</td>
              <td class="number">{formatNumber(entry.value)}</td>
              <td>
                {entry.deliveries
                  .map(({ recipient, state, error }) => `${recipient}: ${state}${error === null ? "" : ` (${error})`}`)
                  .join(", ")}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
