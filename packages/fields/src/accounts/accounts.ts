import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from "node:fs";
import { type Group, parseGroup, parsePasswd, type User } from "./account-files.ts";

/** Where account files are read from; a test may give its own. Both may throw. */
export interface AccountFiles {
  readText(path: string): string;
  /** Changes whenever the file may have changed. */
  version(path: string): string;
}

const MAX_FILE = 4 << 20;

/**
 * The machine's own files. A container owns its passwd and may put anything there: only a regular file is read, no link
 * is followed, a pipe can't make the reader wait, and what is longer than 4 MiB is refused.
 */
export const HOST_ACCOUNT_FILES: AccountFiles = {
  readText: (path) => {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      const stats = fstatSync(file);
      if (!stats.isFile()) throw new Error(`${path} is no regular file`);
      if (stats.size > MAX_FILE) throw new Error(`${path} is longer than ${MAX_FILE} bytes`);
      return readFileSync(file, "utf8");
    } finally {
      closeSync(file);
    }
  },
  version: (path) => {
    const { mtimeMs, size, ino, dev } = lstatSync(path);
    return `${dev}:${ino}:${mtimeMs}:${size}`;
  },
};

interface Table {
  readonly users: ReadonlyMap<number, User>;
  readonly groups: ReadonlyMap<number, Group>;
  readonly passwdVersion: string;
  readonly groupVersion: string;
  checkedAt: number;
}

const NO_USERS: ReadonlyMap<number, User> = new Map();
const NO_GROUPS: ReadonlyMap<number, Group> = new Map();

/** How Accounts reads and caches. */
export interface AccountsOptions {
  readonly files?: AccountFiles;
  /** Milliseconds; only differences count. */
  readonly now?: () => number;
  /** How long a file is trusted before its version is looked at again, milliseconds. 1000 when absent. */
  readonly recheckAfter?: number;
  /** Containers whose files are kept at most. 256 when absent. */
  readonly maxContainers?: number;
  readonly proc?: string;
}

/**
 * Users and groups of the host and of containers, from their passwd and group files. A container's are reached through
 * the root of one of its processes, and kept under the container's id after that process is gone.
 */
export class Accounts {
  readonly #tables = new Map<string, Table>();
  readonly #files: AccountFiles;
  readonly #now: () => number;
  readonly #recheckAfter: number;
  readonly #maxContainers: number;
  readonly #proc: string;

  constructor(options: AccountsOptions = {}) {
    this.#files = options.files ?? HOST_ACCOUNT_FILES;
    this.#now = options.now ?? (() => performance.now());
    this.#recheckAfter = options.recheckAfter ?? 1000;
    this.#maxContainers = options.maxContainers ?? 256;
    this.#proc = options.proc ?? "/proc";
  }

  /** The user, or null when the files don't name it. `container` is "" for the host; `pid` one of its processes. */
  user(uid: number, container: string, pid: number): User | null {
    return this.#table(container, pid).users.get(uid) ?? null;
  }

  /** The group, or null when the files don't name it. */
  group(gid: number, container: string, pid: number): Group | null {
    return this.#table(container, pid).groups.get(gid) ?? null;
  }

  /** Forgets containers' files to save memory: they are read again when asked for. Answers of how many containers. */
  letGoContainers(): number {
    const before = this.#tables.size;
    for (const container of this.#tables.keys()) if (container !== "") this.#tables.delete(container);
    return before - this.#tables.size;
  }

  #table(container: string, pid: number): Table {
    const known = this.#tables.get(container);
    const now = this.#now();
    if (known !== undefined && now - known.checkedAt < this.#recheckAfter) return known;
    const root = container === "" ? "" : `${this.#proc}/${pid}/root`;
    const table = this.#read(root, known, now);
    if (table !== known) {
      this.#tables.delete(container);
      this.#tables.set(container, table);
      for (const old of this.#tables.keys()) {
        if (this.#tables.size <= this.#maxContainers) break;
        this.#tables.delete(old);
      }
    }
    return table;
  }

  #read(root: string, known: Table | undefined, now: number): Table {
    const passwd = `${root}/etc/passwd`;
    const group = `${root}/etc/group`;
    const passwdVersion = this.#version(passwd);
    const groupVersion = this.#version(group);
    const unchanged = known?.passwdVersion === passwdVersion && known.groupVersion === groupVersion;
    // A container's process may be gone by now: what was read before is still right.
    if (known !== undefined && (unchanged || passwdVersion === "")) {
      known.checkedAt = now;
      return known;
    }
    return {
      users: this.#parse(passwd, parsePasswd, NO_USERS),
      groups: this.#parse(group, parseGroup, NO_GROUPS),
      passwdVersion,
      groupVersion,
      checkedAt: now,
    };
  }

  #version(path: string): string {
    try {
      return this.#files.version(path);
    } catch {
      return "";
    }
  }

  #parse<T>(path: string, parse: (text: string) => T, otherwise: T): T {
    try {
      return parse(this.#files.readText(path));
    } catch {
      return otherwise;
    }
  }
}
