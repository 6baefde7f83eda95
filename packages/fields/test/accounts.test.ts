import assert from "node:assert/strict";
import { test } from "node:test";
import { Accounts } from "@falco-efk/fields";
import { parseGroup, parsePasswd } from "../src/accounts/account-files.ts";

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
