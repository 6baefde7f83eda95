import type { SectionReader } from "./section.ts";
import { convertParse } from "./sources.ts";

/** Processors that do what a `<filter>` does; what has no counterpart is told. `tag` is the tag of the events. */
export function convertFilter(filter: SectionReader, tag: string): readonly unknown[] {
  const type = filter.take("@type") ?? filter.take("type") ?? "";
  filter.ignore("@id", "id", "@log_level");
  switch (type) {
    case "record_transformer":
      return transformer(filter, tag);
    case "record_modifier":
      return transformer(filter, tag);
    case "grep":
      return grep(filter);
    case "parser":
      return parser(filter);
    case "kubernetes_metadata":
      return kubernetes(filter);
    case "stdout":
      filter.loseAll("records are not printed beside being shipped");
      return [];
    default:
      filter.loseAll("it has no counterpart");
      return [];
  }
}

function transformer(filter: SectionReader, tag: string): readonly unknown[] {
  const ruby = filter.flag("enable_ruby", false);
  const keep = filter.list("keep_keys");
  const renew = filter.flag("renew_record", false);
  const remove = filter.list("remove_keys");
  const fixed: Record<string, unknown> = {};
  const computed: string[] = [];
  const copied: { from: string; to: string }[] = [];
  for (const record of filter.sections("record")) {
    for (const { key, value } of record.rest()) {
      const pieces = splitTemplate(value, tag);
      if (pieces === null) {
        const why = ruby ? "Ruby is not run; write it with the processor script" : "the placeholder is not known";
        record.lose(key, why);
      } else if (pieces.every(({ field }) => field === null)) {
        fixed[key] = typed(pieces.map(({ text }) => text).join(""));
      } else if (pieces.length === 1) copied.push({ from: pieces[0]?.field ?? "", to: key });
      else computed.push(`  event.Put(${JSON.stringify(key)}, ${pieces.map(piece).join(" + ")});`);
    }
    record.finish();
  }
  const added = [...Object.keys(fixed), ...copied.map(({ to }) => to)];
  const source = `function text(value) { return value === null ? "" : String(value); }\nfunction process(event) {\n${computed.join("\n")}\n}\n`;
  filter.ignore("auto_typecast", "renew_time_key");
  filter.finish();
  return [
    ...(copied.length === 0 ? [] : [{ copy_fields: { fields: copied, ignore_missing: true, fail_on_error: false } }]),
    ...(Object.keys(fixed).length === 0 ? [] : [{ add_fields: { target: "", fields: fixed } }]),
    ...(computed.length === 0 ? [] : [{ script: { lang: "javascript", source } }]),
    ...(renew ? [{ include_fields: { fields: [...keep, ...added] } }] : []),
    ...(remove.length === 0 ? [] : [{ drop_fields: { fields: remove.map(path), ignore_missing: true } }]),
  ];
}

interface Piece {
  readonly text: string;
  /** The field whose value stands here, or null for plain text. */
  readonly field: string | null;
}

/** `a ${record["b"]["c"]} ${tag}` in pieces; null when there is a placeholder that can't be carried over. */
function splitTemplate(value: string, tag: string): readonly Piece[] | null {
  const pieces: Piece[] = [];
  const add = (text: string): void => void (text !== "" && pieces.push({ text, field: null }));
  // Our own reference, made of an environment variable, is plain text here.
  const parts = value.split(/(?<!\uE000)(\$\{[^}]*\})/);
  for (const [at, part] of parts.entries()) {
    if (at % 2 === 0) {
      if (part.includes("#{")) return null;
      add(part);
      continue;
    }
    const inner = part.slice(2, -1).trim();
    const field = recordPath(inner);
    const tagPart = /^tag_parts\[(-?\d+)\]$/.exec(inner)?.[1];
    if (field !== null) pieces.push({ text: "", field });
    else if (inner === "tag") add(tag);
    else if (tagPart !== undefined) add(tag.split(".").at(Number(tagPart)) ?? "");
    else return null;
  }
  return pieces.length === 0 ? [{ text: "", field: null }] : pieces;
}

/** `record["a"]["b"]`, `record.dig("a", "b")` and `record.a` as `a.b`. */
function recordPath(text: string): string | null {
  const brackets = /^record((?:\[["'][^"'\]]+["']\])+)$/.exec(text)?.[1];
  if (brackets !== undefined) return [...brackets.matchAll(/\[["']([^"']+)["']\]/g)].map(([, key]) => key).join(".");
  const dig = /^record\.dig\((.*)\)$/.exec(text)?.[1];
  if (dig !== undefined) return [...dig.matchAll(/["']([^"']+)["']/g)].map(([, key]) => key).join(".");
  return /^record\.(\w+)$/.exec(text)?.[1] ?? null;
}

function piece({ text, field }: Piece): string {
  return field === null ? JSON.stringify(text) : `text(event.Get(${JSON.stringify(field)}))`;
}

function typed(text: string): unknown {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Fluentd's accessors, `$.a.b` and `$['a']['b']`, as dotted names. */
function path(key: string): string {
  if (key.startsWith("$.")) return key.slice(2);
  const keys = [...key.matchAll(/\[["']([^"']+)["']\]/g)].map(([, name]) => name);
  return key.startsWith("$[") && keys.length > 0 ? keys.join(".") : key;
}

function grep(filter: SectionReader): readonly unknown[] {
  const keep = conditions(filter, "regexp");
  const drop = conditions(filter, "exclude");
  for (const and of filter.sections("and")) {
    keep.push(...conditions(and, "regexp"));
    const all = conditions(and, "exclude");
    if (all.length > 0) drop.push(all.length === 1 ? all[0] : { and: all });
    and.finish();
  }
  for (const or of filter.sections("or")) {
    const any = conditions(or, "regexp");
    if (any.length > 0) keep.push(any.length === 1 ? any[0] : { or: any });
    drop.push(...conditions(or, "exclude"));
    or.finish();
  }
  for (const { key, value } of filter.rest()) {
    const [, kind, field = "", pattern = ""] = /^(regexp|exclude)\d+ (\S+) (.+)$/.exec(`${key} ${value}`) ?? [];
    const condition = kind === undefined ? null : regexp(field, pattern);
    if (condition === null) filter.lose(key, "it has no counterpart");
    else (kind === "regexp" ? keep : drop).push(condition);
  }
  filter.finish();
  return [
    ...keep.map((condition) => ({ drop_event: { when: { not: condition } } })),
    ...drop.map((condition) => ({ drop_event: { when: condition } })),
  ];
}

function conditions(parent: SectionReader, name: "regexp" | "exclude"): unknown[] {
  return parent.sections(name).flatMap((section) => {
    const condition = regexp(section.take("key") ?? "", section.take("pattern") ?? "");
    section.finish();
    if (condition !== null) return [condition];
    section.lose("pattern", "the expression is not one of JavaScript's");
    return [];
  });
}

function regexp(key: string, pattern: string): unknown {
  const [, body = pattern, flags = ""] = /^\/(.*)\/([imx]*)$/s.exec(pattern) ?? [];
  if (flags.includes("x")) return null;
  try {
    new RegExp(body);
  } catch {
    return null;
  }
  return { regexp: { [path(key)]: flags.includes("i") ? `(?i)${body}` : body } };
}

function parser(filter: SectionReader): readonly unknown[] {
  const key = path(filter.take("key_name") ?? "message");
  const reserve = filter.flag("reserve_data", false);
  const removeKey = filter.flag("remove_key_name_field", false);
  if (!reserve) filter.lose("reserve_data", "fields beside the parsed one stay, as with reserve_data true");
  if (filter.take("hash_value_field") !== undefined)
    filter.lose("hash_value_field", "use target of decode_json_fields");
  filter.ignore("reserve_time", "emit_invalid_record_to_error", "replace_invalid_sequence");
  const processors = filter.sections("parse").flatMap((parse) => {
    const json = (parse.take("@type") ?? "json") === "json";
    const decode = { decode_json_fields: { fields: [key], target: "", overwrite_keys: true } };
    return [...(json ? [decode] : []), ...convertParse(parse, key)];
  });
  const remove = removeKey ? [{ drop_fields: { fields: [key], ignore_missing: true } }] : [];
  filter.finish();
  return [...processors, ...remove];
}

function kubernetes(filter: SectionReader): readonly unknown[] {
  const url = filter.take("kubernetes_url");
  const ca = filter.take("ca_file");
  const token = filter.take("bearer_token_file");
  const annotations = filter.list("annotation_match");
  if (annotations.length > 0) filter.lose("annotation_match", "name annotations with include_annotations");
  const dedot = filter.take("de_dot");
  filter.ignore("cache_size", "cache_ttl", "watch", "verify_ssl", "skip_labels", "skip_container_metadata");
  filter.ignore("skip_master_url", "skip_namespace_metadata", "use_journal", "de_dot_separator");
  filter.finish();
  return [
    {
      add_kubernetes_metadata: {
        ...(url === undefined ? {} : { api_server: url.replace(/\/api(?:\/v1)?\/?$/, "") }),
        ...(ca === undefined ? {} : { ca_file: ca }),
        ...(token === undefined ? {} : { token_file: token }),
        ...(dedot === "false" ? { labels: { dedot: false } } : {}),
      },
    },
  ];
}
