import { type Batch, ROW } from "../batch.ts";
import { ECS_FIELDS, ECS_OBJECTS, FILE_PATH } from "./falco-fields.ts";
import { type InnerScan, KeySet, scanObject } from "./falco-scan.ts";
import { threatOfTags } from "./mitre.ts";
import type { Stepped } from "./processing-intake.ts";
import { StepBuffers } from "./step-buffers.ts";

/** What is added to Falco's alerts; the originals stay as they are. */
export interface FalcoEnrichment {
  /** ECS names beside Falco's: host, container, process, user, file, event. */
  readonly ecs: boolean;
  /** `threat` from the rule's MITRE tags. */
  readonly mitre: boolean;
  /** `event.severity`: 0 is Emergency, 7 is Debug. */
  readonly severity: boolean;
}

const PRIORITIES = ["Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"];

/** The alert's own members that are read, then those that are added: where one of these is there, it stays alone. */
const TOP = { hostname: 0, fields: 1, priority: 2, tags: 3, event: 4, threat: 5, host: 6, objects: 7 } as const;
const TOP_KEYS = new KeySet([
  "hostname",
  "output_fields",
  "priority",
  "tags",
  "event",
  "threat",
  "host",
  ...ECS_OBJECTS,
]);
const FIELD_KEYS = new KeySet(ECS_FIELDS.map(({ falco }) => falco));

const HOST_OPEN = Buffer.from('"host":{"name":');
const OBJECT_CLOSE = Buffer.from("},");
const NOTHING = new Uint8Array(0);
/** More than all texts that are added beside copied values and the members that depend on priority and tags. */
const FIXED_BYTES =
  64 + ECS_FIELDS.reduce((sum, field) => sum + field.first.length + field.next.length + OBJECT_CLOSE.length, 0);

/** What depends on priority and tags alone. */
interface RuleMembers {
  /** The bytes of priority and tags that it was made from. */
  readonly key: Uint8Array;
  readonly event: Uint8Array;
  readonly threat: Uint8Array;
  /** Both, one after the other. */
  readonly both: Uint8Array;
}

/**
 * Adds to Falco's alerts without parsing them: members are written behind the opening brace, their values copied as they are
 * written. What depends on priority and tags is worked out once for each pair. A record that isn't an alert of Falco's
 * stays as it is.
 */
export class FalcoEnricher {
  readonly #options: FalcoEnrichment;
  readonly #rules = new Map<number, RuleMembers>();
  #last: RuleMembers | null = null;
  readonly #buffers = new StepBuffers();
  readonly #top = new Uint32Array((TOP.objects + ECS_OBJECTS.length) * 2);
  readonly #fields = new Uint32Array(ECS_FIELDS.length * 2);
  readonly #inner: InnerScan | null;

  constructor(options: FalcoEnrichment) {
    this.#options = options;
    this.#inner = options.ecs ? { name: TOP.fields, keys: FIELD_KEYS, found: this.#fields } : null;
  }

  enrich(batch: Batch): Stepped {
    const { data, count, rows } = batch;
    const moved = new Uint32Array(rows);
    let target = this.#buffers.take(data.length + (data.length >> 1) + count * FIXED_BYTES);
    let at = 0;
    for (let row = 0; row < count * ROW.width; row += ROW.width) {
      const start = rows[row] ?? 0;
      const end = rows[row + ROW.end] ?? 0;
      const rule = this.#readAlert(data, start, end);
      // Values may be copied once each, and the record itself follows.
      const most = 2 * (end - start) + FIXED_BYTES + (rule === null ? 0 : rule.event.length + rule.threat.length);
      if (at + most > target.length) target = this.#buffers.grow(target, at, most);
      moved[row] = at;
      let from = start;
      if (rule !== null) {
        target[at] = 0x7b;
        at = this.#writeMembers(data, rule, target, at + 1);
        from += 1;
      }
      data.copy(target, at, from, end);
      const shift = at - from;
      moved[row + ROW.timeStart] = (rows[row + ROW.timeStart] ?? 0) + shift;
      moved[row + ROW.timeEnd] = (rows[row + ROW.timeEnd] ?? 0) + shift;
      at += end - from;
      moved[row + ROW.end] = at;
    }
    const whole = target;
    return {
      batch: { ...batch, data: whole.subarray(0, at), rows: moved },
      release: () => this.#buffers.give(whole),
    };
  }

  /** Finds what the members are made of. Null for a record that is no alert. */
  #readAlert(data: Buffer, start: number, end: number): RuleMembers | null {
    const top = this.#top;
    if (scanObject(data, start, end, TOP_KEYS, top, this.#inner) !== end) return null;
    const priority = top[TOP.priority * 2] ?? 0;
    const fields = top[TOP.fields * 2] ?? 0;
    if (priority === 0 || data[priority] !== 0x22 || fields === 0 || data[fields] !== 0x7b) return null;
    return this.#ruleMembers(data);
  }

  #writeMembers(data: Buffer, rule: RuleMembers, target: Buffer, from: number): number {
    const top = this.#top;
    let at = from;
    if (top[TOP.event * 2] === 0 && top[TOP.threat * 2] === 0) {
      target.set(rule.both, at);
      at += rule.both.length;
    } else {
      if (top[TOP.event * 2] === 0) at = write(rule.event, target, at);
      if (top[TOP.threat * 2] === 0) at = write(rule.threat, target, at);
    }
    if (!this.#options.ecs) return at;
    const hostname = top[TOP.hostname * 2] ?? 0;
    if (hostname > 0 && top[TOP.host * 2] === 0) {
      at = write(HOST_OPEN, target, at);
      at = copy(data, hostname, top[TOP.hostname * 2 + 1] ?? 0, target, at);
      at = write(OBJECT_CLOSE, target, at);
    }
    let open = -1;
    for (let index = 0; index < ECS_FIELDS.length; index++) {
      const start = this.#fields[index * 2] ?? 0;
      const field = ECS_FIELDS[index];
      // A null says nothing; a descriptor that isn't a path is no file.
      if (start === 0 || field === undefined || data[start] === 0x6e) continue;
      if (index === FILE_PATH && data[start + 1] !== 0x2f) continue;
      if (top[(TOP.objects + field.object) * 2] !== 0) continue;
      if (open !== field.object && open >= 0) at = write(OBJECT_CLOSE, target, at);
      at = write(open === field.object ? field.next : field.first, target, at);
      open = field.object;
      at = copy(data, start, this.#fields[index * 2 + 1] ?? 0, target, at);
    }
    return open < 0 ? at : write(OBJECT_CLOSE, target, at);
  }

  #ruleMembers(data: Buffer): RuleMembers {
    const top = this.#top;
    const priority = top[TOP.priority * 2] ?? 0;
    const priorityEnd = top[TOP.priority * 2 + 1] ?? 0;
    const tags = top[TOP.tags * 2] ?? 0;
    const tagsEnd = top[TOP.tags * 2 + 1] ?? 0;
    const last = this.#last;
    if (last !== null && isSame(last.key, data, priority, priorityEnd, tags, tagsEnd)) return last;
    const hash = hashBytes(data, tags, tagsEnd, hashBytes(data, priority, priorityEnd, 0));
    const known = this.#rules.get(hash);
    if (known !== undefined && isSame(known.key, data, priority, priorityEnd, tags, tagsEnd)) {
      this.#last = known;
      return known;
    }
    const key = Buffer.concat([data.subarray(priority, priorityEnd), data.subarray(tags, tagsEnd)]);
    const made = this.#makeMembers(
      key,
      data.toString("utf8", priority + 1, priorityEnd - 1),
      data.toString("utf8", tags, tagsEnd),
    );
    if (this.#rules.size > 5000) this.#rules.clear();
    this.#rules.set(hash, made);
    this.#last = made;
    return made;
  }

  #makeMembers(key: Uint8Array, priority: string, tags: string): RuleMembers {
    const { ecs, severity, mitre } = this.#options;
    const number = PRIORITIES.indexOf(priority === "Info" ? "Informational" : priority);
    const event = {
      ...(ecs ? { kind: "alert", module: "falco" } : {}),
      ...(severity && number >= 0 ? { severity: number } : {}),
    };
    const threat = mitre ? threatOfTags(readTags(tags)) : null;
    const members = {
      event: Object.keys(event).length === 0 ? NOTHING : Buffer.from(`"event":${JSON.stringify(event)},`),
      threat: threat === null ? NOTHING : Buffer.from(`"threat":${JSON.stringify(threat)},`),
    };
    return { key, ...members, both: Buffer.concat([members.event, members.threat]) };
  }
}

/** The texts of `tags` as it is written; none where it isn't a list of texts. */
function readTags(text: string): readonly string[] {
  try {
    const tags: unknown = JSON.parse(text);
    return Array.isArray(tags) ? tags.filter((tag) => typeof tag === "string") : [];
  } catch {
    return [];
  }
}

/** Short pieces are copied byte by byte: a call into the runtime costs more. */
function write(bytes: Uint8Array, target: Uint8Array, at: number): number {
  return copy(bytes, 0, bytes.length, target, at);
}

function copy(data: Uint8Array, start: number, end: number, target: Uint8Array, at: number): number {
  let to = at;
  for (let from = start; from < end; from++, to++) target[to] = data[from] ?? 0;
  return to;
}

function hashBytes(data: Uint8Array, start: number, end: number, seed: number): number {
  let hash = seed;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (data[at] ?? 0)) | 0;
  return hash;
}

function isSame(key: Uint8Array, data: Uint8Array, start: number, end: number, start2: number, end2: number): boolean {
  const first = end - start;
  if (key.length !== first + end2 - start2) return false;
  for (let at = 0; at < first; at++) if (key[at] !== data[start + at]) return false;
  for (let at = first; at < key.length; at++) if (key[at] !== data[start2 + at - first]) return false;
  return true;
}
