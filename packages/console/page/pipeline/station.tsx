import type { ComponentChildren, VNode } from "preact";
import type { Json } from "../data/json.ts";

/** One station of the road as the server reports it. */
export type Station =
  | { readonly state: "ok"; readonly figures: Json }
  | { readonly state: "absent" }
  | { readonly state: "down"; readonly reason: string };

/** One figure under a station's large one. `tone` colours what needs a look. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly tone?: "bad" | undefined;
}

interface StationCardProps {
  readonly title: string;
  readonly hint: string;
  readonly station: Station;
  /** The console's option that tells where the station is. */
  readonly option: string;
  readonly main: Figure | null;
  readonly figures: readonly Figure[];
  readonly children?: ComponentChildren;
}

/** A station of the road: how it does, one large figure, and the few that matter beside it. */
export function StationCard({ title, hint, station, option, main, figures, children }: StationCardProps): VNode {
  const words = { ok: "running", down: "not answering", absent: "not configured" }[station.state];
  return (
    <section class="station" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <span class={`state ${station.state}`}>{words}</span>
      </header>
      <p class="hint">{hint}</p>
      {station.state === "down" && <p class="fault">{station.reason}</p>}
      {station.state === "absent" && (
        <p class="station-advice">
          Start the console with <code>{option}</code> to see its figures.
        </p>
      )}
      {station.state === "ok" && main !== null && (
        <p class="station-main">
          <b>{main.value}</b> {main.name}
        </p>
      )}
      {station.state === "ok" && figures.length > 0 && (
        <dl>
          {figures.map(({ name, value, tone }) => (
            <div key={name} class={tone}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {station.state === "ok" && children}
    </section>
  );
}

/** The way between two stations, with what goes over it. */
export function Way({ label }: { readonly label: string }): VNode {
  return (
    <p class="way">
      <svg viewBox="0 0 40 12" width="40" height="12" aria-hidden="true">
        <path d="M0 6h34M29 1l6 5-6 5" fill="none" stroke="currentColor" stroke-width="1.6" />
      </svg>
      <span>{label}</span>
    </p>
  );
}
