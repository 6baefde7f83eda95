import type { VNode } from "preact";
import { formatNumber } from "../data/format-number.ts";
import { search } from "../state/elastic.ts";
import { call, errorText } from "../state/http.ts";
import { chooseDataView } from "../state/session.ts";
import { formatShort } from "../time/format-time.ts";
import { useLoaded, useTicking } from "../ui/use-ticking.ts";
import { AllFigures } from "./all-figures.tsx";
import { DeadLetters } from "./dead-letters.tsx";
import { type EngineFigures, formatBytes, readEngine, readShip, type ShipFigures, sum } from "./figures.ts";
import { KernelFilter } from "./kernel-filter.tsx";
import { Losses } from "./losses.tsx";
import { type Figure, type Station, StationCard, Way } from "./station.tsx";

interface Report {
  readonly engine: Station;
  readonly ship: Station;
  readonly elasticsearch: Station;
}

/** What lies in Elasticsearch under the data view. */
interface Kept {
  readonly title: string;
  readonly documents: number;
  /** Time of the newest, in milliseconds since the epoch. */
  readonly newest: number | null;
}

const REFRESH_SECONDS = 2;

/** The road from the kernel to Elasticsearch as a diagram, with the few figures that tell whether all is well. */
export function PipelinePage(): VNode {
  const [turn] = useTicking(REFRESH_SECONDS);
  const { value, fault } = useLoaded(`pipeline ${turn}`, () => call<Report>("GET", "/api/console/pipeline"));
  const { value: kept } = useLoaded(`kept ${turn}`, countKept);
  if (value === null) {
    return (
      <div class="page">
        <h1>Pipeline</h1>
        {fault !== null && <p class="fault">{errorText(fault)}</p>}
      </div>
    );
  }
  const engine = value.engine.state === "ok" ? readEngine(value.engine.figures) : null;
  const ship = value.ship.state === "ok" ? readShip(value.ship.figures) : null;
  return (
    <div class="page wide">
      <header class="page-head">
        <h1>Pipeline</h1>
        <span class="hint">counted since each program's start</span>
      </header>
      {fault !== null && <p class="fault">{errorText(fault)}</p>}
      {ship?.trouble != null && (
        <p class="fault banner" role="alert">
          The shipper stands still: {ship.trouble}
        </p>
      )}
      <div class="road">
        <EngineCard station={value.engine} engine={engine} />
        <Way label="alerts, one line each" />
        <FileCard station={value.ship} ship={ship} />
        <Way label={ship === null ? "lines" : `${formatBytes(lagOf(ship))} to read`} />
        <ShipCard station={value.ship} ship={ship} />
        <Way label={ship === null ? "records" : `${formatNumber(ship.inFlight)} in flight`} />
        <StoreCard station={value.elasticsearch} kept={kept} />
      </div>
      <div class="pipeline-more">
        {engine !== null && <KernelFilter engine={engine} />}
        {(engine !== null || ship !== null) && <Losses engine={engine} ship={ship} />}
      </div>
      {value.ship.state === "ok" && <DeadLetters version={ship?.deadLettered ?? 0} />}
      {value.engine.state === "ok" && <AllFigures title="All figures of the engine" figures={value.engine.figures} />}
      {value.ship.state === "ok" && <AllFigures title="All figures of the shipper" figures={value.ship.figures} />}
    </div>
  );
}

function EngineCard({ station, engine }: { readonly station: Station; readonly engine: EngineFigures | null }): VNode {
  const drops = sum(engine?.drops.map(({ count }) => count) ?? []);
  const figures: readonly Figure[] =
    engine === null
      ? []
      : [
          { name: "alerts", value: formatNumber(engine.alerts) },
          { name: "events evaluated", value: formatNumber(engine.events) },
          { name: "rules", value: formatNumber(engine.rulesLoaded) },
          { name: "dropped", value: formatNumber(drops), tone: drops > 0 ? "bad" : undefined },
          ...(engine.refusedReloads === 0
            ? []
            : [{ name: "reloads refused", value: formatNumber(engine.refusedReloads), tone: "bad" as const }]),
        ];
  return (
    <StationCard
      title="Engine"
      hint="holds kernel events against the rules"
      option="--engine-url"
      main={engine === null ? null : { name: "events/s", value: formatNumber(engine.eventsPerSecond) }}
      {...{ station, figures }}
    />
  );
}

function FileCard({ station, ship }: { readonly station: Station; readonly ship: ShipFigures | null }): VNode {
  const size = sum(ship?.files.map((file) => file.size) ?? []);
  const path = ship?.files[0]?.path;
  const figures: readonly Figure[] =
    ship === null
      ? []
      : [
          { name: "to read", value: formatBytes(lagOf(ship)) },
          { name: ship.files.length === 1 ? "file" : "files", value: formatNumber(ship.files.length) },
        ];
  return (
    <StationCard
      title="Events file"
      hint="where alerts are safe until they are delivered"
      option="--ship-url"
      main={{ name: "on disk", value: formatBytes(size) }}
      {...{ station, figures }}
    >
      {path !== undefined && (
        <p class="station-path" title={path}>
          {path.split("/").at(-1)}
        </p>
      )}
    </StationCard>
  );
}

function ShipCard({ station, ship }: { readonly station: Station; readonly ship: ShipFigures | null }): VNode {
  const figures: readonly Figure[] =
    ship === null
      ? []
      : [
          { name: "in flight", value: formatNumber(ship.inFlight) },
          { name: "sent again", value: formatNumber(ship.retried) },
          { name: "already there", value: formatNumber(ship.duplicates) },
          {
            name: "dead letters",
            value: formatNumber(ship.deadLettered),
            tone: ship.deadLettered > 0 ? "bad" : undefined,
          },
        ];
  return (
    <StationCard
      title="Shipper"
      hint="delivers each line once"
      option="--ship-url"
      main={ship === null ? null : { name: "delivered", value: formatNumber(ship.acknowledged) }}
      {...{ station, figures }}
    />
  );
}

function StoreCard({ station, kept }: { readonly station: Station; readonly kept: Kept | null }): VNode {
  const about = station.state === "ok" ? (station.figures as { version?: string; cluster?: string }) : {};
  const figures: readonly Figure[] = [
    ...(kept?.newest == null ? [] : [{ name: "newest", value: formatShort(kept.newest) }]),
    { name: "version", value: about.version ?? "" },
    { name: "cluster", value: about.cluster ?? "" },
  ];
  return (
    <StationCard
      title="Elasticsearch"
      hint={kept === null ? "keeps the events" : `keeps the events in ${kept.title}`}
      option="--elasticsearch"
      main={kept === null ? null : { name: "documents", value: formatNumber(kept.documents) }}
      {...{ station, figures }}
    />
  );
}

function lagOf(ship: ShipFigures): number {
  return sum(ship.files.map((file) => file.lag));
}

async function countKept(signal: AbortSignal): Promise<Kept | null> {
  const view = chooseDataView(null);
  if (view === null) return null;
  const { timeFieldName } = view;
  const answer = await search(
    view.title,
    {
      size: 0,
      track_total_hits: true,
      ...(timeFieldName === undefined ? {} : { aggs: { newest: { max: { field: timeFieldName } } } }),
    },
    signal,
  );
  const newest = answer.aggregations?.newest?.value;
  return {
    title: view.title,
    documents: answer.hits.total?.value ?? 0,
    newest: typeof newest === "number" ? newest : null,
  };
}
