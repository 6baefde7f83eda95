import assert from "node:assert/strict";
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startBulkSink } from "./support/bulk-sink.ts";
import { falcoLine } from "./support/falco-lines.ts";
import { killNow, runShip, startShip, temporaryFolder, until, writeConfig } from "./support/ship-process.ts";

function settings(folder: string, url: string, files: readonly string[]): Record<string, unknown> {
  return {
    inputs: [{ type: "filestream", paths: files.map((file) => join(folder, file)), scan_interval: "100ms" }],
    output: { elasticsearch: { hosts: [url], backoff: { init: "20ms", max: "100ms" } } },
    registry: { path: join(folder, "registry") },
    http: { enabled: false },
  };
}

test("a changed configuration takes over on SIGHUP without loss or repeat, and a wrong one is told and ignored", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  const config = writeConfig(folder.path, settings(folder.path, sink.url, ["a.json"]));
  const ship = startShip(["-c", config]);
  let log = "";
  ship.stdout?.on("data", (chunk) => (log += chunk));
  ship.stderr?.on("data", (chunk) => (log += chunk));
  const write = (file: string, from: number): void => {
    for (let number = from; number < from + 100; number++) appendFileSync(join(folder.path, file), falcoLine(number));
  };
  const arrived = (count: number): Promise<void> =>
    until(
      () => sink.documents.size === count,
      20_000,
      () => `${sink.documents.size} of ${count} documents\n${log}`,
    );
  try {
    write("a.json", 0);
    await arrived(100);
    writeConfig(folder.path, { ...settings(folder.path, sink.url, ["a.json"]), outputs: 1 });
    ship.kill("SIGHUP");
    await until(
      () => log.includes("stays as it was"),
      10_000,
      () => log,
    );
    write("a.json", 100);
    write("b.json", 200);
    writeConfig(folder.path, settings(folder.path, sink.url, ["a.json", "b.json"]));
    ship.kill("SIGHUP");
    write("a.json", 300);
    await arrived(400);
    assert.equal(sink.duplicates, 0);
  } finally {
    await killNow(ship);
    await sink.close();
  }
});

test("the keystore keeps secrets for the configuration, before the environment's and from nobody else's eyes", async () => {
  using folder = temporaryFolder();
  const keystore = join(folder.path, "secrets");
  const run = (...args: string[]): ReturnType<typeof runShip> => runShip(["--keystore", keystore, ...args]);
  const adding = startShip(["--keystore", keystore, "keystore", "add", "ES_HOST"]);
  adding.stdin?.end("http://127.0.0.1:1\n");
  await new Promise((resolve) => adding.once("close", resolve));
  assert.equal(adding.exitCode, 0);
  assert.deepEqual(JSON.parse(readFileSync(keystore, "utf8")), { ES_HOST: "http://127.0.0.1:1" });
  assert.equal(statSync(keystore).mode & 0o777, 0o600);
  assert.equal((await run("keystore", "list")).stdout, "ES_HOST\n");
  const config = writeConfig(folder.path, settings(folder.path, "${ES_HOST}", ["a.json"]));
  const tried = await runShip(["--keystore", keystore, "-c", config, "test", "output"], { ES_HOST: "http://other:9" });
  assert.match(tried.stderr, /127\.0\.0\.1:1/);
  writeFileSync(keystore, "{}", { mode: 0o644 });
  assert.equal((await run("keystore", "remove", "NONE")).code, 1);
});

test("settings of a filebeat.yml that mean nothing here are named in one line, and an import leaves them out", async () => {
  using folder = temporaryFolder();
  const config = join(folder.path, "filebeat.yml");
  const text = `filebeat.inputs:\n- type: log\n  paths: [${folder.path}/a.json]\n  tail_files: true\nsetup.kibana.host: x\noutput.file.path: ${folder.path}\n`;
  writeFileSync(config, text);
  const result = await runShip(["-c", config, "test", "config"]);
  assert.equal(result.code, 0, result.stderr);
  assert.match(result.stdout, /mean nothing here: setup, filebeat\.inputs\[0\]\.tail_files\n$/);
  const imported = await runShip(["import", config]);
  assert.match(
    imported.stderr,
    /filebeat\.yml:5: setup: .*\n.*filebeat\.yml:4: filebeat\.inputs\[0\]\.tail_files: .*\n.*2 not carried over\n$/,
  );
  const ours = join(folder.path, "ship.yml");
  writeFileSync(ours, imported.stdout);
  assert.equal((await runShip(["-c", ours, "test", "config"])).code, 0);
});

test("a file and standard output take each record as a line with its time", async () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "a.json"), falcoLine(1) + falcoLine(2));
  for (const output of [{ file: { path: folder.path } }, { stdout: {} }]) {
    const registry = { path: join(folder.path, Object.keys(output).join()) };
    const config = writeConfig(folder.path, { ...settings(folder.path, "http://x", ["a.json"]), output, registry });
    const ship = startShip(["-c", config, "-E", "logging.level=error"]);
    let text = "";
    ship.stdout?.on("data", (chunk) => (text += chunk));
    const read = (): string =>
      "file" in output ? readFileSync(join(folder.path, "falco-ship.ndjson"), { encoding: "utf8", flag: "a+" }) : text;
    try {
      await until(
        () => read().split("\n").length === 3,
        10_000,
        () => read(),
      );
    } finally {
      await killNow(ship);
    }
    const events = read()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      events.map((event) => event["@timestamp"]),
      events.map((event) => event.time),
    );
  }
});

test("requests may be compressed, and OpenSearch is spoken to without Elasticsearch's own headers", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  for (let number = 0; number < 50; number++) appendFileSync(join(folder.path, "a.json"), falcoLine(number));
  try {
    for (const kind of ["elasticsearch", "opensearch"]) {
      sink.documents.clear();
      const registry = { path: join(folder.path, kind) };
      const output = { [kind]: { hosts: [sink.url], compression_level: 1 } };
      const config = writeConfig(folder.path, { ...settings(folder.path, sink.url, ["a.json"]), output, registry });
      const ship = startShip(["-c", config]);
      try {
        await until(
          () => sink.documents.size === 50,
          10_000,
          () => `${sink.documents.size} documents`,
        );
      } finally {
        await killNow(ship);
      }
      const expected = kind === "opensearch" ? /^application\/x-ndjson/ : /^application\/vnd\.elasticsearch\+x-ndjson/;
      assert.match(String(sink.lastHeaders["content-type"]), expected);
      assert.equal(sink.lastHeaders["content-encoding"], "gzip");
    }
  } finally {
    await sink.close();
  }
});

test("a dead letter is shown with its content and origin", async () => {
  using folder = temporaryFolder();
  const sink = await startBulkSink();
  sink.fault = () => ({ kind: "partial", status: 400, refuse: () => true });
  writeFileSync(join(folder.path, "a.json"), falcoLine(7));
  const config = writeConfig(folder.path, settings(folder.path, sink.url, ["a.json"]));
  const ship = startShip(["-c", config]);
  const list = async (): Promise<string> => (await runShip(["-c", config, "dlq", "list", "--json"])).stdout;
  try {
    const letters = join(folder.path, "registry", "dead-letters.ndjson");
    await until(
      () => existsSync(letters) && readFileSync(letters, "utf8").endsWith("}\n"),
      15_000,
      () => "no dead letter",
    );
    const { id } = JSON.parse(await list()) as { id: string };
    const shown = JSON.parse((await runShip(["-c", config, "dlq", "show", id])).stdout) as Record<string, unknown>;
    assert.equal(`${shown.record}\n`, falcoLine(7));
    assert.equal(shown.path, join(folder.path, "a.json"));
    assert.equal(shown.offset, 0);
  } finally {
    await killNow(ship);
    await sink.close();
  }
});
