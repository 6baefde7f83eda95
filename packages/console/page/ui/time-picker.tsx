import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { describeRange, resolveMoment, resolveRange, type TimeRange } from "../time/date-math.ts";
import { formatShort, toLocalInput } from "../time/format-time.ts";
import { Icon } from "./icons.tsx";
import { Popover } from "./popover.tsx";

const QUICK: readonly (readonly [string, string, string])[] = [
  ["Last 15 minutes", "now-15m", "now"],
  ["Last 30 minutes", "now-30m", "now"],
  ["Last 1 hour", "now-1h", "now"],
  ["Last 4 hours", "now-4h", "now"],
  ["Last 24 hours", "now-24h", "now"],
  ["Last 7 days", "now-7d", "now"],
  ["Last 30 days", "now-30d", "now"],
  ["Last 1 year", "now-1y", "now"],
  ["Today", "now/d", "now/d"],
  ["This week", "now/w", "now/w"],
];

interface TimePickerProps {
  readonly time: TimeRange;
  readonly onChange: (time: TimeRange) => void;
}

/** Chooses the time looked at: a quick range, or two ends as date math or clock times. */
export function TimePicker({ time, onChange }: TimePickerProps): VNode {
  const words = describeRange(time, formatShort);
  const label = (
    <>
      <Icon name="clock" /> <span>{words}</span>
    </>
  );
  return (
    <Popover label={label} name={`Time range: ${words}`} class="time-picker" align="right">
      {(close) => (
        <TimeForm
          time={time}
          onChange={(next) => {
            onChange(next);
            close();
          }}
        />
      )}
    </Popover>
  );
}

function TimeForm({ time, onChange }: TimePickerProps): VNode {
  const [from, setFrom] = useState(time.from);
  const [to, setTo] = useState(time.to);
  const now = Date.now();
  const valid = resolveRange({ from, to }, now) !== null;
  const submit = (event: Event): void => {
    event.preventDefault();
    if (valid) onChange({ from, to });
  };
  return (
    <form class="time-form" onSubmit={submit}>
      <div class="quick">
        {QUICK.map(([name, start, end]) => (
          <button type="button" key={name} class="button ghost" onClick={() => onChange({ from: start, to: end })}>
            {name}
          </button>
        ))}
      </div>
      <TimeEnd label="From" value={from} now={now} onInput={setFrom} />
      <TimeEnd label="To" value={to} now={now} onInput={setTo} />
      {!valid && (
        <p class="fault">Write a time (2026-11-22T23:00), or such as now-15m or now/d, the earlier one first.</p>
      )}
      <button type="submit" class="button primary" disabled={!valid}>
        Apply
      </button>
    </form>
  );
}

interface TimeEndProps {
  readonly label: string;
  readonly value: string;
  readonly now: number;
  readonly onInput: (value: string) => void;
}

function TimeEnd({ label, value, now, onInput }: TimeEndProps): VNode {
  const resolved = resolveMoment(value, now);
  return (
    <div class="time-end">
      <label>
        {label}
        <input value={value} onInput={(event) => onInput(event.currentTarget.value)} />
      </label>
      <input
        type="datetime-local"
        step="1"
        aria-label={`${label}, by calendar`}
        value={resolved === null ? "" : toLocalInput(resolved)}
        onInput={(event) => {
          const chosen = new Date(event.currentTarget.value);
          if (!Number.isNaN(chosen.getTime())) onInput(chosen.toISOString());
        }}
      />
    </div>
  );
}
