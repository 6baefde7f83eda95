import assert from "node:assert/strict";
import { test } from "node:test";
import { type EventRecord, type FieldValue, type RecordInput, recordOf, type SocketTuple } from "@falco-efk/event";
import { Accounts, Containers, createFieldResolver, DomainNames, EventContext, ProcessTable } from "@falco-efk/fields";
import { compileOutput, createAlert, formatJson, loadRules, type OutputFormat } from "@falco-efk/rules";

const resolver = createFieldResolver();
const SECOND = 1_000_000_000n;
const START = 1_700_000_000n * SECOND;

/** The real state, fed one event after the other; the context of the last one. */
function seen(...inputs: readonly RecordInput[]): EventContext {
  const processes = new ProcessTable({ bootTime: START - 1000n * SECOND });
  const domains = new DomainNames({ resolve: async () => [] });
  const accounts = new Accounts({ files: { readText: () => "", version: () => "" } });
  const event = new EventContext({ processes, accounts, containers: new Containers(), domains, hostname: "h" });
  for (const input of inputs) {
    const record: EventRecord = recordOf(input);
    processes.apply(record);
    event.begin(record);
  }
  return event;
}

function compiled(text: string): OutputFormat<EventContext> {
  const format = compileOutput(text, resolver);
  if ("error" in format) throw new Error(format.error);
  return format;
}

const text = (event: EventContext, output: string): string => compiled(output).render(event);
const json = (event: EventContext, field: string): FieldValue | undefined =>
  compiled(`%${field}`).values(event, event.time).get(field);

function exec(pid: number, ppid: number, comm: string, args: readonly string[] = []): RecordInput {
  return {
    type: "execve",
    task: { pid, ppid, comm, startTime: pid * 1_000_000_000 },
    image: { comm, exe: comm, exePath: `/usr/bin/${comm}`, args },
  };
}

test("without index an ancestor's name prints all of them and its number the process's own", () => {
  const event = seen(exec(10, 1, "sshd"), exec(20, 10, "bash", ["-l"]), exec(30, 20, "cat"));
  assert.equal(text(event, "%proc.aname|%proc.acmdline|%proc.aname[2]|%proc.apid"), "bash sshd|bash -l sshd|sshd|30");
  assert.equal(json(event, "proc.aname"), "bash sshd");
  assert.equal(json(event, "proc.apid"), 30);
  assert.equal(text(seen(exec(10, 1, "init")), "%proc.aname"), "<NA>");
});

test("a device prints in hexadecimal", () => {
  const event = seen({ type: "openat", result: 3, fd: { device: 2051 }, paths: [{ raw: "/x" }] });
  assert.equal(text(event, "%fd.dev %fd.dev.major"), "803 8");
  assert.equal(json(event, "fd.dev"), "803");
});

test("times print padded texts, and the JSON output holds them as numbers", () => {
  const event = seen({ time: START + 5n }, { time: START + 2n * SECOND + 42n });
  assert.equal(
    text(event, "%evt.rawtime.ns %evt.reltime %evt.reltime.ns %evt.deltatime.ns %evt.reltime.s"),
    "000000042 2000000037 000000037 000000037 2",
  );
  assert.equal(json(event, "evt.rawtime.ns"), 42);
  assert.equal(json(event, "evt.reltime"), 2_000_000_037);
  assert.equal(json(event, "evt.reltime.ns"), 37);
  assert.equal(text(seen({ time: START }), "%evt.reltime"), "000000000");
});

test("an end's domain name prints the first one that is known, and <NA> where none is", async () => {
  const tuple: SocketTuple = {
    family: "ipv4",
    protocol: "tcp",
    role: "client",
    localAddress: Uint8Array.of(10, 0, 0, 1),
    localPort: 4000,
    remoteAddress: Uint8Array.of(10, 0, 0, 2),
    remotePort: 443,
    unixPath: null,
  };
  const event = seen({ type: "connect", result: 0, fd: { kind: "ipv4", tuple }, params: { tuple } });
  assert.equal(text(event, "%fd.sip.name %fd.sip"), "<NA> 10.0.0.2");
  const domains = new DomainNames({ resolve: async () => ["10.0.0.2"] });
  await domains.watch(["b.example", "a.example"]);
  const known = new EventContext({ ...event.services, domains }).begin(event.record);
  const first = text(known, "%fd.sip.name");
  assert.ok(first === "a.example" || first === "b.example", first);
  assert.equal(json(known, "fd.sip.name"), first);
});

test("a buffer prints its printable bytes, or base64 of all of them where the configuration says so", () => {
  const data = Uint8Array.of(0x41, 0, 0xff, 0x42);
  const event = seen({ type: "sendto", result: 4, params: { data, size: 4 }, fd: { kind: "ipv4" } });
  const output = compiled("%evt.buffer");
  assert.equal(output.render(event), "A..B");
  assert.equal(output.render(event, { bufferBase64: true }), "QQD/Qg==");
  assert.equal(output.values(event, 0n, { bufferBase64: true }).get("evt.buffer"), "QQD/Qg==");
});

test("a transformer takes what conditions compare", () => {
  const event = seen(exec(10, 1, "sshd"), exec(20, 10, "bash"));
  assert.equal(text(event, "%toupper(proc.aname[1]) %toupper(proc.name)"), "SSHD BASH");
});

test("an alert's text and its output_fields agree with Falco's", () => {
  const rules = `
- rule: r
  desc: d
  condition: evt.type = execve and proc.aname = sshd
  output: "by %proc.aname at %evt.time.iso8601 after %evt.reltime"
  priority: INFO
`;
  const { ruleset, diagnostics } = loadRules([{ name: "r.yaml", text: rules }], { resolver });
  assert.ok(ruleset, JSON.stringify(diagnostics));
  const event = seen(exec(10, 1, "sshd"), exec(20, 10, "bash"), exec(30, 20, "cat"));
  const [rule] = ruleset.evaluate(event, event.record.type);
  assert.ok(rule);
  const alert = createAlert(rule, event, event.time, { hostname: "h", isoTime: true, bufferBase64: false });
  assert.match(alert.message, /^by bash sshd at 2023-11-14T22:13:20\.000000000[+Z].* after 000000000$/);
  assert.match(
    formatJson(alert),
    /"output_fields":\{"evt\.reltime":0,"evt\.time\.iso8601":1700000000000000000,"proc\.aname":"bash sshd"\}/,
  );
});
