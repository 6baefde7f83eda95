/** The moment, ms, at which clocks there show what `local` ms would be in UTC. */
export type Zone = (local: number) => number;

/** A zone by its name, such as `Europe/Berlin` or `Local`, or by its offset, such as `+0200`. Null when there is none. */
export function compileZone(name: string): Zone | null {
  if (name === "" || name === "UTC" || name === "Z") return (local) => local;
  const [whole, sign, hours = "0", minutes = "0"] = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(name) ?? [];
  if (whole !== undefined) {
    const east = (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
    return (local) => local - east;
  }
  const format = formatOf(name);
  if (format === null) return null;
  return (local) => {
    // The offset may change between the guess and the moment itself, so it's asked for twice.
    const guess = local - offsetAt(format, local);
    return local - offsetAt(format, guess);
  };
}

function formatOf(name: string): Intl.DateTimeFormat | null {
  const numeric = { year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" } as const;
  try {
    return new Intl.DateTimeFormat("en-US", {
      ...numeric,
      second: "numeric",
      hourCycle: "h23",
      ...(name === "Local" ? {} : { timeZone: name }),
    });
  } catch {
    return null;
  }
}

/** How far clocks there are ahead of UTC at a moment, ms. */
function offsetAt(format: Intl.DateTimeFormat, moment: number): number {
  const whole = Math.floor(moment / 1000) * 1000;
  const parts = new Map(format.formatToParts(whole).map(({ type, value }) => [type, Number(value)]));
  const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const shown = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
  return shown - whole;
}
