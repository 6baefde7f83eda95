import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Console, startConsole } from "@falco-efk/console";
import type { AxeResults } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { Agent, request } from "undici";
import { bulkBody, type EventDocument } from "./make-events.ts";

const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));
const ROOT = join(PACKAGE, "../..");
const SCREENSHOTS = join(ROOT, "test/screenshots");
const SOURCES = ["--conditions=@falco-efk/source"];
const EVENTS_FILE = "falco_events.json";
const CHROMIUM = "/usr/bin/chromium";
const AXE = readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** An Elasticsearch that runs already. */
export interface Cluster {
  readonly url: string;
  readonly ca: string;
  readonly username: string;
  readonly password: string;
}

export interface WorldOptions {
  /** Instead of the embedded store. */
  readonly cluster?: Cluster;
  /** falco-alert, with one recipient of this URL. */
  readonly webhook?: string;
  readonly password?: string;
}

/** A real store, the console in front of it, and a browser. */
export interface World {
  readonly console: Console;
  readonly browser: Browser;
  readonly storeUrl: string;
  /** The file that the shipper follows. */
  readonly eventsFile: string;
  index(events: readonly EventDocument[]): Promise<void>;
  /** Imports the suite's saved objects. */
  importObjects(): Promise<void>;
  /** Runs the installer against the store and the console, as a person does; answers what it printed. */
  bootstrap(): Promise<string>;
  close(): Promise<void>;
}

/** Builds the page and starts everything on free ports; `close` ends and removes it all. */
export async function startWorld({ cluster, webhook, password }: WorldOptions = {}): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "falco-console-browser-"));
  const pageDirectory = join(folder, "page");
  await promisify(execFile)(process.execPath, [join(PACKAGE, "build/build-page.ts"), pageDirectory]);
  await mkdir(SCREENSHOTS, { recursive: true });
  const store: Program =
    cluster === undefined
      ? await startProgram("store", ["--data", join(folder, "store"), "--port", "0"], /ready at (http:\/\/\S+?),/)
      : { url: cluster.url, stop: async () => undefined };
  // With a real cluster the road before the console is tested elsewhere.
  const [engine, ship, alerts] = await Promise.all([
    startQuietEngine(),
    cluster === undefined ? startShipper(folder, store.url) : null,
    webhook === undefined ? null : startAlerts(folder, store.url, webhook),
  ]);
  const { url: _, ...credentials } = cluster ?? { url: "" };
  const agent = new Agent({ connect: cluster === undefined ? {} : { ca: cluster.ca } });
  const authorization =
    cluster === undefined ? {} : { authorization: `Basic ${btoa(`${cluster.username}:${cluster.password}`)}` };
  const console = await startConsole({
    elasticsearchUrl: store.url,
    elasticsearch: credentials,
    engineUrl: engine.url,
    ...(ship === null ? {} : { shipUrl: new URL("/stats", ship.url).href }),
    ...(alerts === null ? {} : { alertsUrl: alerts.url }),
    password,
    port: 0,
    dataDir: join(folder, "console"),
    pageDirectory,
  });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  return {
    console,
    browser,
    storeUrl: store.url,
    eventsFile: join(folder, EVENTS_FILE),
    index: async (events) => {
      const response = await request(`${store.url}/_bulk?refresh=true`, {
        method: "POST",
        dispatcher: agent,
        headers: { "content-type": "application/x-ndjson", ...authorization },
        body: bulkBody(events),
      });
      const answer = (await response.body.json()) as { errors?: boolean };
      if (response.statusCode !== 200 || answer.errors !== false)
        throw new Error(`the store refused events: ${JSON.stringify(answer).slice(0, 500)}`);
    },
    importObjects: async () => {
      const objects = join(ROOT, "kibana-saved-objects");
      const names = (await readdir(objects)).filter((name) => name.endsWith(".ndjson"));
      const form = new FormData();
      form.append(
        "file",
        new Blob(await Promise.all(names.map((name) => readFile(join(objects, name))))),
        "all.ndjson",
      );
      const response = await fetch(`${console.url}/api/saved_objects/_import?overwrite=true`, {
        method: "POST",
        headers: { "kbn-xsrf": "test" },
        body: form,
      });
      const answer = (await response.json()) as { success: boolean };
      if (!answer.success) throw new Error(`the import failed: ${JSON.stringify(answer)}`);
    },
    bootstrap: async () => {
      const servers = ["--elasticsearch", store.url, "--kibana", console.url];
      const args = ["apply", ...servers, "--keystore", join(folder, "keystore.json")];
      const ca = join(folder, "ca.pem");
      await writeFile(ca, cluster?.ca ?? "");
      const secured = cluster === undefined ? [] : ["--user", cluster.username, "--ca", ca];
      const program = [...SOURCES, programFile("bootstrap"), ...args, ...secured];
      const env = { ...process.env, ELASTIC_PASSWORD: cluster?.password ?? "" };
      const { stdout } = await promisify(execFile)(process.execPath, program, { env });
      return stdout;
    },
    close: async () => {
      await browser.close();
      await console.close();
      await Promise.all([engine.stop(), ship?.stop(), alerts?.stop(), agent.close()]);
      await store.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Program {
  readonly url: string;
  stop(): Promise<void>;
}

function programFile(name: string): string {
  return join(ROOT, "packages", name, "src/cli.ts");
}

/** The engine with its real rules and web pages and no events: it needs neither root nor a kernel. */
function startQuietEngine(): Promise<Program> {
  const settings = ["engine.kind=nodriver", "webserver.enabled=true", "webserver.listen_port=0"];
  const args = [...settings, "stdout_output.enabled=false"].flatMap((setting) => ["-o", setting]);
  return startProgram("engine", args, /(http:\/\/127\.0\.0\.1:\d+)/);
}

async function startShipper(folder: string, elasticsearch: string): Promise<Program> {
  const events = join(folder, EVENTS_FILE);
  await writeFile(events, "");
  const config = join(folder, "ship.yml");
  const settings = {
    inputs: [{ type: "filestream", paths: [events] }],
    "output.elasticsearch": { hosts: [elasticsearch] },
    registry: { path: join(folder, "registry") },
    http: { host: "127.0.0.1", port: 0 },
  };
  // Every JSON text is YAML, too.
  await writeFile(config, JSON.stringify(settings));
  return startProgram("ship", ["--config", config], /stats=(http:\S+)/);
}

function startAlerts(folder: string, elasticsearch: string, webhook: string): Promise<Program> {
  const config = join(folder, "alerts.yml");
  const settings = {
    elasticsearch: { url: elasticsearch },
    recipients: { team: { type: "webhook", url: webhook } },
    api: { port: 0 },
    interval: "1s",
  };
  const start = async (): Promise<Program> => {
    await writeFile(config, JSON.stringify(settings));
    const args = ["run", "--config", config, "--state", join(folder, "alerts.db")];
    return startProgram("alerts", args, /api=(http:\S+)/);
  };
  return start();
}

/** Starts a program of the suite from its sources and waits for the line that says where it listens. */
async function startProgram(name: string, args: readonly string[], ready: RegExp): Promise<Program> {
  const child = spawn(process.execPath, [...SOURCES, programFile(name), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = await readUrl(name, child, ready);
  return {
    url,
    stop: () => {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

/** What `ready` catches in a line on either output. */
function readUrl(name: string, child: ChildProcess, ready: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    globalThis.setTimeout(() => reject(new Error(`${name} isn't up after 60 s: ${said.join("\n")}`)), 60_000).unref();
    child.once("exit", (code) => reject(new Error(`${name} ended with ${code}: ${said.join("\n")}`)));
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        said.push(line);
        const url = ready.exec(line)?.[1];
        if (url !== undefined) resolve(url);
      });
    }
  });
}

/** Opens a page and collects what must never happen: script errors and broken security policy. */
export async function openPage(
  world: World,
  path: string,
  options: { width?: number; height?: number; theme?: "light" | "dark" } = {},
): Promise<{ page: Page; faults: string[] }> {
  const { width = 1440, height = 900, theme = "light" } = options;
  const context = await world.browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  watchRequests(page);
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  page.on("dialog", (dialog) => {
    faults.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await openPath(world, page, path);
  return { page, faults };
}

const PENDING = new WeakMap<Page, { requests: number; at: number }>();
const QUIET_MS = 120;

/** Goes to a path and waits until the page has what it asked for. */
export async function openPath(world: World, page: Page, path: string): Promise<void> {
  await page.goto(`${world.console.url}${path}`, { waitUntil: "commit" });
  await page.locator("main h1").first().waitFor({ state: "attached" });
  await settle(page);
}

/** Waits until the page asks for nothing more: sooner than the browser's own half second of silence. */
export async function settle(page: Page): Promise<void> {
  await until(async () => {
    const pending = PENDING.get(page);
    return pending !== undefined && pending.requests <= 0 && performance.now() - pending.at >= QUIET_MS;
  });
}

/** Looks again until it's so; the page's policy forbids the browser's own way to wait for a condition. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("it didn't come to be in 20 s");
    await setTimeout(30);
  }
}

function watchRequests(page: Page): void {
  const pending = { requests: 0, at: performance.now() };
  PENDING.set(page, pending);
  const change = (by: number): void => {
    pending.requests += by;
    pending.at = performance.now();
  };
  page.on("request", () => change(1));
  page.on("requestfinished", () => change(-1));
  page.on("requestfailed", () => change(-1));
}

/** What axe finds serious or critical, and how many pixels the page is too wide. Runs beside the page's policy, not against it. */
export async function inspect(page: Page): Promise<{ serious: string[]; overflow: number }> {
  const session = await page.context().newCDPSession(page);
  const evaluate = async (expression: string): Promise<unknown> => {
    const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? "axe failed");
    return result.value;
  };
  if ((await evaluate("typeof axe")) === "undefined") await evaluate(await AXE);
  const { violations } = (await evaluate("axe.run({ resultTypes: ['violations'] })")) as AxeResults;
  const overflow = await evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");
  await session.detach();
  return {
    serious: violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ html }) => `${id}: ${html.slice(0, 160)}`)),
    overflow: Number(overflow),
  };
}

/** Writes what is seen to test/screenshots. */
export async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}
