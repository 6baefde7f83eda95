import { createMetrics, type Metrics } from "@falco-efk/kit/metrics";
import { progressOf, type TrackedFile } from "./harvester/tracked-file.ts";

/** One file as `/stats` and `falco-ship status` show it. */
export interface FileStats {
  readonly path: string;
  readonly generation: string;
  readonly size: number;
  /** Bytes read. */
  readonly read: number;
  /** Bytes acknowledged. */
  readonly acknowledged: number;
  /** Bytes written but not acknowledged. */
  readonly lag: number;
}

/** Everything a shipper counts since it started. */
export interface ShipStats {
  readonly started: string;
  /** Records delivered, whether now or as a 409 of an earlier delivery. */
  readonly acknowledged: number;
  /** Of those, records the sink already had. */
  readonly duplicates: number;
  readonly retried: number;
  readonly deadLettered: number;
  /** Records that the processor `rate_limit` dropped. */
  readonly rateLimited: number;
  /** Times that a processor couldn't work on an event, which went on as it was. */
  readonly processorFailures: number;
  readonly inFlight: { readonly records: number; readonly bytes: number };
  readonly truncations: number;
  /** Bytes known to have been destroyed by a truncation before they were read. */
  readonly lostBytes: number;
  /** Why things stand still, or null. */
  readonly trouble: string | null;
  readonly files: readonly FileStats[];
}

/** Counters of one shipper. Each is also a metric. */
export class ShipCounters {
  readonly metrics: Metrics = createMetrics("falco_ship");
  readonly #started = new Date().toISOString();
  readonly #values = new Map<string, number>();

  add(name: keyof typeof COUNTERS, amount: number): void {
    if (amount !== 0) this.#values.set(name, this.get(name) + amount);
  }

  get(name: keyof typeof COUNTERS): number {
    return this.#values.get(name) ?? 0;
  }

  /** Offers the counters and what `read` answers to Prometheus. */
  publish(read: () => ShipStats): void {
    for (const [name, help] of Object.entries(COUNTERS)) {
      const counter = this.metrics.counter(`${name}_total`, help);
      const get = (): number => this.get(name as keyof typeof COUNTERS);
      Object.assign(counter, {
        collect() {
          counter.reset();
          counter.inc(get());
        },
      });
    }
    const gauges: readonly (readonly [string, string, (stats: ShipStats) => number])[] = [
      ["in_flight_bytes", "Bytes read and not acknowledged", (stats) => stats.inFlight.bytes],
      ["in_flight_records", "Records read and not acknowledged", (stats) => stats.inFlight.records],
      [
        "lag_bytes",
        "Bytes written and not acknowledged",
        (stats) => stats.files.reduce((sum, file) => sum + file.lag, 0),
      ],
      ["open_files", "Files being read", (stats) => stats.files.length],
    ];
    for (const [name, help, value] of gauges) {
      const gauge = this.metrics.gauge(name, help);
      Object.assign(gauge, { collect: () => gauge.set(value(read())) });
    }
  }

  snapshot(
    files: readonly TrackedFile[],
    inFlight: { readonly records: number; readonly bytes: number },
    trouble: string | null,
  ): ShipStats {
    return {
      started: this.#started,
      acknowledged: this.get("acknowledged"),
      duplicates: this.get("duplicates"),
      retried: this.get("retried"),
      deadLettered: this.get("dead_lettered"),
      rateLimited: this.get("rate_limited"),
      processorFailures: this.get("processor_failures"),
      inFlight,
      truncations: this.get("truncations"),
      lostBytes: this.get("lost_bytes"),
      trouble,
      files: files.map(fileStats),
    };
  }
}

const COUNTERS = {
  acknowledged: "Records delivered",
  duplicates: "Records the sink already had",
  retried: "Records sent again",
  dead_lettered: "Records put among the dead letters",
  sent_bytes: "Bytes of request bodies delivered",
  truncations: "Files truncated or overwritten",
  lost_bytes: "Bytes destroyed by truncation before they were read",
  processor_failures: "Times that a processor could not work on an event",
  rate_limited: "Records dropped by rate_limit",
} as const;

function fileStats(file: TrackedFile): FileStats {
  const { generation, readOffset } = progressOf(file);
  const size = Math.max(file.size, readOffset);
  return {
    path: file.path,
    generation: generation.id,
    size,
    read: readOffset,
    acknowledged: generation.offset,
    lag: size - generation.offset,
  };
}
