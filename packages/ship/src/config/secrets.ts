/** Names of settings whose values nobody but the other side may see. */
const SECRET_NAME =
  /pass(?:word|wd|phrase)?$|passphrase|api[-_]?key|token|secret|auth(?:orization)?$|credential|cookie|signature/i;
/** Shorter ones would make a log unreadable, and are none. */
const SHORTEST = 3;
const HIDDEN = "***";

/** The secrets of a configuration: by the names of settings, and what stands in URLs before the host or as a parameter. */
export function secretsOf(value: unknown, name = ""): readonly string[] {
  if (typeof value === "string") return [...(SECRET_NAME.test(name) ? [value] : []), ...secretsInUrls(value)];
  if (typeof value === "number") return SECRET_NAME.test(name) ? [String(value)] : [];
  if (Array.isArray(value)) return value.flatMap((item) => secretsOf(item, name));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => secretsOf(item, SECRET_NAME.test(name) ? name : key));
}

function secretsInUrls(text: string): readonly string[] {
  const users = [...text.matchAll(/:\/\/([^\s/@]*)@/g)].flatMap(([, user = ""]) => {
    const [, password = ""] = /^[^:]*:(.*)$/.exec(user) ?? [];
    return [password, decode(password)];
  });
  const parameters = [...text.matchAll(/[?&]([\w-]+)=([^&\s#]+)/g)].flatMap(([, key = "", value = ""]) =>
    SECRET_NAME.test(key) ? [value, decode(value)] : [],
  );
  return [...users, ...parameters];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Hides secrets in whatever is shown, logged or told. More may be added while it's in use. */
export class Redactor {
  readonly #secrets = new Set<string>();
  #expression: RegExp | null = null;

  constructor(secrets: Iterable<string> = []) {
    this.add(secrets);
  }

  add(secrets: Iterable<string>): void {
    const before = this.#secrets.size;
    for (const secret of secrets) {
      if (secret.length < SHORTEST) continue;
      // As it is, within JSON, within a URL, and as HTTP's basic authentication would carry it alone.
      for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]) {
        this.#secrets.add(form);
      }
      this.#secrets.add(Buffer.from(secret).toString("base64"));
    }
    if (this.#secrets.size === before) return;
    const longestFirst = [...this.#secrets].toSorted((a, b) => b.length - a.length);
    this.#expression = new RegExp(
      longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")).join("|"),
      "g",
    );
  }

  /** The text with `***` for each secret. */
  readonly hide = (text: string): string => (this.#expression === null ? text : text.replace(this.#expression, HIDDEN));
}
