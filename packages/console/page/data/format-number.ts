const WHOLE = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

/** `12,345` */
export function formatNumber(value: number): string {
  return WHOLE.format(value);
}

/** `12.3k`, `4M`: for axes, where room is short. */
export function formatCompact(value: number): string {
  const steps = [
    [1e9, "G"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const;
  for (const [size, suffix] of steps) {
    if (Math.abs(value) >= size) return `${Number((value / size).toPrecision(3))}${suffix}`;
  }
  return String(Number(value.toPrecision(4)));
}

/** `45.3%` of `total`. */
export function formatShare(value: number, total: number): string {
  if (total === 0) return "0%";
  const share = (value / total) * 100;
  return share > 0 && share < 0.1 ? "<0.1%" : `${share.toFixed(1)}%`;
}
