import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ProcessSnapshot, recordOf } from "@falco-efk/event";
import {
  type ContainerDetails,
  type ContainerMetadata,
  type EventContext,
  HOST_DETAILS,
  readProcess,
} from "@falco-efk/fields";
import { createLogger } from "@falco-efk/kit";
import { loadConfig } from "../src/config/load.ts";
import { createEngine, type Engine } from "../src/engine.ts";
import { createEventState, createFieldBinding } from "../src/event-state.ts";
import { loadRuleset } from "../src/load-ruleset.ts";
import { EngineMemory } from "../src/memory/engine-memory.ts";
import { createMemorySource, type MemorySource } from "./memory-source.ts";
import { atEnd, linesOf, temporaryFolder, until } from "./support.ts";

const self = readProcess(process.pid) as ProcessSnapshot;
const task = {
  ...self.task,
  pidNamespace: 1,
  mountNamespace: 2,
  cgroup: `/system.slice/docker-${"ab".repeat(32)}.scope`,
};

interface Rig {
  readonly engine: Engine<EventContext>;
  readonly opened: MemorySource;
  /** The names of the rules that alerted. */
  alerts(): string[];
  answer(privileged: boolean): void;
}

/** An engine with two rules, of which a container's privilege decides; `answer` is the runtime's, whenever it comes. */
async function rig(context: TestContext, waitMs: number): Promise<Rig> {
  const folder = temporaryFolder(context);
  const file = join(folder, "rules.yaml");
  const events = join(folder, "events.json");
  const rule = (name: string, condition: string): object => ({
    rule: name,
    desc: "d",
    condition: `evt.type = setuid and ${condition}`,
    output: "%container.privileged",
    priority: "NOTICE",
  });
  writeFileSync(
    file,
    JSON.stringify([
      rule("Privileged", "container.privileged = true"),
      rule("Unprivileged", "not container.privileged = true"),
    ]),
  );
  const assignments = [
    "json_output=true",
    "stdout_output.enabled=false",
    "file_output.enabled=true",
    `file_output.filename=${events}`,
    `engine.container_wait_ms=${waitMs}`,
    "rule_matching=all",
  ];
  const config = loadConfig({ file: null, assignments, environment: {} });
  const rules = loadRuleset({ config: config.config, paths: [file], ...createFieldBinding() });
  const { promise, resolve } = Promise.withResolvers<ContainerDetails | null>();
  let details: ContainerDetails | null | undefined;
  const metadata: ContainerMetadata = { get: () => details, request: () => promise };
  const parts = createEventState({
    config: config.config,
    live: false,
    hostname: "h",
    processes: [self],
    own: null,
    metadata,
  });
  const opened = createMemorySource("live");
  const loaded = { config, rules };
  const log = createLogger("falco-engine", { level: "silent" });
  const memory = new EngineMemory({ ...parts.state, mapped: () => 0, freeWhenIdle: false, log });
  const engine = await createEngine({ loaded, load: () => loaded, ...parts, opened, log, memory, hostname: "h" });
  const ended = engine.run();
  atEnd(context, async () => {
    await engine.close();
    await ended;
  });
  return {
    engine,
    opened,
    alerts: (): string[] => linesOf(events).map((line) => (JSON.parse(line) as { rule: string }).rule),
    answer(privileged: boolean) {
      details = { ...HOST_DETAILS, id: "abababababab", privileged };
      resolve(details);
    },
  };
}

test("a condition on a container waits for what its runtime says", async (t) => {
  const { engine, opened, alerts, answer } = await rig(t, 60_000);
  await opened.send(recordOf({ type: "setuid", task }));
  assert.equal(engine.counts.total, 0, "no verdict yet");
  answer(true);
  assert.deepEqual(await until(() => (alerts().length > 0 ? alerts() : null)), ["Privileged"]);
  await opened.send(recordOf({ type: "setuid", task }));
  await until(() => alerts().length === 2);
  assert.deepEqual(alerts(), ["Privileged", "Privileged"]);
});

test("when the runtime says nothing in time, the condition is judged by what is known", async (t) => {
  const { opened, alerts } = await rig(t, 20);
  await opened.send(recordOf({ type: "setuid", task }));
  assert.deepEqual(await until(() => (alerts().length > 0 ? alerts() : null)), ["Unprivileged"]);
});
