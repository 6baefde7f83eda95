/** A Falco event as falco-ship indexes it. */
export interface EventDocument {
  readonly index: string;
  readonly id: string;
  readonly source: Readonly<Record<string, unknown>>;
}

const RULES = [
  [
    "Terminal shell in container",
    "Notice",
    ["T1059", "container", "mitre_execution", "shell"],
    "A shell was spawned in a container with an attached terminal",
    "bash -i",
  ],
  [
    "Read sensitive file untrusted",
    "Warning",
    ["T1555", "filesystem", "host", "mitre_credential_access"],
    "Sensitive file opened for reading by non-trusted program",
    "cat /etc/shadow",
  ],
  [
    "Write below etc",
    "Error",
    ["T1098", "filesystem", "mitre_persistence"],
    "File below /etc opened for writing",
    "touch /etc/cron.d/job",
  ],
  [
    "Drop and execute new binary in container",
    "Critical",
    ["T1204", "container", "mitre_persistence"],
    "Executing binary not part of base image",
    "/tmp/miner --pool",
  ],
  [
    "Execution from /dev/shm",
    "Warning",
    ["T1059.004", "mitre_execution"],
    "File execution detected from /dev/shm",
    "/dev/shm/run.sh",
  ],
  [
    "Contact K8S API Server From Container",
    "Notice",
    ["T1565", "mitre_discovery", "network"],
    "Unexpected connection to K8s API Server from container",
    "curl -k https://10.96.0.1",
  ],
  [
    "Clear Log Activities",
    "Warning",
    ["T1070", "mitre_defense_evasion"],
    "Log files were tampered",
    "truncate -s0 /var/log/auth.log",
  ],
  [
    "Packet socket created in container",
    "Notice",
    ["T1557.002", "mitre_credential_access", "network"],
    "Packet socket was created in a container",
    "tcpdump -i eth0",
  ],
  [
    "Modify Container Entrypoint",
    "Informational",
    ["T1547", "mitre_execution"],
    "Detect Potential Container Breakout Exploit",
    "runc init",
  ],
  [
    "Debugfs Launched in Privileged Container",
    "Emergency",
    ["T1611", "mitre_privilege_escalation"],
    "Debugfs launched started in a privileged container",
    "debugfs /dev/sda1",
  ],
] as const;
const HOSTS = ["web-01", "web-02", "db-01", "ci-runner-7"] as const;
const CONTAINERS = ["nginx", "api", "worker", "redis", "postgres"] as const;
const USERS = ["root", "www-data", "deploy", "postgres"] as const;

/** `count` events over the day before `now`, always the same for the same numbers. */
export function makeEvents(count: number, now: number, spanMs = 86_000_000): EventDocument[] {
  let seed = 42;
  const random = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  // Squared: a few rules fire often, most seldom, as they do.
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() ** 2 * list.length)] as T;
  return Array.from({ length: count }, (_, number) => {
    const [rule, priority, tags, words, command] = pick(RULES);
    const wave = 0.5 + 0.5 * Math.sin(number / 37);
    const time = now - Math.floor(spanMs * (number / count) * (0.9 + 0.1 * wave * random())) - 1_000;
    const iso = `${new Date(time).toISOString().slice(0, -1)}${String(number % 1_000_000).padStart(6, "0")}Z`;
    const user = pick(USERS);
    const container = pick(CONTAINERS);
    const nanoseconds = BigInt(time) * 1_000_000n + BigInt(number % 1_000_000);
    return {
      index: `logstash-${iso.slice(0, 10).replaceAll("-", ".")}`,
      id: `event-${number}`,
      source: {
        "@timestamp": iso,
        hostname: pick(HOSTS),
        output: `${iso}: ${priority} ${words} | user=${user} command=${command} container=${container}`,
        output_fields: {
          "container.id": `3983538e${String(1000 + (number % 7))}`,
          "container.name": container,
          "container.image.repository": `registry.internal/${container}`,
          "evt.time": nanoseconds,
          "evt.type": "execve",
          "fd.name": number % 3 === 0 ? "/etc/shadow" : null,
          "proc.cmdline": command,
          "proc.name": command.split(" ")[0],
          "proc.pid": 1000 + number,
          "user.name": user,
          "user.uid": user === "root" ? 0 : 33,
        },
        priority,
        rule,
        source: "syscall",
        tags,
        time: iso,
      },
    };
  });
}

/** The events as a `_bulk` body. Integers keep their digits. */
export function bulkBody(events: readonly EventDocument[]): string {
  const write = (value: unknown): string =>
    JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? `${item}n` : item)).replace(
      /"(\d{16,})n"/g,
      "$1",
    );
  return events
    .map(({ index, id, source }) => `${JSON.stringify({ create: { _index: index, _id: id } })}\n${write(source)}\n`)
    .join("");
}
