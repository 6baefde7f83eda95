import type { VNode } from "preact";
import type { SavedObject } from "../data/saved-object.ts";
import { searchLink } from "../discover/saved-searches.tsx";
import { errorText } from "../state/http.ts";
import { titleOf } from "../state/objects.ts";
import type { ViewQuery } from "../state/view-query.ts";
import type { DashboardPanel, GridBox } from "./dashboard-model.ts";
import { type PanelSource, readPanelSource } from "./panel-source.ts";
import { PanelView } from "./panel-view.tsx";
import { useDrag } from "./use-drag.ts";

interface PanelFrameProps {
  readonly panel: DashboardPanel;
  readonly object: SavedObject | null;
  readonly view: ViewQuery;
  readonly turn: number;
  readonly editing: boolean;
  /** A drag begins: until it ends, boxes are meant from here. */
  readonly onGrab: () => void;
  readonly onPlace: (box: Partial<GridBox>, dragging?: boolean) => void;
  readonly onRemove: () => void;
  readonly onFilter: (field: string, value: string, negate?: boolean) => void;
  readonly onTime: (from: number, to: number) => void;
}

/** A panel: title, its chart, and, while arranging, handles and buttons that move and size it. */
export function PanelFrame(props: PanelFrameProps): VNode {
  const { panel, object, editing } = props;
  const { x, y, w, h } = panel.box;
  const title = panel.title ?? (object === null ? `${panel.target.type} ${panel.target.id}` : titleOf(object));
  const { move, size, dragged } = useDrag(panel.box, props.onGrab, (box) => props.onPlace(box, true));
  const area = { gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${h}` };
  return (
    <section class={`panel ${editing ? "editing" : ""} ${dragged ? "dragged" : ""}`} style={area} aria-label={title}>
      <header {...(editing ? move : {})}>
        <h2>{object === null || editing ? title : <a href={openLink(object)}>{title}</a>}</h2>
        {editing && <Arrange {...props} title={title} />}
      </header>
      <PanelInside {...props} />
      {editing && <div class="panel-corner" {...size} />}
    </section>
  );
}

function openLink(object: SavedObject): string {
  return object.type === "search"
    ? searchLink(object)
    : `/app/visualize/${object.type}/${encodeURIComponent(object.id)}`;
}

function PanelInside({ panel, object, view, turn, onFilter, onTime }: PanelFrameProps): VNode {
  if (object === null) return <p class="fault">The {panel.target.type} this panel shows is gone.</p>;
  let source: PanelSource;
  try {
    source = readPanelSource(object);
  } catch (error) {
    return <p class="fault">{errorText(error)}</p>;
  }
  return <PanelView source={source} view={view} turn={turn} onFilter={onFilter} onTime={onTime} />;
}

function Arrange({ panel, title, onPlace, onRemove }: PanelFrameProps & { readonly title: string }): VNode {
  const { x, y, w, h } = panel.box;
  const moves: readonly (readonly [string, string, Partial<GridBox>])[] = [
    ["←", "Move left", { x: x - 4 }],
    ["→", "Move right", { x: x + 4 }],
    ["↑", "Move up", { y: y - 4 }],
    ["↓", "Move down", { y: y + 4 }],
    ["⇤", "Narrower", { w: w - 4 }],
    ["⇥", "Wider", { w: w + 4 }],
    ["⤒", "Lower height", { h: h - 2 }],
    ["⤓", "Greater height", { h: h + 2 }],
  ];
  return (
    <div class="arrange" role="toolbar" aria-label={`Arrange ${title}`}>
      {moves.map(([sign, name, box]) => (
        <button key={name} type="button" title={name} aria-label={`${name}: ${title}`} onClick={() => onPlace(box)}>
          {sign}
        </button>
      ))}
      <button type="button" title="Remove" aria-label={`Remove ${title}`} onClick={onRemove}>
        ✕
      </button>
    </div>
  );
}
