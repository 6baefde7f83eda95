import type { Status } from "./status.ts";

/** What stands above the figures on the screen and does not change. */
export interface Heading {
  readonly consoleUrl: string;
  readonly storeUrl: string;
  readonly eventsFile: string;
}

const count = new Intl.NumberFormat("en-US");

/** One plain line, for a pipe or a log. */
export function statusLine(status: Status): string {
  const figures = [
    `events/s ${rate(status.eventsPerSecond)}`,
    `alerts ${number(status.alerts)}`,
    `shipped ${number(status.shipped)}`,
    `lag ${bytes(status.lagBytes)}`,
    `drops ${number(status.drops)}`,
    ...(status.deadLetters === null || status.deadLetters === 0 ? [] : [`dead letters ${number(status.deadLetters)}`]),
  ];
  return `${label(status)} ${duration(status.uptimeSeconds)}  ${figures.join("  ")}`;
}

/** The same as a small screen of lines, for a terminal. */
export function statusScreen(status: Status, heading: Heading): string[] {
  return [
    `${bold("falco-efk")}  ${label(status)}  up ${duration(status.uptimeSeconds)}`,
    "",
    `  Console     ${heading.consoleUrl}`,
    `  Store       ${heading.storeUrl}`,
    `  Events      ${heading.eventsFile}`,
    "",
    `  events/s    ${rate(status.eventsPerSecond)}`,
    `  alerts      ${number(status.alerts)}`,
    `  shipped     ${number(status.shipped)}`,
    `  lag         ${bytes(status.lagBytes)}`,
    `  drops       ${number(status.drops)}`,
    `  rejected    ${number(status.deadLetters)}`,
    "",
    dim("Ctrl-C stops everything, in order."),
  ];
}

/** Draws `lines` over the `previous` ones: the cursor goes up, each line is cleared to its end. */
export function redraw(lines: readonly string[], previous: number): string {
  const up = previous > 0 ? `\u001b[${previous}A` : "";
  return `${up}${lines.map((line) => `${line}\u001b[K\n`).join("")}`;
}

function label(status: Status): string {
  return status.mode === "replay" ? "REPLAY" : "live";
}

function number(value: number | null): string {
  return value === null ? "–" : count.format(value);
}

function rate(value: number | null): string {
  return value === null ? "–" : count.format(Math.max(0, Math.round(value)));
}

function bytes(value: number | null): string {
  if (value === null) return "–";
  if (value < 1024) return `${value} B`;
  return value < 1024 * 1024 ? `${Math.round(value / 1024)} KiB` : `${(value / 1024 / 1024).toFixed(1)} MiB`;
}

function duration(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

function bold(text: string): string {
  return `\u001b[1m${text}\u001b[22m`;
}

function dim(text: string): string {
  return `\u001b[2m${text}\u001b[22m`;
}
