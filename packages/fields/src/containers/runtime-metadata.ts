import type { ContainerDetails, ContainerMetadata } from "./container-details.ts";
import type { ContainerRef } from "./container-id.ts";
import type { Runtime } from "./runtime.ts";

/** How answers are kept. */
export interface RuntimeMetadataOptions {
  /** The runtimes to ask, looked for anew when none knew a container: a runtime may start later. */
  readonly runtimes: () => readonly Runtime[];
  /** Milliseconds; only differences count. */
  readonly now?: () => number;
  /** How long "nobody knows it" counts before it is asked again, milliseconds. 10000 when absent. */
  readonly retryAfter?: number;
  /** Pauses between the tries for one container, milliseconds: it may start before its runtime can tell. */
  readonly retries?: readonly number[];
  /** Containers kept at most, the least recently used go first. 1024 when absent. */
  readonly maxContainers?: number;
  /** Told of every runtime that could not be asked. */
  readonly onError?: (runtime: Runtime, error: unknown) => void;
  readonly sleep?: (milliseconds: number) => Promise<void>;
}

interface Answer {
  readonly details: ContainerDetails | null;
  readonly at: number;
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });

/** What the container runtimes of this machine know, asked once a container and kept. */
export class RuntimeMetadata implements ContainerMetadata {
  readonly #options: RuntimeMetadataOptions;
  readonly #now: () => number;
  readonly #answers = new Map<string, Answer>();
  readonly #asking = new Map<string, Promise<ContainerDetails | null>>();

  constructor(options: RuntimeMetadataOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  get(ref: ContainerRef): ContainerDetails | null | undefined {
    const answer = this.#answers.get(ref.fullId);
    if (answer === undefined) return undefined;
    if (answer.details === null && this.#now() - answer.at >= (this.#options.retryAfter ?? 10_000)) {
      // Ask again for the next event, but let nobody wait for a container that had no name the last time.
      this.#answers.set(ref.fullId, { details: null, at: this.#now() });
      void this.#start(ref);
    }
    return answer.details;
  }

  async request(ref: ContainerRef): Promise<ContainerDetails | null> {
    const answer = this.#answers.get(ref.fullId);
    return answer === undefined ? await this.#start(ref) : answer.details;
  }

  #start(ref: ContainerRef): Promise<ContainerDetails | null> {
    let asking = this.#asking.get(ref.fullId);
    if (asking === undefined) {
      asking = this.#ask(ref).finally(() => this.#asking.delete(ref.fullId));
      this.#asking.set(ref.fullId, asking);
    }
    return asking;
  }

  async #ask(ref: ContainerRef): Promise<ContainerDetails | null> {
    const sleep = this.#options.sleep ?? pause;
    let details: ContainerDetails | null = null;
    for (const delay of [0, ...(this.#options.retries ?? [50, 200, 500])]) {
      if (delay > 0) await sleep(delay);
      const runtimes = this.#options.runtimes();
      details = await this.#askAll(ref, runtimes);
      if (details !== null || runtimes.length === 0) break;
    }
    this.#keep(ref.fullId, { details, at: this.#now() });
    return details;
  }

  /** One runtime may hang while another has the answer: the first that knows the container wins. */
  async #askAll(ref: ContainerRef, runtimes: readonly Runtime[]): Promise<ContainerDetails | null> {
    const asked = runtimes.map(async (runtime) => {
      try {
        const details = await runtime.inspect(ref.fullId);
        if (details !== null) return details;
      } catch (error) {
        this.#options.onError?.(runtime, error);
      }
      throw new Error("not this one");
    });
    return await Promise.any(asked).catch(() => null);
  }

  #keep(fullId: string, answer: Answer): void {
    this.#answers.delete(fullId);
    this.#answers.set(fullId, answer);
    for (const old of this.#answers.keys()) {
      if (this.#answers.size <= (this.#options.maxContainers ?? 1024)) return;
      this.#answers.delete(old);
    }
  }
}
