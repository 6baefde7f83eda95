import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
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
import { bulkBody, type EventDocument } from "./make-events.ts";

const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));
const ROOT = join(PACKAGE, "../..");
const SCREENSHOTS = join(ROOT, "test/screenshots");
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

/** A real store, the console in front of it, and a browser. */
export interface World {
  readonly console: Console;
  readonly browser: Browser;
  index(events: readonly EventDocument[]): Promise<void>;
  /** Imports the suite's saved objects. */
  importObjects(): Promise<void>;
  close(): Promise<void>;
}

/** Builds the page and starts everything on free ports; `close` ends and removes it all. */
export async function startWorld(): Promise<World> {
  await promisify(execFile)(process.execPath, [join(PACKAGE, "build/build-page.ts")]);
  await mkdir(SCREENSHOTS, { recursive: true });
  const folder = await mkdtemp(join(tmpdir(), "falco-console-browser-"));
  const store = await startStore(join(folder, "store"));
  const console = await startConsole({ elasticsearchUrl: store.url, port: 0, dataDir: join(folder, "console") });
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  return {
    console,
    browser,
    index: async (events) => {
      const response = await fetch(`${store.url}/_bulk?refresh=true`, {
        method: "POST",
        headers: { "content-type": "application/x-ndjson" },
        body: bulkBody(events),
      });
      const answer = (await response.json()) as { errors?: boolean };
      if (response.status !== 200 || answer.errors !== false)
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
    close: async () => {
      await browser.close();
      await console.close();
      await store.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startStore(directory: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const cli = join(ROOT, "packages/store/src/cli.ts");
  const child = spawn(process.execPath, ["--conditions=@falco-efk/source", cli, "--data", directory, "--port", "0"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const url = await readUrl(child);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return {
    url,
    stop: () => {
      child.kill("SIGTERM");
      return ended;
    },
  };
}

/** The address in the line that says that the store is ready, on either output. */
function readUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the store ended with ${code}`)));
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => {
        const url = /ready at (http:\/\/\S+?),/.exec(line)?.[1];
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
