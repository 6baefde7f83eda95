import { arc, pie } from "d3-shape";
import type { BucketNode } from "../vis/tree.ts";

/** One piece of a pie, ready to draw around the point (0, 0). */
export interface Slice {
  readonly node: BucketNode;
  /** The slice of the innermost ring that it belongs to; gives the colour. */
  readonly top: BucketNode;
  readonly depth: number;
  readonly value: number;
  /** Of the whole pie, 0 to 1. */
  readonly share: number;
  readonly path: string;
  readonly startAngle: number;
  readonly endAngle: number;
}

/** A label outside the pie: the text's end of the leader line, and the line itself. */
export interface SliceLabel {
  readonly slice: Slice;
  readonly x: number;
  readonly y: number;
  readonly anchor: "start" | "end";
  readonly line: readonly (readonly [number, number])[];
}

export interface PieOptions {
  readonly radius: number;
  /** A hole in the middle. */
  readonly donut: boolean;
  /** How many rings: the levels of buckets. */
  readonly rings: number;
}

/** The slices of a tree, ring by ring. Pieces without a positive value are left out. */
export function layoutPie(root: BucketNode, options: PieOptions): Slice[] {
  const hole = options.donut ? options.radius * HOLE : 0;
  const ring = (options.radius - hole) / Math.max(1, options.rings);
  const total = sum(root.children);
  const slices: Slice[] = [];
  const place = (
    nodes: readonly BucketNode[],
    start: number,
    end: number,
    depth: number,
    top: BucketNode | null,
  ): void => {
    const shown = nodes.filter((node) => valueIn(node) > 0);
    const angles = pie<BucketNode>().value(valueIn).sort(null).startAngle(start).endAngle(end)([...shown]);
    const draw = arc<{ startAngle: number; endAngle: number }>()
      .innerRadius(hole + depth * ring)
      .outerRadius(hole + (depth + 1) * ring - (options.rings > 1 ? 1 : 0));
    for (const { data: node, startAngle, endAngle } of angles) {
      const value = valueIn(node);
      slices.push({
        node,
        top: top ?? node,
        depth,
        value,
        share: total === 0 ? 0 : value / total,
        path: draw({ startAngle, endAngle }) ?? "",
        startAngle,
        endAngle,
      });
      if (depth + 1 < options.rings) place(node.children, startAngle, endAngle, depth + 1, top ?? node);
    }
  };
  place(root.children, 0, 2 * Math.PI, 0, null);
  return slices;
}

function valueIn(node: BucketNode): number {
  return Math.max(0, node.values[0] ?? 0);
}

function sum(nodes: readonly BucketNode[]): number {
  return nodes.reduce((total, node) => total + valueIn(node), 0);
}

/** A donut's hole, in radii. */
export const HOLE = 0.55;

/** How far from the pie labels begin, in pixels. */
export const LABEL_DISTANCE = 22;

/**
 * Labels for the outermost ring beside the pie, none over another: each side is spread to `lineHeight` apart, and
 * where a side has no room for all, the smallest slices go without.
 */
export function layoutLabels(
  slices: readonly Slice[],
  options: { readonly radius: number; readonly height: number; readonly lineHeight: number },
): SliceLabel[] {
  const outermost = Math.max(0, ...slices.map(({ depth }) => depth));
  const outer = slices.filter(({ depth, share }) => depth === outermost && share >= 0.004);
  const side = (right: boolean): SliceLabel[] => {
    const room = Math.floor(options.height / options.lineHeight);
    const mine = outer
      .filter((slice) => middle(slice) < Math.PI === right)
      .sort((a, b) => b.share - a.share)
      .slice(0, room)
      .map((slice) => ({ slice, y: -Math.cos(middle(slice)) * (options.radius + 8) }))
      .sort((a, b) => a.y - b.y);
    return spread(
      mine.map(({ y }) => y),
      options.lineHeight,
      options.height / 2,
    ).map((y, index) => {
      const slice = mine[index]?.slice as Slice;
      const sign = right ? 1 : -1;
      const angle = middle(slice);
      const at = (distance: number): readonly [number, number] => [
        Math.sin(angle) * distance,
        -Math.cos(angle) * distance,
      ];
      const x = sign * (options.radius + LABEL_DISTANCE);
      const [, level] = at(options.radius + 8);
      return {
        slice,
        x: x + sign * 4,
        y,
        anchor: right ? "start" : "end",
        // Sideways off the pie before it goes up or down: a straight line would run over other slices.
        line: [at(options.radius), at(options.radius + 8), [sign * (options.radius + 13), level], [x, y]],
      };
    });
  };
  return [...side(true), ...side(false)];
}

function middle({ startAngle, endAngle }: Slice): number {
  return (startAngle + endAngle) / 2;
}

/** Moves sorted places apart to at least `gap`, inside ±`half`, each as near to where it was as a pass down and one up allow. */
export function spread(places: readonly number[], gap: number, half: number): number[] {
  const result = [...places];
  let least = -half + gap / 2;
  for (const [index, place] of result.entries()) {
    result[index] = Math.max(place, least);
    least = (result[index] ?? 0) + gap;
  }
  let most = half - gap / 2;
  for (let index = result.length - 1; index >= 0; index -= 1) {
    result[index] = Math.min(result[index] ?? 0, most);
    most = (result[index] ?? 0) - gap;
  }
  return result;
}
