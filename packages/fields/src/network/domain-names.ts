import { lookup } from "node:dns/promises";
import { isIPv4 } from "node:net";

/** Resolves a domain name to its addresses as text; rejects when it can't. */
export type ResolveName = (name: string) => Promise<readonly string[]>;

/** How names are resolved and kept. */
export interface DomainNamesOptions {
  readonly resolve?: ResolveName;
  /** Milliseconds; only differences count. */
  readonly now?: () => number;
  /** How long an answer counts before it is asked for again, milliseconds. 300000 when absent. */
  readonly refreshAfter?: number;
  /** Addresses kept per name, the newest: a name that keeps changing stays bounded. 256 when absent. */
  readonly maxAddresses?: number;
}

const systemResolve: ResolveName = async (name) => (await lookup(name, { all: true })).map(({ address }) => address);

interface Watched {
  /** In text, oldest answer first. */
  readonly addresses: Set<string>;
  askedAt: number;
  asking: Promise<void> | null;
}

/**
 * The domain names that rules compare (`fd.sip.name = example.com`), resolved forward and ahead of the events: an address
 * has a name when one of the watched names resolves to it. Nothing is ever looked up backward, and no event waits.
 */
export class DomainNames {
  readonly #watched = new Map<string, Watched>();
  readonly #byAddress = new Map<string, string[]>();
  readonly #resolve: ResolveName;
  readonly #now: () => number;
  readonly #refreshAfter: number;
  readonly #maxAddresses: number;

  constructor(options: DomainNamesOptions = {}) {
    this.#resolve = options.resolve ?? systemResolve;
    this.#now = options.now ?? (() => performance.now());
    this.#refreshAfter = options.refreshAfter ?? 300_000;
    this.#maxAddresses = options.maxAddresses ?? 256;
  }

  /** Watches names from now on; resolves when each has been asked for once. A name that can't be resolved stays watched. */
  async watch(names: Iterable<string>): Promise<void> {
    const asking: Promise<void>[] = [];
    for (const name of names) {
      let watched = this.#watched.get(name);
      if (watched === undefined) {
        watched = { addresses: new Set(), askedAt: 0, asking: null };
        this.#watched.set(name, watched);
        watched.asking = this.#ask(name, watched);
      }
      if (watched.asking !== null) asking.push(watched.asking);
    }
    await Promise.all(asking);
  }

  /** The watched names that resolve to an address of 4 or 16 bytes; null when there are none. */
  namesOf(address: Uint8Array): readonly string[] | null {
    if (this.#watched.size === 0) return null;
    this.#refresh();
    return this.#byAddress.get(keyOf(address)) ?? null;
  }

  #refresh(): void {
    const now = this.#now();
    for (const [name, watched] of this.#watched) {
      if (watched.asking === null && now - watched.askedAt >= this.#refreshAfter) {
        watched.asking = this.#ask(name, watched);
      }
    }
  }

  async #ask(name: string, watched: Watched): Promise<void> {
    try {
      for (const address of await this.#resolve(name)) {
        const key = isIPv4(address) ? address : keyOf(parseV6(address));
        watched.addresses.delete(key);
        watched.addresses.add(key);
      }
      for (const old of watched.addresses) {
        if (watched.addresses.size <= this.#maxAddresses) break;
        watched.addresses.delete(old);
      }
      this.#index();
    } catch {
      // The last answer still counts; the next refresh asks again.
    } finally {
      watched.askedAt = this.#now();
      watched.asking = null;
    }
  }

  #index(): void {
    this.#byAddress.clear();
    for (const [name, { addresses }] of this.#watched) {
      for (const address of addresses) {
        const names = this.#byAddress.get(address);
        if (names === undefined) this.#byAddress.set(address, [name]);
        else names.push(name);
      }
    }
  }
}

const keyOf = (address: Uint8Array): string =>
  address.length === 4 ? address.join(".") : Buffer.from(address).toString("hex");

/** Reads an IPv6 address as the resolver prints it (no zone, maybe a dotted tail). */
function parseV6(text: string): Uint8Array {
  const bytes = new Uint8Array(16);
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const plain =
    dotted === null
      ? text
      : `${dotted[1]}${((Number(dotted[2]) << 8) | Number(dotted[3])).toString(16)}:${((Number(dotted[4]) << 8) | Number(dotted[5])).toString(16)}`;
  const [head = "", tail] = plain.split("::");
  const groups = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const all = [...front, ...new Array<number>(Math.max(0, 8 - front.length - back.length)).fill(0), ...back];
  for (let index = 0; index < 8; index++) {
    const group = all[index] ?? 0;
    bytes[index * 2] = group >> 8;
    bytes[index * 2 + 1] = group & 0xff;
  }
  return bytes;
}
