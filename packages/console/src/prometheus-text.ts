/** One sample of a Prometheus text page. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+\d+)?$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;

/** Reads Prometheus' text form; lines that are none are skipped, as are samples that are no finite number. */
export function parsePrometheusText(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const [, name, labels = "", number] = LINE.exec(line.trim()) ?? [];
    const value = Number(number);
    if (name === undefined || !Number.isFinite(value)) continue;
    const pairs = [...labels.matchAll(LABEL)].map(([, key = "", raw = ""]) => [key, unescapeLabel(raw)]);
    samples.push({ name, labels: Object.fromEntries(pairs), value });
  }
  return samples;
}

function unescapeLabel(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character));
}
