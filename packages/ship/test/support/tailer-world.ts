import assert from "node:assert/strict";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Batch, recordBytes } from "../../src/batch.ts";
import { Tailer } from "../../src/harvester/tailer.ts";
import { recordId } from "../../src/record-id.ts";
import { Registry } from "../../src/registry/registry.ts";

/** Real files, a real tailer and registry, and what must come of them: each line once. */
export class TailerWorld {
  readonly #folder: string;
  readonly #path: string;
  /** Delivered content by document id, as a sink keeps it. */
  readonly #delivered = new Map<string, string>();
  #written = 0;
  /** Lines destroyed before they could be read. */
  readonly #destroyed = new Set<number>();
  /** Numbers of lines in the live file that no scan has seen. */
  #unseen: number[] = [];
  #half = "";
  #held: (() => void)[] = [];
  #hold = false;
  /** What befalls the files when the tailer opens the next one. */
  #surprises: (() => void)[] = [];
  #starts = 0;
  #registry!: Registry;
  #tailer!: Tailer;

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, "app.log");
    writeFileSync(this.#path, "");
  }

  async start(): Promise<void> {
    const directory = join(this.#folder, `registry-${this.#starts}`);
    mkdirSync(directory, { recursive: true });
    const before = join(this.#folder, `registry-${this.#starts - 1}`, "registry.log");
    if (existsSync(before)) copyFileSync(before, join(directory, "registry.log"));
    this.#starts += 1;
    this.#registry = new Registry({ directory, flushMs: 100_000 });
    await this.#registry.open();
    this.#tailer = new Tailer(
      {
        id: "model",
        paths: [this.#path],
        exclude: [],
        readBytes: 1100,
        scanMs: 100_000,
        closeInactiveMs: 100_000,
        closeRemovedMs: 0,
        ignoreOlderMs: 0,
        cleanRemovedMs: 0,
        gatherMs: 0,
        closeRenamed: false,
        closeEof: false,
        closeTimeoutMs: 0,
        harvesterLimit: 0,
        cleanInactiveMs: 0,
        encoding: "utf-8",
        grouping: null,
        groupTimeoutMs: 0,
        watch: false,
        maxLineBytes: 4096,
        invalidLines: "wrap",
        now: Date.now,
        // Half a line of a file that was deleted.
        refuse: async ({ reason }) => assert.match(reason, /in the middle of a line/),
      },
      this.#registry,
      { room: async () => undefined, submit: (batch, _bytes, settle) => this.#take(batch, settle) },
      {
        opened: () => this.#surprises.shift()?.(),
        closed: () => undefined,
        replaced: () => undefined,
        vanished: () => undefined,
        trouble: (path, reason) => assert.fail(`${path}: ${reason}`),
      },
    );
    await this.#tailer.start();
    await this.#quiet();
  }

  write(lines: number): void {
    for (let count = 0; count < lines; count++) {
      const line = `{"n":${this.#written},"pad":"${"p".repeat((this.#written * 37) % 290)}"}\n`;
      appendFileSync(this.#path, line.slice(this.#half.length));
      this.#half = "";
      this.#unseen.push(this.#written);
      this.#written += 1;
    }
  }

  /** Writes the beginning of the next line. */
  writeHalf(): void {
    if (this.#half !== "") return;
    this.#half = `{"n":${this.#written},`;
    appendFileSync(this.#path, this.#half);
  }

  async scan(): Promise<void> {
    await this.#tailer.scan();
    await this.#quiet();
    this.#unseen = [];
  }

  rename(): void {
    this.#finishHalf();
    this.#shift();
    renameSync(this.#path, `${this.#path}.1`);
    writeFileSync(this.#path, "");
    this.#unseen = [];
  }

  copytruncate(): void {
    this.#finishHalf();
    this.#shift();
    copyFileSync(this.#path, `${this.#path}.1`);
    truncateSync(this.#path, 0);
    this.#unseen = [];
  }

  /** Compresses the newest rotated file. */
  gzip(): void {
    const plain = `${this.#path}.1`;
    if (!existsSync(plain)) return;
    writeFileSync(`${this.#folder}/gz.tmp`, gzipSync(readFileSync(plain)));
    renameSync(`${this.#folder}/gz.tmp`, `${plain}.gz`);
    rmSync(plain);
  }

  /** Empties the file; what no scan has seen may be lost. */
  truncate(): void {
    for (const number of this.#unseen) this.#destroyed.add(number);
    this.#half = "";
    this.#unseen = [];
    truncateSync(this.#path, 0);
  }

  /** Deletes the file and makes it anew, which mostly gets the same inode. */
  recreate(): void {
    for (const number of this.#unseen) this.#destroyed.add(number);
    this.#half = "";
    this.#unseen = [];
    rmSync(this.#path);
    writeFileSync(this.#path, "");
  }

  /** The files are rotated in the middle of a scan: what it listed stands elsewhere when it's opened. */
  surprise(rotation: "rename" | "copytruncate" | "gzip"): void {
    this.#surprises.push(() => this[rotation]());
  }

  /** From now on nothing is acknowledged, or everything held is. */
  holdAcknowledgements(hold: boolean): void {
    this.#hold = hold;
    if (!hold) for (const settle of this.#held.splice(0)) settle();
  }

  /** The process dies: what wasn't synced is forgotten. */
  async crash(): Promise<void> {
    const frozen = readFileSync(join(this.#folder, `registry-${this.#starts - 1}`, "registry.log"));
    await this.#tailer.stop();
    await this.#registry.close();
    writeFileSync(join(this.#folder, `registry-${this.#starts - 1}`, "registry.log"), frozen);
    this.#held = [];
    await this.start();
    this.#unseen = [];
  }

  /** The process ends in order and starts again. */
  async restart(): Promise<void> {
    await this.#tailer.stop();
    await this.#registry.close();
    this.#held = [];
    await this.start();
    this.#unseen = [];
  }

  /** Ends the run and checks it. */
  async verify(): Promise<void> {
    this.holdAcknowledgements(false);
    this.#surprises = [];
    for (let round = 0; round < 3; round++) await this.scan();
    await this.#tailer.stop();
    await this.#registry.close();
    const seen = new Map<number, number>();
    for (const content of this.#delivered.values()) {
      const { n } = JSON.parse(content) as { n: number };
      seen.set(n, (seen.get(n) ?? 0) + 1);
    }
    for (const [n, count] of seen) assert.equal(count, 1, `line ${n} is there ${count} times`);
    for (let n = 0; n < this.#written; n++) {
      assert.ok(seen.has(n) || this.#destroyed.has(n), `line ${n} is lost`);
    }
  }

  #take(batch: Batch, settle: () => void): void {
    for (let index = 0; index < batch.count; index++) {
      const id = recordId(batch.origin.generation, batch.offsets[index] ?? 0);
      const content = recordBytes(batch, index).toString("utf8");
      assert.equal(this.#delivered.get(id) ?? content, content, "one id, two contents");
      this.#delivered.set(id, content);
    }
    if (this.#hold) this.#held.push(settle);
    else settle();
  }

  async #quiet(): Promise<void> {
    for (;;) {
      const busy = [...this.#tailer.files].filter((file) => file.pumping !== null);
      if (busy.length === 0) return;
      await Promise.all(busy.map((file) => file.pumping));
    }
  }

  #finishHalf(): void {
    if (this.#half !== "") this.write(1);
  }

  #shift(): void {
    for (let age = 60; age >= 1; age--) {
      for (const suffix of ["", ".gz"]) {
        const from = `${this.#path}.${age}${suffix}`;
        if (existsSync(from)) renameSync(from, `${this.#path}.${age + 1}${suffix}`);
      }
    }
  }
}
