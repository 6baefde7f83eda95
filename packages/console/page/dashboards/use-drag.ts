import { useRef, useState } from "preact/hooks";
import type { GridBox } from "./dashboard-model.ts";

const COLUMNS = 48;
const ROW_PX = 20;

/** What an element needs to be a handle. */
export interface DragHandle {
  readonly onPointerDown: (event: PointerEvent) => void;
  readonly onPointerMove: (event: PointerEvent) => void;
  readonly onPointerUp: () => void;
  readonly onPointerCancel: () => void;
}

interface Grip {
  readonly x: number;
  readonly y: number;
  readonly box: GridBox;
  readonly columnPx: number;
}

/**
 * Moves or sizes a panel by the pointer, a step of the grid at a time. `onGrab` comes first; then every `onPlace` says
 * where the panel lies as seen from there.
 */
export function useDrag(
  box: GridBox,
  onGrab: () => void,
  onPlace: (box: Partial<GridBox>) => void,
): { readonly move: DragHandle; readonly size: DragHandle; readonly dragged: boolean } {
  const grip = useRef<Grip | null>(null);
  const last = useRef("");
  const [dragged, setDragged] = useState(false);
  const end = (): void => {
    grip.current = null;
    setDragged(false);
  };
  const handle = (place: (start: GridBox, columns: number, rows: number) => Partial<GridBox>): DragHandle => ({
    onPointerDown: (event) => {
      const target = event.target as Element;
      const element = event.currentTarget as HTMLElement;
      const grid = element.closest(".grid-panels");
      // A title's link and the buttons stay what they are; on a narrow page there is no grid to move in.
      if (target.closest("button, a") !== null || grid === null || getComputedStyle(grid).display !== "grid") return;
      element.setPointerCapture(event.pointerId);
      grip.current = { x: event.clientX, y: event.clientY, box, columnPx: grid.clientWidth / COLUMNS };
      last.current = "";
      onGrab();
      setDragged(true);
    },
    onPointerMove: (event) => {
      if (grip.current === null) return;
      const { x, y, columnPx, box: start } = grip.current;
      const columns = Math.round((event.clientX - x) / columnPx);
      const rows = Math.round((event.clientY - y) / ROW_PX);
      if (last.current === `${columns} ${rows}`) return;
      last.current = `${columns} ${rows}`;
      onPlace(place(start, columns, rows));
    },
    onPointerUp: end,
    onPointerCancel: end,
  });
  return {
    move: handle((start, columns, rows) => ({ x: start.x + columns, y: start.y + rows })),
    size: handle((start, columns, rows) => ({ w: start.w + columns, h: start.h + rows })),
    dragged,
  };
}
