import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { ElasticError } from "../errors.ts";
import { writeFileDurably } from "../segments/write-file.ts";

/** An API key as it is kept: only a hash of its secret. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly hash: string;
  /** Milliseconds since 1970. */
  readonly creation: number;
  readonly expiration: number | null;
}

/** Who may ask: a user with a password, and API keys. Without a password everybody on this machine may. */
export class Guard {
  readonly #user: string;
  readonly #password: string | null;
  readonly #loopback: boolean;
  readonly #path: string;
  readonly #now: () => number;
  #keys: ApiKey[];

  constructor(options: {
    readonly user: string;
    readonly password: string | null;
    readonly loopback: boolean;
    readonly path: string;
    readonly now: () => number;
  }) {
    this.#user = options.user;
    this.#password = options.password;
    this.#loopback = options.loopback;
    this.#path = options.path;
    this.#now = options.now;
    this.#keys = readKeys(options.path);
  }

  /** The name of who asks. Throws 401 without valid credentials, 403 for what a web page must not reach. */
  check(headers: IncomingHttpHeaders): string {
    if (this.#password === null) {
      this.#refuseWebPages(headers);
      return this.#user;
    }
    const [scheme = "", credentials = ""] = (headers.authorization ?? "").split(/\s+/, 2);
    const text = Buffer.from(credentials, "base64").toString();
    const colon = text.indexOf(":");
    const [name, secret] = [text.slice(0, colon), text.slice(colon + 1)];
    if (scheme.toLowerCase() === "basic" && same(name, this.#user) && same(secret, this.#password)) {
      return name;
    }
    if (scheme.toLowerCase() === "apikey") {
      const key = this.#keys.find((one) => one.id === name);
      if (key && same(hash(secret), key.hash) && (key.expiration === null || key.expiration > this.#now())) {
        return key.name;
      }
    }
    throw new ElasticError(
      401,
      "security_exception",
      headers.authorization === undefined
        ? "missing authentication credentials for REST request"
        : "unable to authenticate with the given credentials",
      { header: { "WWW-Authenticate": ['Basic realm="security" charset="UTF-8"', "ApiKey"] } },
    );
  }

  /** A page of another site can make a browser send requests here: such requests name that site. */
  #refuseWebPages(headers: IncomingHttpHeaders): void {
    const { origin, host } = headers;
    if (
      (this.#loopback && host !== undefined && !isLocal(host)) ||
      (origin !== undefined && !isLocal(/^https?:\/\/([^/]+)$/.exec(origin)?.[1] ?? ""))
    ) {
      throw new ElasticError(
        403,
        "security_exception",
        "requests from other sites are refused; set a password to allow them",
      );
    }
  }

  /** Makes an API key. The secret is given once and never kept. */
  createKey(name: string, lifetimeMs: number | null): ApiKey & { readonly secret: string } {
    const secret = randomBytes(16).toString("base64url");
    const creation = this.#now();
    const expiration = lifetimeMs === null ? null : creation + lifetimeMs;
    const key = { id: randomBytes(15).toString("base64url"), name, hash: hash(secret), creation, expiration };
    this.#save([...this.#keys, key]);
    return { ...key, secret };
  }

  /** The API keys, without their secrets. */
  get keys(): readonly ApiKey[] {
    return this.#keys;
  }

  /** Takes API keys away; gives the ids that were there. */
  removeKeys(test: (key: ApiKey) => boolean): string[] {
    const gone = this.#keys.filter(test).map((key) => key.id);
    this.#save(this.#keys.filter((key) => !test(key)));
    return gone;
  }

  #save(keys: ApiKey[]): void {
    writeFileDurably(this.#path, JSON.stringify(keys));
    this.#keys = keys;
  }
}

/** Whether a host, with or without a port, is this machine and not a name that only begins like it. */
function isLocal(host: string): boolean {
  return /^(localhost|\[::1\]|127(\.\d{1,3}){3})(:\d{1,5})?$/.test(host);
}

function readKeys(path: string): ApiKey[] {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as ApiKey[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return [];
    }
    throw error;
  }
}

function hash(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

function same(a: string, b: string): boolean {
  return timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
}
