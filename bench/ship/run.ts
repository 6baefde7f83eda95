import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shipFile, writeFalcoFile } from "./throughput.ts";

/** `node bench/ship/run.ts [lines]`: one million lines unless told otherwise. Prints a table. */
const lines = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(join(tmpdir(), "falco-ship-bench-"));
const file = join(folder, "events.json");
try {
  writeFalcoFile(file, lines);
  const runs = [
    await shipFile("plain", file, lines, []),
    await shipFile("falco enrichment", file, lines, ["-E", "falco={ecs: true, mitre: true, severity: true}"]),
  ];
  console.table(
    runs.map((run) => ({
      run: run.name,
      lines: run.lines,
      "wall s": Number(run.wallSeconds.toFixed(2)),
      "first bulk s": Number(run.firstBulkSeconds.toFixed(2)),
      "CPU µs/line": Number(run.cpuMicrosecondsPerLine.toFixed(2)),
      "peak MB": Math.round(run.peakMemoryMb),
    })),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
