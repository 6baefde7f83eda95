import { closeSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import { UserError } from "@falco-efk/kit";
import { syncDirectory } from "./sync-directory.ts";

/** What every segment file ends with: a name, and the version of its format. */
const NAME = Buffer.from("FEFKSEG");
const MAGIC = Buffer.from("FEFKSEG3");
const TRAILER = 16;

/** Where a section lies in its file, and the CRC-32 of its bytes. */
type Section = readonly [offset: number, length: number, crc: number];

/** A file's table of sections and what else its writer wants to know at opening. */
interface Footer<T> {
  readonly sections: Readonly<Record<string, Section>>;
  readonly meta: T;
}

/** A stored file whose bytes are not what was written. */
export class DamagedFileError extends Error {
  readonly file: string;

  constructor(file: string, what: string) {
    super(`${file} is damaged: ${what}. Stop the store and run: falco-store repair --data DIR`);
    this.name = "DamagedFileError";
    this.file = file;
  }
}

/** A segment file of another version's format. */
export class OtherFormatError extends UserError {
  constructor(file: string) {
    super("another version of falco-store has written it, in a format that this one does not read", {
      code: "STORE_FORMAT",
      file,
      hint: "start that version, or give an empty directory with --data",
    });
  }
}

/** Writes a file of named sections. It has its final name only once every byte is on the disk. */
export class SectionWriter<T> {
  readonly #path: string;
  readonly #fd: number;
  readonly #sections: Record<string, Section> = {};
  #offset = 0;
  #open = true;

  constructor(path: string) {
    this.#path = path;
    this.#fd = openSync(`${path}.tmp`, "w", 0o640);
    this.#write(MAGIC);
  }

  /** Adds a section of one or several parts, which may be made while they are written. */
  add(name: string, parts: Buffer | Iterable<Buffer>): void {
    const list = Buffer.isBuffer(parts) ? [parts] : parts;
    const start = this.#offset;
    let crc = 0;
    for (const part of list) {
      crc = crc32(part, crc);
      this.#write(part);
    }
    this.#sections[name] = [start, this.#offset - start, crc];
  }

  /** Writes the table, syncs, and gives the file its name. */
  finish(meta: T): void {
    const footer = Buffer.from(JSON.stringify({ sections: this.#sections, meta } satisfies Footer<T>));
    this.#write(footer);
    const trailer = Buffer.alloc(TRAILER);
    trailer.writeUInt32LE(footer.length, 0);
    trailer.writeUInt32LE(crc32(footer), 4);
    MAGIC.copy(trailer, 8);
    this.#write(trailer);
    fsyncSync(this.#fd);
    this.#close();
    renameSync(`${this.#path}.tmp`, this.#path);
    syncDirectory(this.#path);
  }

  /** Gives up and removes what was written: a full disk needs the room. */
  abandon(): void {
    this.#close();
    rmSync(`${this.#path}.tmp`, { force: true });
  }

  #close(): void {
    if (this.#open) {
      this.#open = false;
      closeSync(this.#fd);
    }
  }

  #write(bytes: Buffer): void {
    let done = 0;
    while (done < bytes.length) {
      done += writeSync(this.#fd, bytes, done);
    }
    this.#offset += bytes.length;
  }
}

/** Reads a file of named sections, checking each against its CRC. */
export class SectionReader<T> {
  readonly path: string;
  readonly size: number;
  readonly meta: T;
  readonly #fd: number;
  readonly #sections: Readonly<Record<string, Section>>;

  constructor(path: string, size: number) {
    this.path = path;
    this.size = size;
    this.#fd = openSync(path, "r");
    try {
      const trailer = this.#read(size - TRAILER, TRAILER);
      const length = trailer.readUInt32LE(0);
      if (trailer.subarray(8, -1).equals(NAME) && !trailer.subarray(8).equals(MAGIC)) {
        throw new OtherFormatError(path);
      }
      if (!trailer.subarray(8).equals(MAGIC) || length > size - TRAILER) {
        throw new DamagedFileError(path, "its end is missing");
      }
      const bytes = this.#read(size - TRAILER - length, length);
      if (crc32(bytes) !== trailer.readUInt32LE(4)) {
        throw new DamagedFileError(path, "its table of contents has a wrong checksum");
      }
      const footer = JSON.parse(bytes.toString()) as Footer<T>;
      this.meta = footer.meta;
      this.#sections = footer.sections;
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  /** Whether there is a section of that name. */
  has(name: string): boolean {
    return this.#sections[name] !== undefined;
  }

  /** A whole section, its checksum verified. */
  section(name: string): Buffer {
    const [offset, length, crc] = this.#entry(name);
    const bytes = this.#read(offset, length);
    if (crc32(bytes) !== crc) {
      throw new DamagedFileError(this.path, `section ${name} has a wrong checksum`);
    }
    return bytes;
  }

  /** A part of a section, without a checksum: the part must be able to tell damage itself. */
  part(name: string, from: number, to: number): Buffer {
    const [offset] = this.#entry(name);
    return this.#read(offset + from, to - from);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #entry(name: string): Section {
    const section = this.#sections[name];
    if (!section) {
      throw new DamagedFileError(this.path, `section ${name} is missing`);
    }
    return section;
  }

  #read(offset: number, length: number): Buffer {
    if (offset < 0 || length < 0) {
      throw new DamagedFileError(this.path, "it is too short");
    }
    const bytes = Buffer.allocUnsafeSlow(length);
    let done = 0;
    while (done < length) {
      const count = readSync(this.#fd, bytes, done, length - done, offset + done);
      if (count === 0) {
        throw new DamagedFileError(this.path, "it is too short");
      }
      done += count;
    }
    return bytes;
  }
}
