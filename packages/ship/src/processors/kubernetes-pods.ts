import { setTimeout as delay } from "node:timers/promises";
import { describeSystemError } from "@falco-efk/kit";
import type { KubernetesApi } from "./kubernetes-api.ts";
import { fetchJson, followLines, type MetadataRequest, StatusError } from "./metadata-http.ts";
import { type Pod, podKeys } from "./pod.ts";
import type { ProcessorContext } from "./processor.ts";

export interface PodsOptions {
  readonly api: KubernetesApi;
  /** Only pods of this node; null for all. */
  readonly node: string | null;
  /** Only pods of this namespace; null for all. */
  readonly namespace: string | null;
  /** For the list; events wait so long for the first one, ms. */
  readonly timeoutMs: number;
  /** How long an event waits for a pod that isn't known yet, ms. */
  readonly waitMs: number;
  /** How long a deleted pod is remembered, ms. */
  readonly cleanupMs: number;
}

interface PodList {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly Pod[];
}

interface WatchEvent {
  readonly type: string;
  readonly object: Pod & { readonly code?: number; readonly message?: string };
}

const RETRY_MS = 5000;
const MISSING_MS = 60_000;
const MANY_MISSING = 10_000;

/** The pods that an API server knows: listed, then watched. They're found by container id, by name and by address. */
export class KubernetesPods {
  readonly #options: PodsOptions;
  readonly #context: ProcessorContext;
  readonly #byKey = new Map<string, Pod>();
  readonly #missing = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();
  #first: Promise<void> | null = null;
  #ready = false;
  #listed = false;

  constructor(options: PodsOptions, context: ProcessorContext) {
    this.#options = options;
    this.#context = context;
  }

  /** The pod of the first key that leads to one; see `podKeys`. Waits a while for one that has only just begun. */
  find(keys: readonly string[]): Pod | null | Promise<Pod | null> {
    this.#first ??= this.#start();
    if (!this.#ready) return this.#first.then(() => this.find(keys));
    const found = this.#look(keys);
    if (found !== null || !this.#listed || this.#options.waitMs === 0) return found;
    const now = this.#context.now();
    const fresh = keys.filter((key) => (this.#missing.get(key) ?? 0) <= now);
    return fresh.length === 0 ? null : this.#wait(keys, fresh);
  }

  #look(keys: readonly string[]): Pod | null {
    for (const key of keys) {
      const pod = this.#byKey.get(key);
      if (pod !== undefined) return pod;
    }
    return null;
  }

  async #wait(keys: readonly string[], fresh: readonly string[]): Promise<Pod | null> {
    const { signal } = this.#context;
    const end = AbortSignal.any([signal, AbortSignal.timeout(this.#options.waitMs)]);
    await new Promise<void>((resolve) => {
      if (end.aborted) resolve();
      end.addEventListener("abort", () => resolve(), { once: true });
      for (const key of fresh) this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), resolve]);
    });
    for (const key of fresh) this.#waiting.delete(key);
    const found = this.#look(keys);
    if (found === null) {
      if (this.#missing.size > MANY_MISSING) this.#missing.clear();
      for (const key of fresh) this.#missing.set(key, this.#context.now() + MISSING_MS);
    }
    return found;
  }

  async #start(): Promise<void> {
    const first = Promise.withResolvers<void>();
    void this.#loop(first.resolve);
    const { signal } = this.#context;
    const limit = delay(this.#options.timeoutMs, undefined, { ref: false, signal }).catch(() => undefined);
    await Promise.race([first.promise, limit]);
    this.#ready = true;
  }

  /** Lists and watches for as long as the shipper runs. `listed` is called after each list, whether it worked or not. */
  async #loop(listed: () => void): Promise<void> {
    const { signal } = this.#context;
    while (!signal.aborted) {
      try {
        let version = await this.#list();
        listed();
        // A watch that ends by itself goes on from where it stood; one that is too old lists anew.
        while (!signal.aborted) version = await this.#watch(version);
      } catch (error) {
        if (!signal.aborted && !(error instanceof StatusError && error.status === 410)) this.#tell(error);
      }
      listed();
      await delay(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  async #list(): Promise<string> {
    // Version 0 lets the server answer from its cache.
    const list = await fetchJson<PodList>(this.#request("resourceVersion=0"));
    const there = new Set(list.items.map(({ metadata }) => metadata.uid));
    for (const pod of new Set(this.#byKey.values())) if (!there.has(pod.metadata.uid)) this.#forget(pod);
    for (const pod of list.items) this.#keep(pod);
    this.#listed = true;
    return list.metadata.resourceVersion;
  }

  async #watch(from: string): Promise<string> {
    let version = from;
    const query = `watch=1&allowWatchBookmarks=true&resourceVersion=${encodeURIComponent(from)}`;
    await followLines({ ...this.#request(query), timeoutMs: 0 }, (line) => {
      const { type, object } = JSON.parse(line) as WatchEvent;
      if (type === "ERROR") throw new StatusError(object.code ?? 0, object.message ?? "the watch ended");
      version = object.metadata.resourceVersion ?? version;
      if (type === "DELETED") this.#forget(object);
      else if (type !== "BOOKMARK") this.#keep(object);
    });
    return version;
  }

  #keep(pod: Pod): void {
    for (const key of podKeys(pod)) {
      this.#byKey.set(key, pod);
      this.#missing.delete(key);
      for (const wake of this.#waiting.get(key) ?? []) wake();
    }
  }

  #forget(pod: Pod): void {
    const timer = setTimeout(() => {
      for (const key of podKeys(pod)) {
        if (this.#byKey.get(key)?.metadata.uid === pod.metadata.uid) this.#byKey.delete(key);
      }
    }, this.#options.cleanupMs);
    timer.unref();
  }

  #request(query: string): MetadataRequest {
    const { api, node, namespace, timeoutMs } = this.#options;
    const scope = namespace === null ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
    const selector = node === null ? "" : `&fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}`;
    const token = api.token();
    return {
      url: `${api.url}/api/v1${scope}/pods?${query}${selector}`,
      headers: { accept: "application/json", ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      tls: api.tls,
      timeoutMs,
      signal: this.#context.signal,
    };
  }

  #tell(error: unknown): void {
    const { url } = this.#options.api;
    const reason = describeSystemError(error);
    this.#context.trouble("kubernetes", `add_kubernetes_metadata: ${url}: ${reason}; events go on with what is known`);
  }
}
