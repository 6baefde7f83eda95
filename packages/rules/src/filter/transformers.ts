import type { FieldScalar, FieldType, FieldValue } from "@falco-efk/event";
import type { Source } from "./node.ts";
import { lowerAscii, upperAscii } from "./text.ts";

/** What a transformer makes of its arguments: the type of its value, and the function. */
export interface Transformation {
  readonly type: FieldType;
  readonly list: boolean;
  readonly apply: (args: readonly FieldValue[]) => FieldValue;
}

type Built = Transformation | { readonly error: string };
type AnySource = Pick<Source<never>, "type" | "list" | "key">;

const isText = (type: FieldType): boolean => type === "CHARBUF" || type === "FSPATH";

/** Builds the transformer of a name for arguments of given types, or says why it cannot take them. */
export function buildTransformer(name: string, args: readonly AnySource[], argument: string | null): Built {
  if (argument !== null && name !== "getopt") return { error: `${name}( takes no [argument]` };
  switch (name) {
    case "val":
      return unary(
        name,
        args,
        () => true,
        (value) => value,
      );
    case "tolower":
      return unary(name, args, isText, (value) => lowerAscii(value as string));
    case "toupper":
      return unary(name, args, isText, (value) => upperAscii(value as string));
    case "basename":
      return unary(name, args, isText, (value) => basename(value as string));
    case "b64":
      return unary(name, args, (type) => type === "CHARBUF" || type === "BYTEBUF", decodeBase64);
    case "len":
      return buildLen(args);
    case "join":
      return buildJoin(args);
    case "concat":
      return buildConcat(args);
    default:
      return buildGetopt(args, argument);
  }
}

function unary(
  name: string,
  args: readonly AnySource[],
  takes: (type: FieldType) => boolean,
  apply: (value: FieldScalar) => FieldScalar | null,
): Built {
  const [only] = args;
  if (only === undefined || args.length !== 1) return { error: `${name}( takes one argument, not ${args.length}` };
  if (!takes(only.type)) return { error: `${name}( cannot take ${only.key}, which is of type ${only.type}` };
  return { type: only.type, list: only.list, apply: ([value]) => mapValue(value as FieldValue, apply) };
}

function mapValue(value: FieldValue, apply: (value: FieldScalar) => FieldScalar | null): FieldValue {
  if (value === null) return null;
  if (!Array.isArray(value)) return apply(value as FieldScalar);
  const mapped: FieldScalar[] = [];
  for (const item of value as readonly FieldScalar[]) {
    const result = apply(item);
    if (result === null) return null;
    mapped.push(result);
  }
  return mapped;
}

function basename(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function decodeBase64(value: FieldScalar): FieldScalar | null {
  const text = typeof value === "string" ? value : new TextDecoder("latin1").decode(value as Uint8Array);
  try {
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
    return typeof value === "string" ? new TextDecoder().decode(bytes) : bytes;
  } catch {
    // Not base64: the transformed value is missing, and a comparison with it false.
    return null;
  }
}

function buildLen(args: readonly AnySource[]): Built {
  const [only] = args;
  if (only === undefined || args.length !== 1) return { error: `len( takes one argument, not ${args.length}` };
  if (only.list) return { type: "UINT64", list: false, apply: ([value]) => (Array.isArray(value) ? value.length : 1) };
  if (!isText(only.type) && only.type !== "BYTEBUF") {
    return { error: `len( cannot take ${only.key}, which is of type ${only.type}` };
  }
  return { type: "UINT64", list: false, apply: ([value]) => mapValue(value as FieldValue, byteLength) };
}

function byteLength(value: FieldScalar): number {
  return typeof value === "string" ? new TextEncoder().encode(value).length : (value as Uint8Array).length;
}

function buildJoin(args: readonly AnySource[]): Built {
  const [separator, list] = args;
  if (separator === undefined || list === undefined || args.length !== 2) {
    return { error: `join( takes a separator and a list, not ${args.length} argument(s)` };
  }
  if (separator.list || !isText(separator.type)) return { error: "join( takes a text as its separator" };
  if (!list.list) return { error: `join( takes a list as its second argument, and ${list.key} is none` };
  return { type: "CHARBUF", list: false, apply: ([by, items]) => texts(items as FieldValue).join(by as string) };
}

function buildConcat(args: readonly AnySource[]): Built {
  if (args.length < 2) return { error: `concat( takes two arguments or more, not ${args.length}` };
  const wrong = args.find((arg) => arg.list || !isText(arg.type));
  if (wrong !== undefined) return { error: `concat( takes texts, and ${wrong.key} is none` };
  return { type: "CHARBUF", list: false, apply: (values) => values.join("") };
}

function texts(value: FieldValue): readonly string[] {
  if (value === null) return [];
  return Array.isArray(value) ? (value as readonly FieldScalar[]).map(String) : [String(value)];
}

function buildGetopt(args: readonly AnySource[], argument: string | null): Built {
  const [list, options] = args;
  if (list === undefined || options === undefined || args.length !== 2) {
    return { error: `getopt( takes a list and an option string, not ${args.length} argument(s)` };
  }
  if (!list.list || list.type !== "CHARBUF") return { error: `getopt( takes a list of texts, and ${list.key} is none` };
  if (options.list || !isText(options.type)) return { error: "getopt( takes a text as its option string" };
  if (argument !== null && argument.length !== 1) return { error: "getopt( takes one option's letter in its brackets" };
  return {
    type: "CHARBUF",
    list: argument === null,
    apply: ([items, text]) => getopt(texts(items as FieldValue), text as string, argument),
  };
}

/**
 * Reads short options as getopt(3) does, up to the first word that is none; words that begin with `--` are passed over.
 * Without a letter: every option, followed by its value where it takes one, `?` for an unknown one, "" for a value that is
 * lacking. With a letter: that option's last value (or the letter, when it takes none), null when it is absent.
 */
export function getopt(args: readonly string[], optionText: string, letter: string | null): FieldValue {
  const takesValue = readOptions(optionText);
  const found: string[] = [];
  let selected: string | null = null;
  const emit = (name: string, value: string | null): void => {
    if (letter !== null) selected = value ?? name;
    else found.push(...(value === null ? [name] : [name, value]));
  };
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    if (word === "--" || word.length < 2 || word[0] !== "-") break;
    if (word[1] === "-") continue;
    for (let at = 1; at < word.length; at++) {
      const name = word[at] as string;
      const withValue = takesValue.get(name);
      const wanted = letter === null || name === letter;
      if (withValue === undefined) {
        if (letter === null) found.push("?");
      } else if (!withValue) {
        if (wanted) emit(name, null);
      } else {
        const value = at + 1 < word.length ? word.slice(at + 1) : args[++i];
        if (wanted) emit(value === undefined ? "" : name, value ?? null);
        break;
      }
    }
  }
  return letter !== null ? selected : found;
}

function readOptions(text: string): ReadonlyMap<string, boolean> {
  const options = new Map<string, boolean>();
  for (let i = 0; i < text.length; i++) {
    const name = text[i] as string;
    if (name === ":") continue;
    options.set(name, (options.get(name) ?? false) || text[i + 1] === ":");
  }
  return options;
}
