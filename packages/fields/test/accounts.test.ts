import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Accounts, HOST_ACCOUNT_FILES } from "@falco-efk/fields";
import { parseGroup, parsePasswd } from "../src/accounts/account-files.ts";

const run = (command: string, args: readonly string[]): string =>
  execFileSync(command, args, { encoding: "utf8", timeout: 60_000 });

test("account files are read leniently", () => {
  const users = parsePasswd(
    "root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0::/:/bin/sh\n#c:x:1:1::/:\n\nbad\nx:x:abc:1::/:\nann:x:1000:1000:Ann:/home/ann:/bin/zsh",
  );
  assert.equal(users.get(0)?.name, "root");
  assert.deepEqual(users.get(1000), { uid: 1000, name: "ann", home: "/home/ann", shell: "/bin/zsh" });
  assert.equal(users.size, 2);
  assert.equal(parseGroup("root:x:0:\nadm:x:4:ann,bob\n+::\n").get(4)?.name, "adm");
});

test("a changed file is read again once the recheck time is over, and not before", () => {
  let now = 0;
  let text = "a:x:1:1::/:\n";
  let reads = 0;
  const accounts = new Accounts({
    files: {
      readText: (path) => {
        if (!path.endsWith("passwd")) throw new Error("ENOENT");
        reads++;
        return text;
      },
      version: (path) => (path.endsWith("passwd") ? text : ""),
    },
    now: () => now,
  });
  assert.equal(accounts.user(1, "", 1)?.name, "a");
  text = "b:x:1:1::/:\n";
  assert.equal(accounts.user(1, "", 1)?.name, "a");
  now = 1500;
  assert.equal(accounts.user(1, "", 1)?.name, "b");
  now = 3000;
  assert.equal(accounts.user(1, "", 1)?.name, "b");
  assert.equal(reads, 2);
  assert.equal(accounts.group(0, "", 1), null);
});

test("the containers remembered are bounded", () => {
  const asked: string[] = [];
  const accounts = new Accounts({
    files: { readText: () => "a:x:1:1::/:\n", version: (path) => `1${asked.push(path) > 0}` },
    now: () => 0,
    maxContainers: 2,
  });
  for (const container of ["one", "two", "three", "one"]) accounts.user(1, container, 5);
  assert.equal(asked.filter((path) => path.endsWith("passwd")).length, 4);
});

test("the machine's own root is found", () => {
  const accounts = new Accounts();
  assert.equal(accounts.user(0, "", 1)?.name, "root");
  assert.equal(accounts.group(0, "", 1)?.name, "root");
});

test("a container can't make the reader wait, follow a link or swallow a huge file", (t) => {
  const home = mkdtempSync(join(tmpdir(), "fields-accounts-"));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  for (const pid of [1, 2, 3, 4]) mkdirSync(join(home, `${pid}/root/etc`), { recursive: true });
  const passwd = (pid: number): string => join(home, `${pid}/root/etc/passwd`);
  run("mkfifo", [passwd(1)]);
  symlinkSync("/etc/passwd", passwd(2));
  writeFileSync(passwd(3), "root:x:0:0::/:\n");
  truncateSync(passwd(3), 5 << 20);
  writeFileSync(passwd(4), "own:x:0:0::/:\n");
  const accounts = new Accounts({ files: HOST_ACCOUNT_FILES, proc: home });
  assert.equal(accounts.user(0, "fifo", 1), null);
  assert.equal(accounts.user(0, "link", 2), null);
  assert.equal(accounts.user(0, "huge", 3), null);
  assert.equal(accounts.user(0, "plain", 4)?.name, "own");
});
