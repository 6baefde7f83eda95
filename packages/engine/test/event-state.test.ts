import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ProcessSnapshot, recordOf } from "@falco-efk/event";
import { type ContainerMetadata, type ContainerRef, type EventContext, readProcess } from "@falco-efk/fields";
import { createEventState, createFieldBinding, type EventStateParts } from "../src/event-state.ts";
import { type LoadedRuleset, loadRuleset } from "../src/load-ruleset.ts";
import { configOf, temporaryFolder } from "./support.ts";

const config = configOf();
const self = readProcess(process.pid) as ProcessSnapshot;
const binding = createFieldBinding();

function stateOf(more: Partial<Parameters<typeof createEventState>[0]> = {}): EventStateParts {
  return createEventState({ config, live: true, hostname: "h", processes: [self], own: null, ...more });
}

function rulesOf(context: TestContext, output: string, condition = "evt.type = openat"): LoadedRuleset<EventContext> {
  const file = join(temporaryFolder(context), "rules.yaml");
  writeFileSync(file, JSON.stringify([{ rule: "r", desc: "d", condition, output, priority: "INFO" }]));
  return loadRuleset({ config, paths: [file], ...binding });
}

function read(event: EventContext, name: string, argument: string | null = null): unknown {
  const access = binding.resolver.resolve(name, argument);
  assert.ok(!("code" in access));
  return access.extract(event);
}

test("a live process's working directory is asked from the system, and a replayed one's is not", () => {
  const record = recordOf({ type: "setuid", task: self.task });
  const before = process.cwd();
  process.chdir("/");
  try {
    assert.equal(read(stateOf().event.begin(record), "proc.cwd"), "/");
    assert.equal(read(stateOf({ live: false }).event.begin(record), "proc.cwd"), self.image.cwd.replace(/\/*$/, "/"));
  } finally {
    process.chdir(before);
  }
});

test("environments are kept while some rule reads them, be it in its output alone", async (context) => {
  const { state, event } = stateOf();
  const known = self.image.env.find((entry) => entry.startsWith("PATH=")) ?? "";
  assert.notEqual(known, "");
  const path = (): unknown => read(event.begin(recordOf({ type: "setuid", task: self.task })), "proc.env", "PATH");
  const wanted = known.slice("PATH=".length);
  await state.prepare(rulesOf(context, "%proc.name"));
  assert.equal(path(), "");
  await state.prepare(rulesOf(context, "%proc.env[PATH]"));
  assert.equal(path(), wanted);
  await state.prepare(rulesOf(context, "%proc.name", "evt.type = openat and proc.aenv[HOME] exists"));
  assert.equal(path(), wanted);
});

test("an exec in a container asks the runtimes at once, and one on the host asks nobody", () => {
  const asked: string[] = [];
  const metadata: ContainerMetadata = {
    get: () => undefined,
    request: async (container: ContainerRef) => {
      asked.push(container.id);
      return null;
    },
  };
  const { state } = stateOf({ metadata, live: false });
  const cgroup = `/system.slice/docker-${"ab".repeat(32)}.scope`;
  const away = { pidNamespace: 1, mountNamespace: 2 };
  const image = {};
  state.apply(recordOf({ type: "execve", task: { ...self.task, pid: 7, cgroup: "/" }, image }));
  state.apply(recordOf({ type: "openat", task: { ...self.task, ...away, pid: 8, cgroup } }));
  assert.deepEqual(asked, []);
  state.apply(recordOf({ type: "execve", task: { ...self.task, ...away, pid: 8, cgroup }, image }));
  assert.deepEqual(asked, ["abababababab"]);
});

test("a cgroup that host processes share is no container's, though it is named like one's", () => {
  const cgroup = "/custom/cdcdcdcdcdcdcdcd";
  const init = { ...self, task: { ...self.task, pid: 1, cgroup: "/" } };
  const sharing = { ...self, task: { ...self.task, pid: 8, cgroup } };
  const inside = recordOf({ task: { ...self.task, pid: 9, cgroup, pidNamespace: 1, mountNamespace: 2 } });
  const containerOf = (processes: readonly ProcessSnapshot[]): unknown =>
    read(stateOf({ processes, live: false }).event.begin(inside), "container.id");
  assert.equal(containerOf([init]), "cdcdcdcdcdcd");
  assert.equal(containerOf([init, sharing]), "host");
});
