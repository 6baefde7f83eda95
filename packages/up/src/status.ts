/** What the status line shows; a figure that could not be had is null. */
export interface Status {
  readonly mode: "live" | "replay";
  readonly uptimeSeconds: number;
  readonly eventsPerSecond: number | null;
  readonly alerts: number | null;
  readonly drops: number | null;
  readonly shipped: number | null;
  /** Bytes of the events file that the sink has not acknowledged yet. */
  readonly lagBytes: number | null;
  readonly deadLetters: number | null;
}

/** The addresses the figures come from. */
export interface StatusSources {
  readonly engine: string;
  readonly ship: string;
}

/** The part of falco-engine's `/status` that is shown. */
interface EngineStatus {
  readonly events: { readonly total: number; readonly dropped: Readonly<Record<string, number>> };
  readonly alerts: { readonly total: number };
}

/** The part of falco-ship's `/stats` that is shown. */
interface ShipStats {
  readonly acknowledged: number;
  readonly deadLettered: number;
  readonly files: readonly { readonly lag: number }[];
}

/** Asks the programs for their figures again and again; rates come from the difference between two answers. */
export function createStatusReader(
  mode: Status["mode"],
  sources: StatusSources,
  now: () => number = Date.now,
): () => Promise<Status> {
  const begin = now();
  let previous: { readonly at: number; readonly events: number } | null = null;
  return async () => {
    const [engine, ship] = await Promise.all([
      getJson<EngineStatus>(`${sources.engine}/status`),
      getJson<ShipStats>(`${sources.ship}/stats`),
    ]);
    const at = now();
    const events = engine?.events.total ?? null;
    const rate = events === null || previous === null ? null : (events - previous.events) / ((at - previous.at) / 1000);
    if (events !== null) previous = { at, events };
    return {
      mode,
      uptimeSeconds: Math.round((at - begin) / 1000),
      eventsPerSecond: rate,
      alerts: engine?.alerts.total ?? null,
      drops: engine === null ? null : sum(Object.values(engine.events.dropped)),
      shipped: ship?.acknowledged ?? null,
      lagBytes: ship === null ? null : sum(ship.files.map((file) => file.lag)),
      deadLetters: ship?.deadLettered ?? null,
    };
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

async function getJson<T>(url: string): Promise<T | null> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1000) });
    return response.ok ? ((await response.json()) as T) : null;
  } catch {
    return null;
  }
}
