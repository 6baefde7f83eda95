import type { WriteStream } from "node:tty";
import { type Heading, redraw, statusLine, statusScreen } from "./screen.ts";
import type { UpReport } from "./up.ts";

const LINE_EVERY_MS = 5000;

/** Tells how it goes on a terminal (one screen, redrawn) or in a pipe (a plain line every five seconds). */
export function terminalReport(out: WriteStream | NodeJS.WriteStream, now: () => number = Date.now): UpReport {
  let heading: Heading | null = null;
  let drawn = 0;
  let lastLine = Number.NEGATIVE_INFINITY;
  return {
    stage(text, seconds) {
      out.write(`started ${text} in ${seconds.toFixed(1)} s\n`);
    },
    running(consoleUrl, storeUrl, layout) {
      heading = { consoleUrl, storeUrl, eventsFile: layout.eventsFile };
      out.write(`\nOpen ${consoleUrl} in a browser.\n`);
    },
    status(status) {
      if (out.isTTY && heading !== null) {
        const lines = statusScreen(status, heading);
        out.write(redraw(lines, drawn));
        drawn = lines.length;
      } else if (now() - lastLine >= LINE_EVERY_MS) {
        lastLine = now();
        out.write(`${statusLine(status)}\n`);
      }
    },
  };
}
