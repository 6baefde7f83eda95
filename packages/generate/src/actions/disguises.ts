import { type Action, BOTH, type RuleSet, STOCK } from "../action.ts";
import type { Workshop } from "../workshop.ts";

/** A rule that asks only what a program is called: a copy of /bin/true under that name does nothing and fires it. */
interface Disguise {
  readonly rule: string;
  readonly sets: readonly RuleSet[];
  readonly name: string;
  readonly args: readonly string[];
  readonly where: "host" | "container";
  /** The rule asks what the runtime says of the container, which takes its time. */
  readonly asksRuntime?: true;
}

/** Starts a program after the time that a runtime takes between a container and its program. */
const AFTER_A_WHILE = 'sleep 0.3; exec "$@"';

const DISGUISES: readonly Disguise[] = [
  { rule: "Schedule Cron Jobs", sets: BOTH, name: "crontab", args: ["-l"], where: "host" },
  { rule: "User mgmt binaries", sets: BOTH, name: "useradd", args: ["nobody-at-all"], where: "host" },
  { rule: "Launch Suspicious Network Tool on Host", sets: BOTH, name: "nmap", args: ["192.0.2.1"], where: "host" },
  {
    rule: "Netcat/Socat Remote Code Execution on Host",
    sets: BOTH,
    name: "nc",
    args: ["-e", "/bin/sh", "127.0.0.1", "9"],
    where: "host",
  },
  { rule: "Known Cryptominer Process Executed", sets: BOTH, name: "xmrig", args: [], where: "host" },
  {
    rule: "Detect crypto miners using the Stratum protocol",
    sets: BOTH,
    name: "falco-miner",
    args: ["-o", "stratum+tcp://192.0.2.1:3333"],
    where: "host",
  },
  {
    rule: "Netcat Remote Code Execution in Container",
    sets: BOTH,
    name: "nc",
    args: ["-e", "/bin/sh", "127.0.0.1", "9"],
    where: "container",
  },
  {
    rule: "Launch Package Management Process in Container",
    sets: BOTH,
    name: "apk",
    args: ["add", "nothing"],
    where: "container",
  },
  {
    rule: "Launch Suspicious Network Tool in Container",
    sets: BOTH,
    name: "nmap",
    args: ["192.0.2.1"],
    where: "container",
  },
  {
    rule: "Launch Remote File Copy Tools in Container",
    sets: BOTH,
    name: "scp",
    args: ["nothing", "192.0.2.1:"],
    where: "container",
  },
  {
    rule: "Launch Ingress Remote File Copy Tools in Container",
    sets: BOTH,
    name: "wget",
    args: ["http://192.0.2.1/nothing"],
    where: "container",
  },
  {
    rule: "Kubernetes Client Tool Launched in Container",
    sets: BOTH,
    name: "kubectl",
    args: ["get", "nothing"],
    where: "container",
  },
  {
    rule: "Debugfs Launched in Privileged Container",
    sets: BOTH,
    name: "debugfs",
    args: ["/dev/null"],
    where: "container",
    asksRuntime: true,
  },
  {
    rule: "Mount Launched in Privileged Container",
    sets: BOTH,
    name: "mount",
    args: ["/dev/null", "/mnt"],
    where: "container",
    asksRuntime: true,
  },
  {
    rule: "Decoding Payload in Container",
    sets: BOTH,
    name: "base64",
    args: ["-d", "/dev/null"],
    where: "container",
  },
  {
    rule: "Launch Privileged Container",
    sets: STOCK,
    name: "falco-first",
    args: [],
    where: "container",
    asksRuntime: true,
  },
  {
    rule: "Launch Sensitive Mount Container",
    sets: STOCK,
    name: "falco-first",
    args: [],
    where: "container",
    asksRuntime: true,
  },
  { rule: "Launch Excessively Capable Container", sets: STOCK, name: "falco-first", args: [], where: "container" },
  { rule: "Container Run as Root User", sets: STOCK, name: "falco-first", args: [], where: "container" },
];

const PLACE = { host: "", container: " in a make-believe container" } as const;

export const DISGUISE_ACTIONS: readonly Action[] = DISGUISES.map(({ rule, sets, name, args, where, asksRuntime }) => ({
  rule,
  sets,
  summary: `A copy of /bin/true named ${name} is started${PLACE[where]}.`,
  needs: where === "container" ? ["root", "container"] : [],
  async perform(workshop: Workshop) {
    const program = await workshop.copyProgram("true", name);
    if (where === "host") await workshop.run(program, ...args);
    else if (asksRuntime) await workshop.runInContainer("sh", "-c", AFTER_A_WHILE, "sh", program, ...args);
    else await workshop.runInContainer(program, ...args);
  },
}));
