import { area, line } from "d3-shape";
import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import { formatCompact, formatNumber } from "../data/format-number.ts";
import { safeText, shorten } from "../data/safe-text.ts";
import type { ResolvedRange } from "../time/date-math.ts";
import { formatShort, formatTick } from "../time/format-time.ts";
import { bucketStarts, type Interval } from "../time/interval.ts";
import type { Series } from "../vis/series.ts";
import { timeTicks, valueTicks } from "./scale.ts";
import { stack } from "./stack.ts";

interface TimeSeriesProps {
  readonly kind: "bar" | "line" | "area";
  /** Values by bucket, in the order of `starts`. */
  readonly series: readonly Series[];
  readonly starts: readonly number[];
  readonly interval: Interval;
  readonly range: ResolvedRange;
  readonly colors: ReadonlyMap<string, string>;
  readonly stacked: boolean;
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly onTime: ((from: number, to: number) => void) | null;
}

const LEFT = 44;
const BOTTOM = 20;
const TOP = 8;

/** Values over time. Dragging marks a stretch of time; with the keyboard, arrows move a cursor and Enter zooms to it. */
export function TimeSeries(props: TimeSeriesProps): VNode {
  const { kind, series, starts, interval, range, colors, width, height, label, onTime } = props;
  const [cursor, setCursor] = useState<number | null>(null);
  const [mark, setMark] = useState<{ from: number; to: number } | null>(null);
  const frame = useRef<SVGSVGElement>(null);
  const { bands, max } = stack(series, props.stacked && kind !== "line");
  const ticks = valueTicks(max, height < 120 ? 2 : 4);
  const top = ticks.at(-1) ?? 1;
  const first = starts[0] ?? range.from;
  const last = (starts.at(-1) ?? range.to) + interval.ms;
  const x = (time: number) => LEFT + ((time - first) / (last - first)) * (width - LEFT - 4);
  const y = (value: number) => TOP + (1 - value / top) * (height - TOP - BOTTOM);
  const timeAt = (event: PointerEvent): number => {
    const left = frame.current?.getBoundingClientRect().left ?? 0;
    return first + ((event.clientX - left - LEFT) / (width - LEFT - 4)) * (last - first);
  };
  const bucketAt = (time: number) => Math.max(0, Math.min(starts.length - 1, Math.floor((time - first) / interval.ms)));
  const finish = (): void => {
    if (mark !== null && onTime !== null) {
      const [a, b] = [bucketAt(Math.min(mark.from, mark.to)), bucketAt(Math.max(mark.from, mark.to))];
      onTime(starts[a] ?? first, (starts[b] ?? first) + interval.ms - 1);
    }
    setMark(null);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      const next =
        (cursor ?? (event.key === "ArrowRight" ? -1 : starts.length)) + (event.key === "ArrowRight" ? 1 : -1);
      setCursor(Math.max(0, Math.min(starts.length - 1, next)));
    } else if (event.key === "Enter" && cursor !== null) {
      const start = starts[cursor] ?? first;
      onTime?.(start, start + interval.ms - 1);
    } else if (event.key === "Escape") setCursor(null);
  };
  const time = timeTicks(first, last, Math.max(2, Math.floor(width / 90)));
  const barWidth = Math.max(1, x(first + interval.ms) - x(first) - (starts.length > 150 ? 0 : 1.5));
  const total = series.reduce((sum, { values }) => sum + values.reduce((a, b) => a + b, 0), 0);
  return (
    <div class="time-series">
      <svg
        ref={frame}
        width={width}
        height={height}
        role="application"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the arrow keys.
        tabIndex={0}
        aria-label={`${label}: ${formatNumber(total)} between ${formatShort(range.from)} and ${formatShort(range.to)}. Arrow keys move through time, Enter zooms.`}
        class={onTime === null ? "" : "brushable"}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (onTime === null) return;
          frame.current?.setPointerCapture(event.pointerId);
          setMark({ from: timeAt(event), to: timeAt(event) });
        }}
        onPointerMove={(event) => {
          setCursor(bucketAt(timeAt(event)));
          if (mark !== null) setMark({ from: mark.from, to: timeAt(event) });
        }}
        onPointerLeave={() => mark === null && setCursor(null)}
        onPointerUp={finish}
        onPointerCancel={() => setMark(null)}
      >
        {ticks.map((value) => (
          <g key={value} class="grid" aria-hidden="true">
            <line x1={LEFT} x2={width - 4} y1={y(value)} y2={y(value)} />
            <text x={LEFT - 6} y={y(value)} text-anchor="end" dominant-baseline="central">
              {formatCompact(value)}
            </text>
          </g>
        ))}
        {time.times.map((at) => (
          <text key={at} class="tick" x={x(at)} y={height - 5} text-anchor="middle" aria-hidden="true">
            {x(at) > LEFT + 12 && x(at) < width - 18 ? formatTick(at, time.step) : ""}
          </text>
        ))}
        {series.map((one, index) => {
          const color = colors.get(one.name) ?? "var(--c1)";
          const band = bands[index] ?? [];
          if (kind === "bar") {
            const path = band
              .map(({ low, high }, place) =>
                high > low
                  ? `M${(x(starts[place] ?? 0) + 0.75).toFixed(1)} ${y(low).toFixed(1)}V${Math.min(y(high), y(low) - 1).toFixed(1)}h${barWidth.toFixed(1)}V${y(low).toFixed(1)}Z`
                  : "",
              )
              .join("");
            return <path key={one.name} d={path} fill={color} />;
          }
          const middle = (place: number) => x((starts[place] ?? 0) + interval.ms / 2);
          const points = band.map((value, place) => ({ ...value, place }));
          const edge = line<(typeof points)[number]>(
            ({ place }) => middle(place),
            ({ high }) => y(high),
          );
          const fill = area<(typeof points)[number]>(
            ({ place }) => middle(place),
            ({ low }) => y(low),
            ({ high }) => y(high),
          );
          return (
            <g key={one.name}>
              {kind === "area" && <path d={fill(points) ?? ""} fill={color} fill-opacity="0.35" />}
              <path d={edge(points) ?? ""} fill="none" stroke={color} stroke-width="2" />
            </g>
          );
        })}
        {cursor !== null && starts[cursor] !== undefined && (
          <rect
            class="cursor"
            x={x(starts[cursor] ?? 0)}
            y={TOP}
            width={barWidth + 1.5}
            height={height - TOP - BOTTOM}
          />
        )}
        {mark !== null && (
          <rect
            class="brush"
            x={x(Math.min(mark.from, mark.to))}
            y={TOP}
            width={Math.abs(x(mark.to) - x(mark.from))}
            height={height - TOP - BOTTOM}
          />
        )}
      </svg>
      {cursor !== null && mark === null && starts[cursor] !== undefined && (
        <Tip {...props} place={cursor} left={x(starts[cursor] ?? 0)} right={x((starts[cursor] ?? 0) + interval.ms)} />
      )}
      <p class="hidden" aria-live="polite">
        {cursor !== null && readout(props, cursor)}
      </p>
    </div>
  );
}

interface TipProps extends TimeSeriesProps {
  readonly place: number;
  /** The bucket's edges, in pixels. */
  readonly left: number;
  readonly right: number;
}

/** What a bucket holds, beside it: the most severe first, as many as there is room for. */
function Tip({ series, starts, colors, width, height, place, left, right }: TipProps): VNode {
  const present = series.filter(({ values }) => (values[place] ?? 0) > 0);
  const room = Math.max(2, Math.floor((height - 34) / 17));
  const shown = present.length <= room ? present : present.slice(0, room - 1);
  const side = left < width / 2 ? { left: `${right + 8}px` } : { right: `${width - left + 8}px` };
  return (
    <div class="tip" style={side} aria-hidden="true">
      <b>{formatShort(starts[place] ?? 0)}</b>
      {present.length === 0 && <p class="none">nothing</p>}
      <ul>
        {shown.map(({ name, values }) => (
          <li key={name}>
            <i style={{ background: colors.get(name) ?? "var(--c1)" }} />
            <span>{safeText(shorten(name, 60).text)}</span>
            <b>{formatNumber(values[place] ?? 0)}</b>
          </li>
        ))}
      </ul>
      {shown.length < present.length && <p class="none">and {present.length - shown.length} more</p>}
    </div>
  );
}

function readout({ series, starts }: TimeSeriesProps, place: number): string {
  const parts = series
    .filter(({ values }) => (values[place] ?? 0) > 0)
    .map(({ name, values }) => `${safeText(name)} ${formatNumber(values[place] ?? 0)}`);
  return `${formatShort(starts[place] ?? 0)} · ${parts.length === 0 ? "nothing" : parts.join(" · ")}`;
}

/** Puts values that came by bucket key into the full row of buckets, 0 where there was none. */
export function fillBuckets(
  range: ResolvedRange,
  interval: Interval,
  keys: readonly (string | number)[],
  series: readonly Series[],
): { starts: number[]; series: Series[] } {
  const starts = bucketStarts(range, interval);
  const places = new Map(keys.map((key, index) => [Number(key), index]));
  // Buckets that the answer has and our own row hasn't (other alignment) must not vanish.
  const all = [...new Set([...starts, ...places.keys()])].sort((a, b) => a - b);
  const filled = series.map((one) => ({
    ...one,
    values: all.map((start) => one.values[places.get(start) ?? -1] ?? 0),
  }));
  return { starts: all, series: filled };
}
