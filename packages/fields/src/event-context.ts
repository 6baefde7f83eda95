import {
  type EventRecord,
  FD_LOWER_LAYER,
  FD_UPPER_LAYER,
  type FdInfo,
  type FdKind,
  falcoFlags,
  O_F_CREATED,
  type OtherPath,
} from "@falco-efk/event";
import type { Accounts } from "./accounts/accounts.ts";
import type { ContainerDetails } from "./containers/container-details.ts";
import type { ContainerOrHost, Containers } from "./containers/containers.ts";
import { detachRecord } from "./detach-record.ts";
import { EVENT_TRAITS, type EventTraits } from "./event-traits.ts";
import { type Connection, connectionOf, connectionText } from "./network/connection.ts";
import type { DomainNames } from "./network/domain-names.ts";
import { asDirectory, joinPath } from "./paths.ts";
import type { ProcessInfo } from "./processes/process-info.ts";
import type { ProcessTable } from "./processes/process-table.ts";

/** What fields ask beside the event itself. */
export interface EventServices {
  readonly processes: ProcessTable;
  readonly accounts: Accounts;
  readonly containers: Containers;
  readonly domains: DomainNames;
  /** What `evt.hostname` shows. */
  readonly hostname: string;
}

const AT_FDCWD = -100;
const O_DIRECTORY = 0o200000;

const NO_OTHERS: readonly OtherPath[] = [];
const REAL: readonly OtherPath[] = ["real"];
const ALIAS: readonly OtherPath[] = ["alias"];
const REAL_AND_ALIAS: readonly OtherPath[] = ["real", "alias"];

/**
 * One event as fields see it: the record, the process and the container behind it, and what was derived from them so
 * far. One context serves all events in turn: `begin` takes the next.
 *
 * The same event can be looked at again: with Falco's lexical paths, and after `showPath` with the kernel's.
 */
export class EventContext {
  readonly services: EventServices;
  record!: EventRecord;
  traits!: EventTraits;
  /** Time of the event before this one, 0 at the first: for `evt.deltatime`. */
  previousTime = 0n;
  /** Time of the first event. */
  firstTime = 0n;

  #shown: OtherPath | "given" = "given";
  #process: ProcessInfo | undefined;
  #container: ContainerOrHost | undefined;
  #fd: FdInfo | null | undefined;
  #fdName: string | null | undefined;
  #connection: Connection | null | undefined;
  #openFlags = -1;
  #others: readonly OtherPath[] | undefined;
  #firstPath: string | undefined;
  #cwd: string | undefined;

  constructor(services: EventServices) {
    this.services = services;
  }

  /** Takes the next event; the process tree must have been told of it already. */
  begin(record: EventRecord): this {
    this.previousTime = this.record === undefined ? 0n : this.#time;
    this.record = record;
    this.#time = record.time;
    if (this.firstTime === 0n) this.firstTime = this.#time;
    this.traits = EVENT_TRAITS[record.type] as EventTraits;
    this.#shown = "given";
    this.#process = undefined;
    this.#container = undefined;
    this.#fd = undefined;
    this.#fdName = undefined;
    this.#connection = undefined;
    this.#openFlags = -1;
    this.#others = undefined;
    this.#firstPath = undefined;
    this.#cwd = undefined;
    return this;
  }

  #time = 0n;

  /** Nanoseconds since the epoch. */
  get time(): bigint {
    return this.#time;
  }

  /** Shows one of the other paths, or Falco's lexical ones (`given`, as after `begin`). */
  showPath(path: OtherPath | "given"): void {
    if (this.#shown === path) return;
    this.#shown = path;
    this.#fdName = undefined;
  }

  /** The paths that are known beside the lexical one and differ from it. */
  get otherPaths(): readonly OtherPath[] {
    this.#others ??= this.#findOthers();
    return this.#others;
  }

  /** The process behind the event. */
  get process(): ProcessInfo {
    this.#process ??= this.services.processes.of(this.record);
    return this.#process;
  }

  /** The working directory at the event, with its slash: as the event itself tells it, else the system or the tree. */
  get cwd(): string {
    this.#cwd ??= this.#readCwd();
    return this.#cwd;
  }

  /** The container behind the event, null for the host. */
  get container(): ContainerOrHost {
    if (this.#container === undefined) this.#container = this.services.containers.of(this.record.task);
    return this.#container;
  }

  /** What is known of the container; null when nothing is, for now or for good. */
  get containerDetails(): ContainerDetails | null {
    return this.services.containers.details(this.container) ?? null;
  }

  /** True while the runtimes have not answered about the event's container: an alert may wait for `containerKnown`. */
  get containerPending(): boolean {
    return this.container !== null && this.services.containers.details(this.container) === undefined;
  }

  /** Resolves when the runtimes have answered; at once on the host. Never rejects, and sets no limit of its own. */
  async containerKnown(): Promise<void> {
    const container = this.container;
    if (container !== null) await this.services.containers.known(container);
  }

  /** A copy that stays valid after the record is reused, for an alert that waits. */
  detach(): EventContext {
    const copy = new EventContext(this.services);
    copy.previousTime = this.previousTime;
    copy.firstTime = this.firstTime;
    const process = this.process;
    const container = this.container;
    const cwd = this.cwd;
    copy.begin(detachRecord(this.record, this.traits.params.length));
    copy.#process = process.clone();
    copy.#container = container;
    copy.#cwd = cwd;
    copy.previousTime = this.previousTime;
    copy.showPath(this.#shown);
    return copy;
  }

  /** The event's user-side id for account look-ups: "" on the host. */
  get accountSpace(): string {
    return this.container?.fullId ?? "";
  }

  /** The descriptor of the event, null where it has none or the call that makes it failed. */
  get fd(): FdInfo | null {
    if (this.#fd === undefined) {
      const { createsFd, usesFd } = this.traits;
      const gone = !(createsFd || usesFd) || (createsFd && !usesFd && this.record.result < 0);
      this.#fd = gone ? null : this.record.fd;
    }
    return this.#fd;
  }

  /** Falco's kind of the descriptor: an open makes a directory when it asked for one, and a file otherwise. */
  get fdKind(): FdKind | null {
    const fd = this.fd;
    if (fd === null) return this.directory === null ? null : "directory";
    if (this.traits.opens) return (this.kernelFlags & O_DIRECTORY) !== 0 ? "directory" : "file";
    if (fd.kind === "ipv6") return this.connection?.family ?? "ipv6";
    return fd.kind;
  }

  /** The directory whose descriptor a call on a path was given (`unlinkat(5, …)`): Falco's descriptor of such events. */
  get directory(): string | null {
    const { traits, record } = this;
    if (!traits.usesFd || traits.createsFd) return null;
    const index = traits.params.findIndex((param) => param.path === 0);
    const dirFd = index < 0 ? -1 : (traits.params[index]?.dirFd ?? -1);
    if (dirFd < 0 || Number(record.param(dirFd) ?? -1) < 0) return null;
    const base = record.paths[0]?.base ?? null;
    return base !== null && base.length > 1 && base.endsWith("/") ? base.slice(0, -1) : base;
  }

  /** Both ends of the event's IP socket; null without one, or while it has no address. */
  get connection(): Connection | null {
    if (this.#connection === undefined) {
      const tuple = this.fd?.tuple ?? null;
      this.#connection = tuple === null ? null : connectionOf(tuple, this.traits.direction);
    }
    return this.#connection;
  }

  /** The open's flags as the kernel numbers them; 0 for a type without. */
  get kernelFlags(): number {
    const { flagsParam } = this.traits;
    return flagsParam < 0 ? 0 : Number(this.record.param(flagsParam) ?? 0);
  }

  /** Falco's number of the open flags, with what the kernel added; 0 for a type without. */
  get openFlags(): number {
    if (this.#openFlags < 0) this.#openFlags = this.#readOpenFlags();
    return this.#openFlags;
  }

  /** `fd.name`: null where the event has no descriptor at all, "" where its name is unknown. */
  get fdName(): string | null {
    if (this.#fdName === undefined) this.#fdName = this.#readFdName();
    return this.#fdName;
  }

  /** A path argument, absolute and normalised; another one after `showPath`. Null when there is none. */
  path(index: number): string | null {
    const path = this.record.paths[index];
    if (path === undefined) return null;
    return this.#otherPath(index) ?? this.#lexical(index, path.raw, path.base);
  }

  /** True when another path than the given one is shown for this argument. */
  showsOther(index: number): boolean {
    return this.#otherPath(index) !== null;
  }

  #otherPath(index: number): string | null {
    if (this.#shown === "given") return null;
    return this.record.paths[index]?.[this.#shown] ?? null;
  }

  /** The directory a relative path argument starts from, with its slash; `<UNKNOWN>` as Falco has it. */
  baseOf(index: number, base: string | null): string {
    if (base !== null) return asDirectory(base);
    const dirFd = this.traits.params.find((param) => param.path === index)?.dirFd ?? -1;
    const number = dirFd < 0 ? AT_FDCWD : Number(this.record.param(dirFd) ?? AT_FDCWD);
    return number === AT_FDCWD ? this.cwd : "<UNKNOWN>";
  }

  #lexical(index: number, raw: string, base: string | null): string {
    if (index !== 0) return this.#join(index, raw, base);
    this.#firstPath ??= this.#join(0, raw, base);
    return this.#firstPath;
  }

  #join(index: number, raw: string, base: string | null): string {
    return raw.startsWith("/") ? joinPath("", raw) : joinPath(this.baseOf(index, base), raw);
  }

  #readCwd(): string {
    const { paths, image } = this.record;
    if (image !== null) return asDirectory(image.cwd);
    const { params } = this.traits;
    for (let index = 0; index < paths.length; index++) {
      const { raw, base } = paths[index] as (typeof paths)[number];
      if (base === null || raw.startsWith("/")) continue;
      const dirFd = params.find((param) => param.path === index)?.dirFd ?? -1;
      if (dirFd >= 0 && this.record.param(dirFd) !== AT_FDCWD) continue;
      this.process.cwd = asDirectory(base);
      return this.process.cwd;
    }
    return this.services.processes.cwdOf(this.process);
  }

  #findOthers(): readonly OtherPath[] {
    const { paths } = this.record;
    let others = NO_OTHERS;
    for (let index = 0; index < paths.length; index++) {
      const { raw, base, real, alias } = paths[index] as (typeof paths)[number];
      if (real !== null && real !== raw && real !== this.#lexical(index, raw, base)) others = REAL;
      if (alias !== undefined && alias !== real && alias !== this.#lexical(index, raw, base)) {
        return others === REAL ? REAL_AND_ALIAS : ALIAS;
      }
    }
    return others;
  }

  #readOpenFlags(): number {
    const { flagsParam, params, opens } = this.traits;
    const fd = this.fd;
    let flags = 0;
    const raw = flagsParam >= 0 && params[flagsParam]?.table === "open" ? this.record.param(flagsParam) : null;
    if (raw !== null) flags = falcoFlags("open", Number(raw));
    if (opens && fd !== null) {
      if (fd.created) flags |= O_F_CREATED;
      if (fd.overlay === "upper") flags |= FD_UPPER_LAYER;
      if (fd.overlay === "lower") flags |= FD_LOWER_LAYER;
    }
    return flags;
  }

  #readFdName(): string | null {
    const { traits, record } = this;
    if (!(traits.createsFd || traits.usesFd)) return null;
    const fd = this.fd;
    if (traits.opens) {
      const path = record.paths[0];
      if (path === undefined) return fd?.path ?? null;
      // A failed open keeps an absolute path as it was passed; openat normalises it.
      if (fd === null && traits.params[1]?.path === 0 && path.raw.startsWith("/") && this.#shown === "given")
        return path.raw;
      return this.path(0);
    }
    if (fd === null) return this.directory ?? "";
    if (fd.tuple?.family === "unix") {
      const path = fd.tuple.unixPath ?? "";
      return traits.direction === "none" || traits.io ? path : `0->0 ${path}`;
    }
    const connection = this.connection;
    if (connection !== null) return connectionText(connection);
    return fd.tuple === null ? (fd.path ?? "") : "";
  }
}
