import { Counter, Gauge, Histogram, Registry } from "prom-client";

// An entry of its own: what it needs is a good part of what a program loads, and not every program counts this way.

/** A program's own registry: names get the prefix `<program>_`, and nothing is shared between instances in one process. */
export interface Metrics {
  readonly registry: Registry;
  counter(name: string, help: string, labelNames?: readonly string[]): Counter;
  gauge(name: string, help: string, labelNames?: readonly string[]): Gauge;
  histogram(name: string, help: string, buckets: readonly number[], labelNames?: readonly string[]): Histogram;
}

/** Makes an empty set of metrics whose names begin with `prefix` and an underscore. */
export function createMetrics(prefix: string): Metrics {
  const registry = new Registry();
  const base = (name: string, help: string, labelNames: readonly string[]) => ({
    name: `${prefix}_${name}`,
    help,
    labelNames: [...labelNames],
    registers: [registry],
  });
  return {
    registry,
    counter: (name, help, labelNames = []) => new Counter(base(name, help, labelNames)),
    gauge: (name, help, labelNames = []) => new Gauge(base(name, help, labelNames)),
    histogram: (name, help, buckets, labelNames = []) =>
      new Histogram({ ...base(name, help, labelNames), buckets: [...buckets] }),
  };
}
