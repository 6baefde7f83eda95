import type { VNode } from "preact";
import { formatNumber } from "../data/format-number.ts";
import type { Json } from "../data/json.ts";
import { call, errorText } from "../state/http.ts";
import { useLoaded, useTicking } from "../ui/use-ticking.ts";
import { Value } from "../ui/value.tsx";

type Station =
  | { readonly state: "ok"; readonly figures: Json }
  | { readonly state: "absent" }
  | { readonly state: "down"; readonly reason: string };

interface Report {
  readonly mode: "live" | "replay";
  readonly engine: Station;
  readonly ship: Station;
  readonly elasticsearch: Station;
}

const REFRESH_SECONDS = 2;

/** The road from the kernel to Elasticsearch, station by station, with the figures that each gives of itself. */
export function PipelinePage(): VNode {
  const [turn] = useTicking(REFRESH_SECONDS);
  const { value, fault } = useLoaded(`pipeline ${turn}`, () => call<Report>("GET", "/api/console/pipeline"));
  return (
    <div class="page">
      <h1>Pipeline</h1>
      {fault !== null && <p class="fault">{errorText(fault)}</p>}
      {value !== null && (
        <div class="stations">
          <StationBox
            title="Engine"
            hint="kernel events against the rules"
            station={value.engine}
            option="--engine-url"
          />
          <StationBox
            title="Shipper"
            hint="falco_events.json to Elasticsearch"
            station={value.ship}
            option="--ship-url"
          />
          <StationBox
            title="Elasticsearch"
            hint="where events are kept"
            station={value.elasticsearch}
            option="--elasticsearch"
          />
        </div>
      )}
    </div>
  );
}

interface StationBoxProps {
  readonly title: string;
  readonly hint: string;
  readonly station: Station;
  readonly option: string;
}

function StationBox({ title, hint, station, option }: StationBoxProps): VNode {
  const words = { ok: "running", down: "not answering", absent: "not configured" }[station.state];
  return (
    <section class="box station" aria-label={title}>
      <header>
        <div>
          <h2>{title}</h2>
          <p class="hint">{hint}</p>
        </div>
        <span class={`state ${station.state}`}>{words}</span>
      </header>
      {station.state === "down" && <p class="fault">{station.reason}</p>}
      {station.state === "absent" && <p class="hint">Start the console with {option} to see its figures.</p>}
      {station.state === "ok" && (
        <dl>
          {figures(station.figures, "").map(([name, figure]) => (
            <>
              <dt key={`${name} name`}>{name}</dt>
              <dd key={name}>
                {typeof figure === "number" ? formatNumber(figure) : <Value value={figure} limit={80} />}
              </dd>
            </>
          ))}
        </dl>
      )}
    </section>
  );
}

/** The leaves of a report under readable names: `events.perSecond` is `events per second`. Long lists are counted. */
function figures(value: Json, path: string): (readonly [string, Json])[] {
  if (value === null || typeof value !== "object") return [[path, value]];
  if (Array.isArray(value))
    return value.every((item) => item === null || typeof item !== "object")
      ? [[path, value.length]]
      : value.flatMap((item: Json, index) => figures(item, `${path} ${index + 1}`));
  return Object.entries(value)
    .filter(([key]) => key !== "byRule" && key !== "pushdown")
    .flatMap(([key, item]) => figures(item, `${path} ${readable(key)}`.trim()));
}

function readable(key: string): string {
  return /\s|\//.test(key)
    ? key
    : key
        .replaceAll("_", " ")
        .replace(/([a-z])([A-Z])/g, "$1 $2")
        .toLowerCase();
}
