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

/** The `_bulk` lines of events `from` to `from + count`, of `total` that are spread over the day from `start` (ms). */
export function bulkOfEvents(from: number, count: number, total: number, start: number): string {
  let lines = "";
  for (let n = from; n < from + count; n++) {
    lines += `{"create":{"_index":"logstash-bench","_id":"${idOf(n)}"}}\n${eventLine(n, total, start)}\n`;
  }
  return lines;
}

/** Ids as the shipper makes them: even over their whole range, and the same for the same event. */
function idOf(n: number): string {
  const high = Math.imul(n + 1, 0x9e3779b1) >>> 0;
  const low = Math.imul(n + 1, 0x85ebca6b) >>> 0;
  return `${high.toString(16).padStart(8, "0")}${low.toString(16).padStart(8, "0")}${n.toString(16).padStart(8, "0")}`;
}

/** One alert of about 1,050 bytes: few rules, many processes, and a text of its own for each. */
function eventLine(n: number, total: number, start: number): string {
  // A scatter without a period in step with any of the counts below.
  const scatter = Math.imul(n, 0x9e3779b1) >>> 8;
  const [rule, priority] = RULES[(scatter % 97) % RULES.length] as (typeof RULES)[number];
  const program = PROGRAMS[scatter % 10];
  const at = new Date(start + Math.floor((n * DAY) / total)).toISOString().slice(0, -1);
  const time = `${at}${String(scatter % 1_000_000).padStart(6, "0")}Z`;
  const container = (scatter % 40).toString(16).padStart(12, "3983538e1186");
  const file = `/etc/app${scatter % 500}/conf.d/key-${n % 5000}.pem`;
  const host = `node-${scatter % 20}`;
  const command = `${program} -v ${file} --id ${scatter % 20_000}`;
  const output = `${time}: ${priority} ${rule} | file=${file} evt_type=openat user=user${scatter % 30} user_uid=${scatter % 30} process=${program} proc_exepath=/usr/bin/${program} parent=systemd command=${command} terminal=0 container_id=${container} container_name=web-${scatter % 40} k8s_ns_name=prod`;
  return JSON.stringify({
    "@timestamp": time,
    hostname: host,
    output,
    output_fields: {
      "container.id": container,
      "container.name": `web-${scatter % 40}`,
      "evt.time.iso8601": start * 1e6 + n,
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
    time,
  });
}
