import type { Reference, SavedObject } from "../data/saved-object.ts";

/** A panel's place on a grid of 48 columns; a row is 20 pixels high. */
export interface GridBox {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface DashboardPanel {
  readonly id: string;
  readonly title: string | null;
  readonly box: GridBox;
  readonly target: { readonly type: string; readonly id: string };
}

export interface DashboardModel {
  readonly title: string;
  readonly description: string;
  readonly panels: readonly DashboardPanel[];
  /** Set when the dashboard brings its own time. */
  readonly time: { readonly from: string; readonly to: string } | null;
  /** Seconds between refreshes; 0 is off. */
  readonly refresh: number;
  readonly query: string;
}

export const GRID_COLUMNS = 48;
export const EMPTY_DASHBOARD: DashboardModel = {
  title: "",
  description: "",
  panels: [],
  time: null,
  refresh: 0,
  query: "",
};

interface RawPanel {
  readonly type?: string;
  readonly panelIndex?: string;
  readonly title?: string;
  readonly gridData?: Partial<GridBox>;
  readonly panelRefName?: string;
  readonly embeddableConfig?: { readonly title?: string };
}

/** Reads a `dashboard` object, with the references of Kibana 7 and 8. Panels that refer to nothing are left out. */
export function readDashboard(object: SavedObject): DashboardModel {
  const { title, description, panelsJSON, timeRestore, timeFrom, timeTo, refreshInterval, kibanaSavedObjectMeta } =
    object.attributes;
  const raw = JSON.parse(typeof panelsJSON === "string" ? panelsJSON : "[]") as readonly RawPanel[];
  const interval = refreshInterval as { pause?: boolean; value?: number } | undefined;
  const source = JSON.parse(
    (kibanaSavedObjectMeta as { searchSourceJSON?: string } | undefined)?.searchSourceJSON ?? "{}",
  ) as { query?: { query?: unknown } };
  return {
    title: String(title ?? ""),
    description: String(description ?? ""),
    panels: raw.flatMap((panel, index) => readPanel(panel, index, object.references)),
    time: timeRestore === true ? { from: String(timeFrom ?? "now-24h"), to: String(timeTo ?? "now") } : null,
    refresh: interval?.pause === false ? Math.max(1, Math.round((interval.value ?? 0) / 1_000)) : 0,
    query: typeof source.query?.query === "string" ? source.query.query : "",
  };
}

function readPanel(panel: RawPanel, index: number, references: readonly Reference[]): DashboardPanel[] {
  const id = panel.panelIndex ?? String(index + 1);
  const names = [`${id}:${panel.panelRefName ?? `panel_${id}`}`, panel.panelRefName ?? ""];
  const target = references.find(({ name }) => names.includes(name));
  if (target === undefined) return [];
  const { x = 0, y = index * 15, w = 24, h = 15 } = panel.gridData ?? {};
  return [
    {
      id,
      title: panel.title ?? panel.embeddableConfig?.title ?? null,
      box: { x, y, w, h },
      target: { type: target.type, id: target.id },
    },
  ];
}

/** The attributes and references of a dashboard, in the form that Kibana 8 imports. */
export function writeDashboard(model: DashboardModel): {
  attributes: Record<string, unknown>;
  references: Reference[];
} {
  const panels = model.panels.map(({ id, title, box, target }) => ({
    version: "8.7.0",
    type: target.type,
    gridData: { ...box, i: id },
    panelIndex: id,
    embeddableConfig: { enhancements: {} },
    panelRefName: `panel_${id}`,
    ...(title === null ? {} : { title }),
  }));
  const references = model.panels.map(({ id, target }) => ({ name: `${id}:panel_${id}`, ...target }));
  return {
    attributes: {
      title: model.title,
      description: model.description,
      version: 1,
      timeRestore: model.time !== null,
      ...(model.time === null
        ? {}
        : {
            timeFrom: model.time.from,
            timeTo: model.time.to,
            refreshInterval: { pause: model.refresh === 0, value: model.refresh * 1_000 },
          }),
      optionsJSON: JSON.stringify({ useMargins: true, hidePanelTitles: false }),
      panelsJSON: JSON.stringify(panels),
      kibanaSavedObjectMeta: {
        searchSourceJSON: JSON.stringify({ query: { query: model.query, language: "kuery" }, filter: [] }),
      },
    },
    references,
  };
}

/** Adds a panel below all others: half the width, or the whole for the rows of a search. */
export function addPanel(model: DashboardModel, target: DashboardPanel["target"]): DashboardModel {
  const id = String(Math.max(0, ...model.panels.map((panel) => Number(panel.id) || 0)) + 1);
  const wide = target.type === "search";
  const bottom = Math.max(0, ...model.panels.map(({ box }) => box.y + box.h));
  const last = model.panels.at(-1)?.box;
  const beside = !wide && last !== undefined && last.x === 0 && last.w === 24 && last.y + last.h === bottom;
  const box = beside
    ? { x: 24, y: last.y, w: 24, h: last.h }
    : { x: 0, y: bottom, w: wide ? GRID_COLUMNS : 24, h: wide ? 18 : 14 };
  return { ...model, panels: [...model.panels, { id, title: null, box, target }] };
}

/** Moves or sizes a panel, and pushes what it now covers downwards. */
export function placePanel(model: DashboardModel, id: string, change: Partial<GridBox>): DashboardModel {
  const panel = model.panels.find((candidate) => candidate.id === id);
  if (panel === undefined) return model;
  const wanted = { ...panel.box, ...change };
  const w = Math.max(6, Math.min(GRID_COLUMNS, wanted.w));
  const box = {
    w,
    h: Math.max(4, Math.min(60, wanted.h)),
    x: Math.max(0, Math.min(GRID_COLUMNS - w, wanted.x)),
    y: Math.max(0, wanted.y),
  };
  const settled: DashboardPanel[] = [{ ...panel, box }];
  const others = model.panels.filter((candidate) => candidate.id !== id).sort((a, b) => a.box.y - b.box.y);
  for (const other of others) {
    let y = other.box.y;
    for (
      let blocker = covering({ ...other.box, y }, settled);
      blocker !== undefined;
      blocker = covering({ ...other.box, y }, settled)
    ) {
      y = blocker.box.y + blocker.box.h;
    }
    settled.push({ ...other, box: { ...other.box, y } });
  }
  const byId = new Map(settled.map((moved) => [moved.id, moved]));
  return { ...model, panels: model.panels.flatMap((original) => byId.get(original.id) ?? []) };
}

function covering(box: GridBox, panels: readonly DashboardPanel[]): DashboardPanel | undefined {
  return panels.find(
    ({ box: other }) =>
      box.x < other.x + other.w && other.x < box.x + box.w && box.y < other.y + other.h && other.y < box.y + box.h,
  );
}
