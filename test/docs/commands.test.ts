import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { lacks, ROOT } from "../support/requirements.ts";
import { until } from "../support/until.ts";
import { documentedBlocks, documentedCommands } from "./commands-of.ts";
import { writeReaderFiles } from "./reader-files.ts";
import { makeWorld, type RunningCommand, type World } from "./world.ts";

/** Commands that a test can't run inside itself, and the test that tries each. */
const ELSEWHERE: readonly (readonly [command: RegExp, test: string])[] = [
  [/^npm (test|run check)/, ".ci/run"],
  [/^git clone /, ".ci/run"],
  [/docker compose /, "test/docker/elastic.test.ts"],
  [/^falco-ship .*(--role (harvest|work)|queue status)$/, "packages/ship/test/redis-queue.test.ts"],
  [/^FALCO_EFK_LONG=1 npm test/, "scripts/long.ts"],
  [/^test\/elasticsearch\/server\.sh /, "test/elasticsearch/real-server.ts"],
];

/** Commands that go on until they are interrupted, and what each prints once it works. */
const LASTING: readonly (readonly [command: RegExp, printed: RegExp])[] = [
  [/^npm start(?!.* --help)(?!.* --for)/, /in a browser/],
  [/^sudo falco-engine( -c \S+)?$/, /\d+ rules from/],
  [/^falco-ship -c \S+$/, /falco-ship info: started/],
  [/^falco-alert run/, /evaluat|listening|up/],
  [/^falco-console /, /the console is up/],
];

/** Commands that listen on the usual ports, as the suite beside them does: each has a network of its own. */
const LISTENING = /^npm start(?!.* --help)|^falco-(console|alert run|store|ship -c \S+$)/;
const OWN_NETWORK = `unshare --net sh -c 'ip link set lo up && exec "$@"' sh`;

/** How the program takes the file that a block of YAML shows; the block's first line is a comment with the file's name. */
const TAKEN_BY: readonly (readonly [file: RegExp, command: (file: string) => string])[] = [
  [/^(ship|filebeat)\.yml$/, (file) => `falco-ship -c "${file}" test config`],
  [/^falco\.yaml$/, (file) => `falco-engine -c "${file}" --dry-run`],
  [/^my_rules\.test\.yaml$/, (file) => `falco-engine test "${file}"`],
  [/rules\S*\.yaml$/, (file) => `falco-engine -V "${ROOT}/rules/falco_rules.yaml" -V "${file}"`],
  [/^alerts\.yml$/, (file) => `falco-alert check -c "${file}"`],
];
/** What the shown files refer to. */
const VARIABLES = Object.entries({
  SLACK_WEBHOOK_URL: "https://hooks.slack.com/services/T00/B00/example",
  REDIS_PASSWORD: "example",
  LOGZ_TOKEN: "example",
  ELASTICSEARCH_PASSWORD: "example",
  FALCO_SHIP_API_KEY: "example",
  FALCO_READ_API_KEY: "example",
  ES_KEY: "example",
  HOOK_TOKEN: "example",
  SMTP_PASSWORD: "example",
});

/** What the recipient in the reader's alerts.yml talks to. */
const RECEIVER = `node -e 'http.createServer((q, a) => q.resume() && a.end("ok")).listen(8099, () => console.log("ready"))'`;

/** Pages whose commands are typed in the project's folder. */
const IN_PROJECT = /^(README|CONTRIBUTING)\.md$|^(docker|packaging|test)\//;

describe("the pages' commands", { skip: lacks("unshare", "nsenter", "ip"), timeout: 900_000 }, () => {
  let world: World;
  let suite: RunningCommand;
  let files: string;

  before(async () => {
    world = await makeWorld();
    files = join(world.home, "files");
    mkdirSync(files);
    writeReaderFiles(files);
    const data = join(world.home, "data");
    suite = world.start(`sh scripts/run.sh up --generate --data "${data}"`, ROOT);
    await until("the suite", 180_000, () => /in a browser/.test(suite.output()) || null);
    await until("an alert", 60_000, () => existsSync(join(data, "falco_events.json")) || null);
    cpSync(join(data, "falco_events.json"), join(files, "falco_events.json"));
    const receiver = world.start(RECEIVER, world.home);
    await until("the receiver", 30_000, () => receiver.output().includes("ready") || null);
    const installed = "/usr/local/lib/node_modules/@falco-efk/engine";
    const prepare = `mkdir -p /etc/falco ${installed} && cp falco.yaml /etc/falco/ && cp -r rules ${installed}/`;
    const prepared = world.start(prepare, files);
    assert.equal(await prepared.ended, 0, prepared.output());
  });

  after(() => world?.remove());

  /** A page's reader has a folder of her own, with the files that the page takes for granted and none that it makes. */
  const folderOf = (page: string): string => {
    const folder = join(world.home, page.replaceAll("/", "-"));
    if (existsSync(folder)) return folder;
    cpSync(files, folder, { recursive: true });
    for (const { text } of documentedCommands().filter((command) => command.page === page)) {
      const made = /^falco-ship import .* -o (\S+)$|^sudo falco-engine .*--capture (\S+)/.exec(text);
      if (made !== null) rmSync(join(folder, made[1] ?? made[2] ?? ""), { force: true });
    }
    return folder;
  };

  it("are all in blocks that say their language", () => {
    const unnamed = documentedBlocks().filter(({ language }) => language === "");
    assert.deepEqual(
      unnamed.map(({ page, line }) => `${page}:${line}`),
      [],
    );
  });

  for (const { page, line, lines } of documentedBlocks().filter(({ language }) => language === "yaml")) {
    const name = /^# ([\w.-]+)/.exec(lines[0] ?? "")?.[1] ?? "";
    it(`${page}:${line}: ${name} is taken as it's shown`, { timeout: 60_000 }, async () => {
      const taken = TAKEN_BY.find(([file]) => file.test(name));
      assert.ok(taken, "its first line names the file, such as # ship.yml");
      const folder = folderOf(`${page}-${line}`);
      const file = join(folder, name);
      writeFileSync(file, `${lines.join("\n")}\n`);
      const variables = VARIABLES.map(([variable, value]) => `${variable}=${value}`).join(" ");
      const command = world.start(`${variables} ${taken[1](file)}`, folder);
      assert.equal(await command.ended, 0, command.output());
    });
  }

  const tried = new Set<string>();
  for (const { page, line, text } of documentedCommands()) {
    const inProject = IN_PROJECT.test(page) || text.startsWith("npm ");
    const key = `${inProject ? "" : page} ${text}`;
    if (tried.has(key)) continue;
    tried.add(key);
    const elsewhere = ELSEWHERE.find(([command]) => command.test(text));
    it(`${page}:${line}: ${text}`, { timeout: 180_000 }, async () => {
      if (elsewhere !== undefined) {
        assert.ok(existsSync(join(ROOT, elsewhere[1])), `${elsewhere[1]} tries it`);
        return;
      }
      const lasting = LASTING.find(([form]) => form.test(text));
      // Without a shell in between, which Ctrl-C would end by the signal.
      const typed = `${lasting === undefined ? "" : "exec "}${LISTENING.test(text) ? `${OWN_NETWORK} ` : ""}${text}`;
      const command = world.start(typed, inProject ? ROOT : folderOf(page));
      if (lasting !== undefined) {
        let end: number | string | null = null;
        void command.ended.then((code) => {
          end = code;
        });
        await until(`${text} to print ${lasting[1]}`, 120_000, () => {
          if (end !== null) assert.fail(`it ended with ${end}: ${command.output()}`);
          return lasting[1].test(command.output()) || null;
        });
        command.interrupt();
      }
      const code = await command.ended;
      // npm ends itself by the signal that it has passed on.
      const asTold = lasting !== undefined && text.startsWith("npm ") && code === "SIGINT";
      assert.ok(code === 0 || asTold, `it ended with ${code}: ${command.output()}`);
    });
  }
});
