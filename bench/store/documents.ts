const RULES = [
  ["Terminal shell in container", "Notice"],
  ["Read sensitive file untrusted", "Warning"],
  ["Clear Log Activities", "Warning"],
  ["Contact K8S API Server From Container", "Notice"],
  ["Drop and execute new binary in container", "Critical"],
  ["Redirect STDOUT/STDIN to Network Connection in Container", "Notice"],
  ["Search Private Keys or Passwords", "Warning"],
  ["Create Hardlink Over Sensitive Files", "Warning"],
  ["Run shell untrusted", "Notice"],
  ["Execution from /dev/shm", "Warning"],
  ["Packet socket created in container", "Notice"],
  ["Debugfs Launched in Privileged Container", "Warning"],
  ["PTRACE attached to process", "Warning"],
  ["Remove Bulk Data from Disk", "Warning"],
] as const;
const PROGRAMS = ["bash", "cat", "nginx", "python3", "sshd", "curl", "find", "node", "java", "systemd"];
const DAY = 86_400_000;

/** Documents of one `_bulk` body. */
export const BATCH = 2000;
/** Bodies that are built; later ones are made of these by writing over ids, times and command lines. */
const TEMPLATES = 25;

const ID = "000000000000000000000000";
const TIME = "2026-11-22T00:00:00.000000000Z";
const NANOS = "1000000000000000000";
const COMMAND = "00000000";

/** A body and where in it the parts lie that are each document's own, so many offsets a document. */
interface Template {
  readonly body: Buffer;
  readonly places: Uint32Array;
}

const PLACES = 7;

/**
 * Makes `_bulk` bodies of `total` alerts that are spread over the day from `start` (ms). The feeder must be cheap beside
 * the server: a body is a copy of one of a few with some bytes changed. Every alert is about 1,050 bytes: few rules, many
 * processes, nearly a million different command lines in a million alerts, and a text of its own.
 */
export class Feeder {
  readonly #total: number;
  readonly #start: number;
  readonly #templates: Template[] = [];

  constructor(total: number, start: number) {
    this.#total = total;
    this.#start = start;
  }

  /** How many bodies there are. */
  get bodies(): number {
    return Math.ceil(this.#total / BATCH);
  }

  /** The body with a number; the last one may hold fewer documents. It is the caller's until the next call. */
  body(number: number): Buffer {
    const at = number % TEMPLATES;
    this.#templates[at] ??= makeTemplate(at);
    const { body, places } = this.#templates[at] as Template;
    const count = Math.min(BATCH, this.#total - number * BATCH);
    const copy = Buffer.from(body);
    for (let i = 0; i < count; i++) {
      const n = number * BATCH + i;
      const offset = (place: number): number => places[i * PLACES + place] as number;
      const ms = this.#start + Math.floor((n * DAY) / this.#total);
      const time = `${new Date(ms).toISOString().slice(0, -1)}${digits(Math.imul(n, 0x9e3779b1) >>> 12, 6)}Z`;
      copy.write(idOf(n), offset(0), "latin1");
      for (let place = 1; place <= 3; place++) {
        copy.write(time, offset(place), "latin1");
      }
      copy.write(`${ms}${digits(n % 1_000_000, 6)}`, offset(4), "latin1");
      const command = digits((Math.imul(n + 7, 0x85ebca6b) >>> 0) % 5_000_000, 8);
      copy.write(command, offset(5), "latin1");
      copy.write(command, offset(6), "latin1");
    }
    return count === BATCH ? copy : copy.subarray(0, (places[count * PLACES] as number) - CREATE.length);
  }
}

function digits(value: number, count: number): string {
  return String(value).slice(-count).padStart(count, "0");
}

const CREATE = `{"create":{"_index":"logstash-bench","_id":"`;

function makeTemplate(number: number): Template {
  const lines: string[] = [];
  for (let i = 0; i < BATCH; i++) {
    lines.push(`${CREATE}${ID}"}}\n${eventLine(number * BATCH + i)}\n`);
  }
  const body = Buffer.from(lines.join(""));
  const places = new Uint32Array(BATCH * PLACES);
  let from = 0;
  const next = (text: string): number => {
    from = body.indexOf(text, from) + text.length;
    return from - text.length;
  };
  for (let i = 0; i < BATCH; i++) {
    // The order in which these stand in a line.
    const id = next(ID);
    const first = next(TIME);
    const output = next(TIME);
    const outputCommand = next(`--id ${COMMAND}`) + 5;
    const eventTime = next(NANOS);
    const command = next(`--id ${COMMAND}`) + 5;
    const last = next(TIME);
    places.set([id, first, output, last, eventTime, outputCommand, command], i * PLACES);
  }
  return { body, places };
}

/** Ids as the shipper makes them: even over their whole range, and the same for the same event. */
function idOf(n: number): string {
  const high = Math.imul(n + 1, 0x9e3779b1) >>> 0;
  const low = Math.imul(n + 1, 0x85ebca6b) >>> 0;
  return `${high.toString(16).padStart(8, "0")}${low.toString(16).padStart(8, "0")}${n.toString(16).padStart(8, "0")}`;
}

function eventLine(n: number): string {
  // A scatter without a period in step with any of the counts below.
  const scatter = Math.imul(n, 0x9e3779b1) >>> 8;
  const [rule, priority] = RULES[(scatter % 97) % RULES.length] as (typeof RULES)[number];
  const program = PROGRAMS[scatter % 10];
  const container = (scatter % 40).toString(16).padStart(12, "3983538e1186");
  const file = `/etc/app${scatter % 500}/conf.d/key-${n % 5000}.pem`;
  const command = `${program} -v ${file} --id ${COMMAND}`;
  const output = `${TIME}: ${priority} ${rule} | file=${file} evt_type=openat user=user${scatter % 30} user_uid=${scatter % 30} process=${program} proc_exepath=/usr/bin/${program} parent=systemd command=${command} terminal=0 container_id=${container} container_name=web-${scatter % 40} k8s_ns_name=prod`;
  return JSON.stringify({
    "@timestamp": TIME,
    hostname: `node-${scatter % 20}`,
    output,
    output_fields: {
      "container.id": container,
      "container.name": `web-${scatter % 40}`,
      "evt.time.iso8601": 0,
      "evt.type": "openat",
      "fd.name": file,
      "k8s.ns.name": "prod",
      "k8s.pod.name": null,
      "proc.cmdline": command,
      "proc.exepath": `/usr/bin/${program}`,
      "proc.name": program,
      "proc.pid": 1000 + (scatter % 30_000),
      "proc.pname": "systemd",
      "user.name": `user${scatter % 30}`,
      "user.uid": scatter % 30,
    },
    priority,
    rule,
    source: "syscall",
    tags: ["T1555", "container", "filesystem", "host", "maturity_stable"],
    time: TIME,
  }).replace(`"evt.time.iso8601":0`, `"evt.time.iso8601":${NANOS}`);
}
