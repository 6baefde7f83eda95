/** A key of a tokenizer, such as `%{+when/2->}`. */
interface Key {
  readonly name: string;
  /** `+`: added to the others of that name; `?`: read and left out; `*` and `&`: a name and its value. */
  readonly mark: "" | "+" | "?" | "*" | "&";
  /** Where an added part stands among the others. */
  readonly order: number;
  /** The delimiter behind it may stand several times. */
  readonly padded: boolean;
  readonly type: string | null;
}

const KEY = /^([+?*&]?)([^/|]*?)(?:\/(\d+))?(->)?(?:\|(\w+))?$/;
const NUMBER_TYPES = ["integer", "long", "float", "double"];

/**
 * Compiles a tokenizer such as `%{time} %{level}: %{message}`. The function answers null for a text that doesn't fit.
 * `fault` makes the error for a tokenizer that can't be.
 */
export function compileDissect(
  tokenizer: string,
  fault: (message: string) => Error,
): (text: string) => Record<string, unknown> | null {
  const parts = tokenizer.split(/%\{([^}]*)\}/);
  const between = parts.filter((_, at) => at % 2 === 0);
  const keys = parts.filter((_, at) => at % 2 === 1).map((text) => readKey(text, fault));
  if (keys.length === 0) throw fault("a tokenizer has keys such as %{name}");
  if (between.slice(1, -1).includes("")) throw fault("two keys need something between them");
  return (text) => {
    const values = cut(text, between, keys);
    return values === null ? null : collect(keys, values, between);
  };
}

function readKey(text: string, fault: (message: string) => Error): Key {
  const [whole, mark = "", name = "", order, padded, type] = KEY.exec(text) ?? [];
  if (whole === undefined || (type !== undefined && !["string", "boolean", "ip", ...NUMBER_TYPES].includes(type))) {
    throw fault(`%{${text}} is not a key`);
  }
  return {
    name,
    mark: mark as Key["mark"],
    order: Number(order ?? 0),
    padded: padded !== undefined,
    type: type ?? null,
  };
}

function cut(text: string, between: readonly string[], keys: readonly Key[]): string[] | null {
  const first = between[0] ?? "";
  if (!text.startsWith(first)) return null;
  const values: string[] = [];
  let at = first.length;
  for (let index = 0; index < keys.length; index++) {
    const next = between[index + 1] ?? "";
    const end = next === "" ? text.length : text.indexOf(next, at);
    if (end < 0) return null;
    values.push(text.slice(at, end));
    at = end + next.length;
    while (keys[index]?.padded === true && next !== "" && text.startsWith(next, at)) at += next.length;
  }
  return values;
}

function collect(keys: readonly Key[], values: readonly string[], between: readonly string[]): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const added = new Map<string, { readonly order: number; readonly value: string; readonly before: string }[]>();
  const names = new Map<string, string>();
  keys.forEach(({ name, mark, order, type }, index) => {
    const value = values[index] ?? "";
    // Added parts are joined by what stood between them.
    if (mark === "+") added.set(name, [...(added.get(name) ?? []), { order, value, before: between[index] ?? "" }]);
    else if (mark === "*") names.set(name, value);
    else if (mark === "&") result[names.get(name) ?? name] = value;
    else if (mark === "" && name !== "") result[name] = typed(value, type);
  });
  for (const [name, parts] of added) {
    const start = result[name];
    const usual = parts.find(({ before }) => before !== "")?.before ?? "";
    result[name] = parts
      .toSorted((a, b) => a.order - b.order)
      .reduce<string | null>(
        (text, { value, before }) => (text === null ? value : text + (before || usual) + value),
        typeof start === "string" ? start : null,
      );
  }
  return result;
}

function typed(value: string, type: string | null): unknown {
  if (type === "boolean") return value === "true";
  if (type === null || !NUMBER_TYPES.includes(type)) return value;
  const number = Number(value);
  return value.trim() === "" || !Number.isFinite(number) ? value : number;
}
