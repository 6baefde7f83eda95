import { setTimeout as delay } from "node:timers/promises";
import { describeSystemError } from "@falco-efk/kit";
import { fetchJson, followLines, type MetadataRequest, type MetadataTls, StatusError } from "./metadata-http.ts";
import type { ProcessorContext } from "./processor.ts";

/** What is added of a container. */
export interface DockerContainer {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface DockerOptions {
  /** `unix:///var/run/docker.sock`, `tcp://host:2375` or `https://host:2376`. */
  readonly host: string;
  readonly tls?: MetadataTls;
  readonly timeoutMs: number;
  /** How long a removed container is remembered, ms. */
  readonly cleanupMs: number;
}

interface Inspected {
  readonly Id: string;
  readonly Name: string;
  readonly Config: { readonly Image: string; readonly Labels: Readonly<Record<string, string>> | null };
}

interface Listed {
  readonly Id: string;
  readonly Names: readonly string[] | null;
  readonly Image: string;
  readonly Labels: Readonly<Record<string, string>> | null;
}

interface DockerEvent {
  readonly Action?: string;
  readonly Actor?: { readonly ID?: string };
}

const SHORT = 12;
/** A daemon that isn't there is tried again after this time, and one that has no such container is asked again, ms. */
const RETRY_MS = 10_000;
const EVENTS = encodeURIComponent(
  JSON.stringify({ type: ["container"], event: ["create", "start", "rename", "destroy"] }),
);

/**
 * The containers of a Docker daemon: listed once, followed by its events, so that one that lived shortly is known too, and asked
 * for by name where an event was faster.
 */
export class DockerContainers {
  readonly #options: DockerOptions;
  readonly #context: ProcessorContext;
  readonly #containers = new Map<string, DockerContainer>();
  readonly #missing = new Map<string, number>();
  readonly #asked = new Map<string, Promise<DockerContainer | null>>();
  #listing: Promise<void> | null = null;
  #ready = false;
  #down = false;

  constructor(options: DockerOptions, context: ProcessorContext) {
    this.#options = options;
    this.#context = context;
  }

  /** The container by its whole id or its first 12 digits. */
  find(id: string): DockerContainer | null | Promise<DockerContainer | null> {
    const short = id.slice(0, SHORT);
    this.#listing ??= this.#start();
    if (!this.#ready) return this.#listing.then(() => this.find(id));
    const found = this.#containers.get(short);
    if (found !== undefined) return found.id.startsWith(id) ? found : null;
    if (this.#down || (this.#missing.get(short) ?? 0) > this.#context.now()) return null;
    const asked = this.#asked.get(short) ?? this.#inspect(short);
    this.#asked.set(short, asked);
    return asked;
  }

  async #start(): Promise<void> {
    await this.#list();
    this.#ready = true;
    void this.#follow();
  }

  async #list(): Promise<void> {
    try {
      const listed = await fetchJson<readonly Listed[]>(this.#request("/containers/json?all=1"));
      for (const { Id: id, Names, Image: image, Labels } of listed) {
        this.#keep({ id, name: (Names?.[0] ?? "").replace(/^\//, ""), image, labels: Labels ?? {} });
      }
      this.#down = false;
    } catch (error) {
      this.#down = true;
      this.#tell(error);
    }
  }

  /** Follows the daemon's events for as long as the shipper runs; after a break it lists anew. */
  async #follow(): Promise<void> {
    const { signal } = this.#context;
    while (!signal.aborted) {
      try {
        if (!this.#down) {
          const request = { ...this.#request(`/events?filters=${EVENTS}`), timeoutMs: 0 };
          await followLines(request, (line) => this.#notice(JSON.parse(line) as DockerEvent));
        }
      } catch (error) {
        if (!signal.aborted) this.#tell(error);
      }
      await delay(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.#list();
    }
  }

  #notice({ Action: action, Actor: actor }: DockerEvent): void {
    const short = (actor?.ID ?? "").slice(0, SHORT);
    if (short === "") return;
    this.#missing.delete(short);
    if (action !== "destroy") {
      this.#asked.set(short, this.#inspect(short));
      return;
    }
    const gone = this.#containers.get(short);
    const timer = setTimeout(() => {
      if (this.#containers.get(short) === gone) this.#containers.delete(short);
    }, this.#options.cleanupMs);
    timer.unref();
  }

  async #inspect(short: string): Promise<DockerContainer | null> {
    try {
      const path = `/containers/${encodeURIComponent(short)}/json`;
      const { Id: id, Name: name, Config } = await fetchJson<Inspected>(this.#request(path));
      const labels = Config.Labels ?? {};
      return this.#keep({ id, name: name.replace(/^\//, ""), image: Config.Image, labels });
    } catch (error) {
      this.#missing.set(short, this.#context.now() + RETRY_MS);
      if (!(error instanceof StatusError && error.status === 404)) this.#tell(error);
      return this.#containers.get(short) ?? null;
    } finally {
      this.#asked.delete(short);
    }
  }

  #keep(container: DockerContainer): DockerContainer {
    this.#containers.set(container.id.slice(0, SHORT), container);
    return container;
  }

  #request(path: string): MetadataRequest {
    const { host, tls, timeoutMs } = this.#options;
    const { signal } = this.#context;
    const base = { timeoutMs, signal, ...(tls === undefined ? {} : { tls }) };
    if (host.startsWith("unix://")) return { ...base, url: `http://docker${path}`, socketPath: host.slice(7) };
    return {
      ...base,
      url: `${host.replace(/^tcp:/, tls === undefined ? "http:" : "https:").replace(/\/$/, "")}${path}`,
    };
  }

  #tell(error: unknown): void {
    const reason = describeSystemError(error);
    this.#context.trouble("docker", `add_docker_metadata: ${this.#options.host}: ${reason}; events go on without it`);
  }
}
