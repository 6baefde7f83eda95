import { type Batch, FLAG, ROW } from "../batch.ts";
import { eachMember } from "../lines/top-level.ts";
import { threatOfTags } from "./mitre.ts";

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
const PRIORITY_KEY = Buffer.from('"priority":"');
const FIELDS_KEY = Buffer.from('output_fields":{');
const HOSTNAME_KEY = Buffer.from('{"hostname":"');

/** Where a value of `output_fields` goes: object and key of ECS. */
const ECS_FIELDS: ReadonlyMap<string, readonly [string, string]> = new Map([
  ["container.id", ["container", "id"]],
  ["container.name", ["container", "name"]],
  ["container.image.repository", ["container", "image.name"]],
  ["container.image.tag", ["container", "image.tag"]],
  ["proc.name", ["process", "name"]],
  ["proc.cmdline", ["process", "command_line"]],
  ["proc.exepath", ["process", "executable"]],
  ["proc.pid", ["process", "pid"]],
  ["proc.pname", ["process", "parent.name"]],
  ["user.name", ["user", "name"]],
  ["fd.name", ["file", "path"]],
  ["k8s.ns.name", ["orchestrator", "namespace"]],
  ["k8s.pod.name", ["orchestrator", "resource.name"]],
]);
const ECS_LENGTHS: ReadonlySet<number> = new Set([...ECS_FIELDS.keys()].map((key) => key.length));

/**
 * Adds to Falco's alerts without parsing them: members are written behind the opening brace. What depends on priority, rule
 * and tags alone is worked out once for each rule. A record that isn't shaped as Falco writes it stays as it is.
 */
export class FalcoEnricher {
  readonly #options: FalcoEnrichment;
  /** By the text from `priority` to the end of `tags`. */
  readonly #byRule = new Map<string, { readonly event: string; readonly rest: string }>();

  constructor(options: FalcoEnrichment) {
    this.#options = options;
  }

  enrich(batch: Batch): Batch {
    const { data, count, rows } = batch;
    const pieces: Buffer[] = [];
    const moved = new Uint32Array(rows);
    let size = 0;
    for (let row = 0; row < count * ROW.width; row += ROW.width) {
      const start = rows[row] ?? 0;
      const end = rows[row + ROW.end] ?? 0;
      const extra = this.#extra(data, start, end, rows[row + ROW.timeStart] ?? 0, rows[row + ROW.flags] ?? 0);
      const added = extra === null ? 0 : extra.length;
      const shift = size + added - start;
      if (extra !== null) pieces.push(extra);
      pieces.push(data.subarray(extra === null ? start : start + 1, end));
      moved[row] = size;
      const length = end - start + (extra === null ? 0 : added - 1);
      moved[row + ROW.end] = size + length;
      const offset = extra === null ? size - start : shift - 1;
      moved[row + ROW.timeStart] = (rows[row + ROW.timeStart] ?? 0) + offset;
      moved[row + ROW.timeEnd] = (rows[row + ROW.timeEnd] ?? 0) + offset;
      size += length;
    }
    return { ...batch, data: Buffer.concat(pieces, size), rows: moved };
  }

  /** The opening brace and what is added behind it, or null for a record of another shape. */
  #extra(data: Buffer, start: number, end: number, timeStart: number, flags: number): Buffer | null {
    if (flags === FLAG.ownTimestamp || timeStart < start || end - timeStart !== 32) return null;
    const priority = data.lastIndexOf(PRIORITY_KEY, timeStart);
    if (priority < start) return null;
    const byRule = this.#ruleText(data.toString("latin1", priority, timeStart));
    if (!this.#options.ecs) {
      const event = byRule.event === "" ? "" : `"event":{${byRule.event}},`;
      return Buffer.from(`{${event}${byRule.rest}`);
    }
    return Buffer.from(`{${ecsMembers(data, start, end, priority, byRule.event)}${byRule.rest}`);
  }

  #ruleText(text: string): { readonly event: string; readonly rest: string } {
    const known = this.#byRule.get(text);
    if (known !== undefined) return known;
    const value = Buffer.from(text, "latin1").toString("utf8");
    const priority = /^"priority":"([A-Za-z]+)"/.exec(value)?.[1] ?? "";
    const tags = /"tags":(\[[^\]]*\])/.exec(value)?.[1] ?? "[]";
    const severity = PRIORITIES.indexOf(priority === "Info" ? "Informational" : priority);
    const threat = this.#options.mitre ? threatOfTags(JSON.parse(tags) as string[]) : null;
    const made = {
      event: this.#options.severity && severity >= 0 ? `"severity":${severity}` : "",
      rest: threat === null ? "" : `"threat":${JSON.stringify(threat)},`,
    };
    if (this.#byRule.size > 5000) this.#byRule.clear();
    this.#byRule.set(text, made);
    return made;
  }
}

/** ECS objects as text, each followed by a comma. Values are copied as they are written. */
function ecsMembers(data: Buffer, start: number, end: number, priority: number, event: string): string {
  const objects: Record<string, string> = {
    event: `"kind":"alert","module":"falco"${event === "" ? "" : `,${event}`}`,
  };
  if (data.compare(HOSTNAME_KEY, 0, HOSTNAME_KEY.length, start, start + HOSTNAME_KEY.length) === 0) {
    const from = start + HOSTNAME_KEY.length - 1;
    const to = data.indexOf(0x22, from + 1) + 1;
    objects.host = `"name":${data.toString("utf8", from, to)}`;
  }
  const fields = data.indexOf(FIELDS_KEY, start);
  if (fields >= 0 && fields < priority) {
    eachMember(data, fields + FIELDS_KEY.length - 1, end, ({ keyStart, keyEnd, valueStart, valueEnd }) => {
      if (!ECS_LENGTHS.has(keyEnd - keyStart) || data[valueStart] === 0x6e) return true;
      const key = data.toString("latin1", keyStart, keyEnd);
      const place = ECS_FIELDS.get(key);
      if (place === undefined || (key === "fd.name" && data[valueStart + 1] !== 0x2f)) return true;
      const [object, name] = place;
      const there = objects[object];
      objects[object] =
        `${there === undefined ? "" : `${there},`}"${name}":${data.toString("utf8", valueStart, valueEnd)}`;
      return true;
    });
  }
  let text = "";
  for (const name of Object.keys(objects)) text += `"${name}":{${objects[name]}},`;
  return text;
}
