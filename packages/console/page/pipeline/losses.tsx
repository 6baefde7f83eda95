import type { VNode } from "preact";
import { formatNumber } from "../data/format-number.ts";
import { type EngineFigures, formatBytes, type ShipFigures } from "./figures.ts";

interface Loss {
  readonly where: string;
  readonly what: string;
  readonly count: number;
  /** The count in its unit. */
  readonly shown: string;
  /** What to do about it. */
  readonly advice: string;
}

const CAUSES: Readonly<Record<string, readonly [string, string]>> = {
  "ring-full": ["the ring between kernel and engine was full", "Raise engine.modern_ebpf.buf_size_preset."],
  "scratch-busy": ["an event interrupted another one in the kernel", "Rare; nothing to set."],
};

/** Everything that may get lost on the road, by cause. Zeros stand there, too: they are the good news. */
export function Losses({
  engine,
  ship,
}: {
  readonly engine: EngineFigures | null;
  readonly ship: ShipFigures | null;
}): VNode {
  const losses = [...(engine === null ? [] : engineLosses(engine)), ...(ship === null ? [] : shipLosses(ship))];
  return (
    <section class="box" aria-label="What did not arrive">
      <header>
        <h2>What did not arrive</h2>
        <span class={`state ${losses.some(({ count }) => count > 0) ? "down" : "ok"}`}>
          {losses.some(({ count }) => count > 0) ? "look below" : "nothing"}
        </span>
      </header>
      <ul class="losses">
        {losses.map(({ where, what, count, shown, advice }) => (
          <li key={`${where} ${what}`} class={count > 0 ? "bad" : ""}>
            <b>{shown}</b>
            <span>
              {where}: {what}
              {count > 0 && <small>{advice}</small>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function engineLosses({ drops, outputs }: EngineFigures): Loss[] {
  return [
    ...drops.map(({ cause, count }): Loss => {
      const [what, advice] = CAUSES[cause] ?? [cause.replaceAll("-", " "), "The engine's log says more."];
      return { where: "Kernel", what, count, shown: formatNumber(count), advice };
    }),
    ...outputs.map(
      ({ name, dropped }): Loss => ({
        where: "Engine",
        what: `alerts that the output ${name} could not take`,
        count: dropped,
        shown: formatNumber(dropped),
        advice: "The engine's log says why.",
      }),
    ),
  ];
}

function shipLosses({ deadLettered, lostBytes }: ShipFigures): Loss[] {
  return [
    {
      where: "Shipper",
      what: "dead letters: records that Elasticsearch refused, kept on disk",
      count: deadLettered,
      shown: formatNumber(deadLettered),
      advice: "See why under Dead letters, mend the cause, and replay them.",
    },
    {
      where: "File",
      what: "cut off before it was read",
      count: lostBytes,
      shown: formatBytes(lostBytes),
      advice: "Let logs be rotated by renaming, not by truncating.",
    },
  ];
}
