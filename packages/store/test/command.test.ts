import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import test from "node:test";
import { openStore, temporaryDirectory } from "./open-store.ts";

const CLI = join(import.meta.dirname, "..", "src", "cli.ts");

/** Runs falco-store until it ends. */
function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["--conditions=@falco-efk/source", CLI, ...args],
      { timeout: 60_000 },
      (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

/** Holds a run to one line on standard error and a failure's exit code. */
async function refused(line: RegExp, ...args: string[]): Promise<void> {
  const { code, out, err } = await run(...args);
  assert.match(err, line);
  assert.equal(err.trimEnd().split("\n").length, 1, err);
  assert.equal(out, "");
  assert.notEqual(code, 0);
}

test("a port in use is one clear line", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  t.after(() => other.close());
  await once(other, "listening");
  const port = String((other.address() as AddressInfo).port);
  await refused(
    /^falco-store: cannot listen on 127\.0\.0\.1:\d+: .*--port/,
    "--data",
    temporaryDirectory(t),
    "--port",
    port,
  );
});

test("a second process on a data directory is one clear line, for repair too", async (t) => {
  const { directory } = await openStore(t);
  await refused(/another store has this data directory open/, "--data", directory, "--port", "0");
  await refused(/another store has this data directory open/, "repair", "--data", directory);
});

test("wrong options and files are one clear line each", async (t) => {
  const directory = temporaryDirectory(t);
  const file = join(directory, "empty");
  writeFileSync(file, "");
  await Promise.all([
    refused(/unknown option '--bogus'/, "--bogus"),
    refused(/expected a port from 0 to 65535/, "--port", "99999"),
    refused(/needs a password.*--password-file/, "--host", "0.0.0.0", "--data", directory),
    refused(/the password file is empty.*write the password into it/, "--password-file", file, "--data", directory),
    refused(/expected a duration such as/, "--retain", "soon"),
    refused(/expected a size such as/, "--cache", "1x"),
  ]);
  await refused(/cannot be the data directory: .*not a directory/, "--data", file);
  await refused(/cannot be the data directory: /, "--data", "/proc/falco-store/data");
});

test("help names every command and option", async () => {
  const [all, serve] = await Promise.all([run("--help"), run("serve", "--help")]);
  assert.equal(all.code, 0);
  assert.match(all.out, /serve \[options\][\s\S]*repair \[options\]/);
  for (const option of ["--data", "--host", "--port", "--password-file", "--retain", "--retain-bytes", "--max-body"]) {
    assert.match(serve.out, new RegExp(`${option} `));
  }
});
