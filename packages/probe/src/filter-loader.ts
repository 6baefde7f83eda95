import { EVENT_TYPES, type KernelFilter, type TypeFilter } from "@falco-efk/event";
import { ProbeError } from "./errors.ts";
import { encodeFilter, passTable, prefixKey, suffixKey } from "./filter-encoding.ts";
import { LAYOUT } from "./frame-layout.ts";
import { isNativeFailure, type NativeProbe } from "./native.ts";

type Keys = [map: string, key: Uint8Array][];

const EVERYTHING: TypeFilter = { kind: "pass" };
const NOTHING: TypeFilter = { kind: "clauses", clauses: [] };

/** Puts filters into the kernel's maps, by turns into one of two generations; the caller switches to it. */
export class FilterLoader {
  readonly #native: NativeProbe;
  readonly #types: ReadonlySet<number>;
  /** What lies in the maps for each generation. */
  readonly #keys: [Keys, Keys] = [[], []];
  generation = 0;

  /** `types` are those that were asked for; shared programs see others, which never pass. */
  constructor(native: NativeProbe, types: ReadonlySet<number>) {
    this.#native = native;
    this.#types = types;
  }

  /**
   * Fills the generation that is not in force with the filter of every type, null for all events.
   * @returns the generation to switch to, by writing it to the kernel's control.
   * @throws ProbeError `filter-failed`; the filter in force stays as it is.
   */
  load(filter: KernelFilter | null): number {
    const generation = 1 - this.generation;
    try {
      this.#clear(generation);
      for (const { id } of EVENT_TYPES) this.#loadType(generation, id, filter);
    } catch (error) {
      if (!isNativeFailure(error)) throw error;
      throw new ProbeError(
        "filter-failed",
        `the rules' filter could not be written to the kernel: ${error.message}`,
        "turn pushdown off, or load fewer rules",
        { cause: error },
      );
    }
    this.generation = generation;
    return generation;
  }

  #clear(generation: number): void {
    const keys = this.#keys[generation] as Keys;
    for (const [map, key] of keys) this.#native.remove(map, key);
    keys.length = 0;
  }

  #loadType(generation: number, type: number, filter: KernelFilter | null): void {
    const set = type + generation * LAYOUT.FILTER_GENERATION;
    const setKey = new Uint8Array(Uint32Array.of(set).buffer);
    // A type that was asked for and that the filter leaves out passes: the process tree's have no rule.
    const wanted = (this.#types.has(type) ? filter?.types.get(type) : NOTHING) ?? EVERYTHING;
    if (wanted.kind === "pass") {
      this.#native.update("filters", setKey, passTable());
      return;
    }
    const encoded = encodeFilter(type, wanted);
    const keys = this.#keys[generation] as Keys;
    const put = (map: string, key: Uint8Array, clauses: bigint): void => {
      this.#native.update(map, key, new Uint8Array(BigUint64Array.of(clauses).buffer));
      keys.push([map, key]);
    };
    for (const [text, clauses] of encoded.prefixes) put("prefixes", prefixKey(set, text), clauses);
    for (const [text, clauses] of encoded.suffixes) put("suffixes", suffixKey(set, text), clauses);
    this.#native.update("filters", setKey, encoded.table);
  }
}
