import { mkdirSync, readdirSync, renameSync } from "node:fs";
import { basename, join } from "node:path";
import { UserError } from "@falco-efk/kit";
import { readManifest, writeManifest } from "./indices/manifest.ts";
import { ReadCache } from "./segments/cache.ts";
import { FileSegment } from "./segments/file-segment.ts";
import { PUT, recordSize, writeRecord } from "./segments/record.ts";
import { OtherFormatError } from "./segments/sections.ts";
import { BATCH_HEADER, readBatches, WriteLog } from "./segments/write-log.ts";

/**
 * Saves what can be read of a data directory that has damaged files, and gives a line for each thing done. A damaged
 * file is moved to `damaged/` beside the indices; its readable documents are written into a log that the next opening
 * reads. The store must be stopped.
 */
export function repairDirectory(directory: string): string[] {
  const indices = join(directory, "indices");
  let names: string[];
  try {
    names = readdirSync(indices);
  } catch (error) {
    throw new UserError("this is no data directory of a store", {
      code: "STORE_REPAIR",
      file: directory,
      cause: error,
    });
  }
  const report = names.sort().flatMap((name) => repairIndex(directory, join(indices, name)));
  return report.length > 0 ? report : ["nothing is damaged"];
}

function repairIndex(root: string, directory: string): string[] {
  const manifest = readManifest(directory);
  if (!manifest) {
    return [];
  }
  const report: string[] = [];
  let segments = [...manifest.segments];
  let next = manifest.nextNumber;
  for (const name of readdirSync(directory).sort()) {
    const path = join(directory, name);
    const match = /^(\d+)\.(seg|log)$/.exec(name);
    if (!match) {
      continue;
    }
    next = Math.max(next, Number(match[1]) + 1);
    if (match[2] === "log") {
      report.push(...repairLog(root, path));
    } else if (segments.includes(Number(match[1]))) {
      const lost = checkSegment(path);
      if (lost) {
        const saved = saveDocuments(path, join(directory, `${String(next).padStart(6, "0")}.log`));
        next += 1;
        segments = segments.filter((number) => number !== Number(match[1]));
        report.push(`${path}: ${lost}; ${saved} documents saved, the file is in ${moveAside(root, path)}`);
      }
    }
  }
  if (report.length > 0) {
    writeManifest(directory, { ...manifest, segments, nextNumber: next });
  }
  return report;
}

function checkSegment(path: string): string | null {
  try {
    const segment = new FileSegment(0, path, new ReadCache(64 << 20));
    try {
      for (const name of segment.columnNames) {
        const column = segment.column(name);
        void column?.ordinals;
        column?.scan(1, column.size, () => undefined);
        column?.counts();
        column?.words().scan("", (_word, postings) => {
          const { ordinals, places } = postings();
          void [ordinals, places];
        });
      }
      for (let document = 0; document < segment.documents; document++) {
        segment.read(document);
      }
      segment.ids.all();
    } finally {
      segment.release();
    }
    return null;
  } catch (error) {
    if (error instanceof OtherFormatError) {
      throw error;
    }
    return (error as Error).message.replace(/^.* is damaged: /, "").replace(/\. Stop the store.*$/, "");
  }
}

/** Copies the documents that can still be read into a log. Gives how many. */
function saveDocuments(path: string, logPath: string): number {
  let segment: FileSegment;
  try {
    segment = new FileSegment(0, path, new ReadCache(64 << 20));
  } catch {
    return 0;
  }
  const log = new WriteLog(logPath);
  let saved = 0;
  for (let document = 0; document < segment.documents; document++) {
    if (segment.deleted?.[document] === 1) {
      continue;
    }
    try {
      const { id, seqNo, version, source } = segment.read(document);
      const batch = Buffer.alloc(BATCH_HEADER + recordSize(Buffer.byteLength(id), source.length));
      source.copy(
        batch,
        writeRecord(batch, BATCH_HEADER, { kind: PUT, id, sourceBytes: source.length, seqNo, version }),
      );
      log.append(batch);
      saved += 1;
    } catch {
      // This document's block is among what is damaged: it is what the report counts as not saved.
    }
  }
  segment.release();
  log.release();
  return saved;
}

function repairLog(root: string, path: string): string[] {
  const report: string[] = [];
  const kept: Buffer[] = [];
  let damaged = false;
  const log = new WriteLog(path);
  const skip = (from: number, to: number): void => {
    damaged = true;
    report.push(`${path}: bytes ${from} to ${to} are damaged and left out`);
  };
  for (const { bytes } of readBatches(log, () => undefined, skip)) {
    kept.push(bytes);
  }
  log.release();
  if (damaged) {
    report.push(`${path}: the file as it was is in ${moveAside(root, path)}`);
    const fresh = new WriteLog(path);
    for (const bytes of kept) {
      fresh.append(Buffer.concat([Buffer.alloc(BATCH_HEADER), bytes]));
    }
    fresh.release();
  }
  return report;
}

function moveAside(root: string, path: string): string {
  const aside = join(root, "damaged");
  mkdirSync(aside, { recursive: true, mode: 0o750 });
  const target = join(aside, `${Date.now()}-${basename(join(path, ".."))}-${basename(path)}`);
  renameSync(path, target);
  return target;
}
