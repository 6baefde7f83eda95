import { spawnSync } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { gzipSync } from "node:zlib";
import { falcoLine } from "./falco-lines.ts";

/** How a log file is rotated. */
export type Rotation = "rename" | "copytruncate" | "gzip";

/** Writes numbered lines to a file and rotates it as log rotation does: `.1`, `.2` and so on; it never deletes. */
export class RotatingWriter {
  readonly path: string;
  written = 0;
  #rotations = 0;
  #fd: number;

  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, "a");
  }

  /** Appends lines; the last may be cut in two writes, as a flush in the middle of a line does. */
  write(count: number): void {
    let text = "";
    for (let index = 0; index < count; index++) text += falcoLine(this.written + index);
    const cut = Math.floor(text.length * 0.7);
    writeSync(this.#fd, text.slice(0, cut));
    writeSync(this.#fd, text.slice(cut));
    this.written += count;
  }

  /** Rotates. Copytruncate must find the file fully read: bytes written between copy and truncation are lost to anybody. */
  rotate(rotation: Rotation): void {
    this.#shift();
    this.#rotations += 1;
    if (rotation === "copytruncate") {
      copyFileSync(this.path, `${this.path}.1`);
      truncateSync(this.path, 0);
      return;
    }
    renameSync(this.path, `${this.path}.1`);
    const old = this.#fd;
    this.#fd = openSync(this.path, "a");
    closeSync(old);
    if (rotation === "gzip" && existsSync(`${this.path}.2`)) {
      writeFileSync(`${this.path}.2.gz.tmp`, gzipSync(readFileSync(`${this.path}.2`)));
      spawnSync("touch", ["-r", `${this.path}.2`, `${this.path}.2.gz.tmp`]);
      renameSync(`${this.path}.2.gz.tmp`, `${this.path}.2.gz`);
      rmSync(`${this.path}.2`);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  #shift(): void {
    // Deepest first, so that nothing is overwritten.
    for (let age = this.#rotations; age >= 1; age--) {
      for (const suffix of ["", ".gz"]) {
        if (existsSync(`${this.path}.${age}${suffix}`)) {
          renameSync(`${this.path}.${age}${suffix}`, `${this.path}.${age + 1}${suffix}`);
        }
      }
    }
  }
}
