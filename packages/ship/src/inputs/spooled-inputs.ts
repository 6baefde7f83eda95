import { join } from "node:path";
import type { InputConfig } from "../config/config.ts";
import { sizeBytes } from "../config/size.ts";
import type { Registry } from "../registry/registry.ts";
import type { RunningInput } from "./http-input.ts";
import { Spool } from "./spool.ts";
import { isFileInput, startInput } from "./start-input.ts";

const CLEAN_MS = 5000;
const SEGMENT_BYTES = 32 << 20;

/** The inputs of one shipper that go through spools: opened, started, cleaned and closed together. */
export class SpooledInputs {
  readonly #directory: string;
  readonly #registry: Registry;
  readonly #spools: { readonly input: InputConfig; readonly spool: Spool }[] = [];
  #running: RunningInput[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(directory: string, registry: Registry) {
    this.#directory = directory;
    this.#registry = registry;
  }

  /** The input as files to be followed: itself, or the spool that it writes to. */
  async open(input: InputConfig): Promise<InputConfig> {
    if (isFileInput(input)) return input;
    const name = input.id ?? `${input.type}-${input.port ?? ""}`;
    const folder = join(this.#directory, "spool", name);
    const spool = new Spool({ folder, segmentBytes: SEGMENT_BYTES, maxBytes: sizeBytes(input.max_spool) });
    await spool.open();
    this.#spools.push({ input, spool });
    return { ...input, id: `spool ${name}`, paths: [spool.file] };
  }

  /** Starts listening. Answers the addresses. */
  async start(): Promise<readonly string[]> {
    for (const { input, spool } of this.#spools) this.#running.push(await startInput(input, spool));
    this.#timer = setInterval(() => {
      for (const { spool } of this.#spools) void spool.clean(this.#registry).catch(() => undefined);
    }, CLEAN_MS);
    return this.#running.map(({ address }) => address);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await Promise.all(this.#running.splice(0).map((input) => input.close()));
    await Promise.all(this.#spools.splice(0).map(({ spool }) => spool.close()));
  }
}
