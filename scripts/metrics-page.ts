/**
 * Writes docs/reference/metrics.md from the running suite: `npm start`, wait for the first alert, then
 * `scripts/run.sh exec scripts/metrics-page.ts`, with the programs' addresses when they aren't the usual ones. test/road holds the page to what the programs serve.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { referencePage } from "./reference-pages.ts";

/** Where the page lies. */
export const METRICS_PAGE: URL = referencePage("metrics.md");

/** Each program that serves `/metrics`, and the port it has unless told otherwise. */
export const METRICS_PORTS = { "falco-engine": 8765, "falco-ship": 5066, "falco-alert": 5602 } as const;

export type MetricsProgram = keyof typeof METRICS_PORTS;

/** The whole page, from each program's answer on `/metrics`. */
export function metricsPage(answers: Readonly<Record<MetricsProgram, string>>): string {
  const sections = Object.entries(answers).map(([program, text]) => {
    const port = METRICS_PORTS[program as MetricsProgram];
    return `## ${program}\n\n\`http://127.0.0.1:${port}/metrics\`\n\n| name | type | |\n|---|---|---|\n${rows(text).join("\n")}\n`;
  });
  return `# Metrics

<!-- Written by scripts/metrics-page.ts. -->

What the programs serve in Prometheus' text form. falco-engine's names are Falco's where Falco has them; a counter of drops
has its cause as a label.

${sections.join("\n")}`;
}

function rows(text: string): string[] {
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]));
  return [...text.matchAll(/^# HELP (\S+) (.*)$/gm)]
    .map(([, name, help]) => `| \`${name}\` | ${types.get(name) ?? ""} | ${help} |`)
    .sort();
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      engine: { type: "string", default: `http://127.0.0.1:${METRICS_PORTS["falco-engine"]}` },
      ship: { type: "string", default: `http://127.0.0.1:${METRICS_PORTS["falco-ship"]}` },
      alert: { type: "string", default: `http://127.0.0.1:${METRICS_PORTS["falco-alert"]}` },
    },
  });
  const ask = async (url: string): Promise<string> => (await fetch(`${url}/metrics`)).text();
  const page = metricsPage({
    "falco-engine": await ask(values.engine),
    "falco-ship": await ask(values.ship),
    "falco-alert": await ask(values.alert),
  });
  writeFileSync(METRICS_PAGE, page);
}
