import { hash, randomUUID } from "node:crypto";
import { arch, hostname, platform, release } from "node:os";
import { toUtcTime } from "../lines/falco-time.ts";
import { compileDissect } from "./dissect.ts";
import { asText, copyValue, dropField, type EventObject, getField, isObject, parseEvent, setField } from "./event.ts";
import type { Settings } from "./settings.ts";

/** Changes an event in place and answers it, or null to drop it. */
export type Processor = (event: EventObject) => EventObject | null;

/** Each kind reads its settings once and answers the function that runs for every event. */
export const PROCESSORS: Readonly<Record<string, (settings: Settings) => Processor>> = {
  add_fields: (settings) => putObject(settings.text("target", "fields"), settings.object("fields")),
  add_labels: (settings) => putObject("labels", settings.object("labels")),
  add_tags: (settings) => {
    const target = settings.text("target", "tags");
    const tags = settings.texts("tags");
    return change((event) => {
      const there = getField(event, target);
      setField(event, target, [...(Array.isArray(there) ? there : there === undefined ? [] : [there]), ...tags]);
    });
  },
  add_host_metadata: () => {
    const host = {
      name: hostname(),
      hostname: hostname(),
      architecture: arch(),
      os: { type: platform(), kernel: release() },
    };
    return putObject("host", host);
  },
  add_locale: () =>
    change((event) => setField(event, "event.timezone", Intl.DateTimeFormat().resolvedOptions().timeZone)),
  add_id: (settings) => {
    const target = settings.text("target_field", "event.id");
    return change((event) => setField(event, target, randomUUID()));
  },
  fingerprint: (settings) => {
    const fields = settings.texts("fields");
    const target = settings.text("target_field", "fingerprint");
    const method = settings.text("method", "sha256");
    return change((event) => {
      const text = fields.map((field) => `|${field}|${JSON.stringify(getField(event, field))}`).join("");
      setField(event, target, hash(method, text));
    });
  },
  decode_json_fields: (settings) => {
    const fields = settings.texts("fields");
    const target = settings.text("target", "");
    return change((event) => {
      for (const field of fields) {
        const text = getField(event, field);
        if (typeof text !== "string") continue;
        const decoded = tryParse(text);
        if (decoded === undefined) continue;
        if (target === "" && isObject(decoded)) Object.assign(event, decoded);
        else setField(event, target === "" ? field : target, decoded);
      }
    });
  },
  dissect: (settings) => {
    const split = compileDissect(settings.text("tokenizer"));
    const field = settings.text("field", "message");
    const prefix = settings.text("target_prefix", "dissect");
    return change((event) => {
      const text = asText(getField(event, field));
      const parts = text === null ? null : split(text);
      if (parts === null) return;
      for (const [key, value] of Object.entries(parts))
        setField(event, prefix === "" ? key : `${prefix}.${key}`, value);
    });
  },
  drop_event: () => () => null,
  drop_fields: (settings) => {
    const fields = settings.texts("fields");
    return change((event) => {
      for (const field of fields) if (field !== "@timestamp") dropField(event, field);
    });
  },
  include_fields: (settings) => {
    const fields = settings.texts("fields");
    return (event) => {
      const kept: EventObject = {};
      // Without its time an event would lose its day.
      for (const field of ["@timestamp", "time", ...fields]) {
        const value = getField(event, field);
        if (value !== undefined) setField(kept, field, value);
      }
      return kept;
    };
  },
  rename: (settings) =>
    eachPair(settings, (event, from, to) => {
      const value = getField(event, from);
      if (value === undefined) return;
      dropField(event, from);
      setField(event, to, value);
    }),
  copy_fields: (settings) =>
    eachPair(settings, (event, from, to) => {
      const value = getField(event, from);
      if (value !== undefined) setField(event, to, copyValue(value));
    }),
  replace: (settings) => {
    const rules = settings.list("fields").map((rule) => {
      const found = {
        field: rule.text("field"),
        pattern: new RegExp(rule.text("pattern"), "gu"),
        by: rule.text("replacement"),
      };
      rule.finish();
      return found;
    });
    return change((event) => {
      for (const { field, pattern, by } of rules) {
        const text = getField(event, field);
        if (typeof text === "string") setField(event, field, text.replace(pattern, by));
      }
    });
  },
  convert: (settings) => {
    const rules = settings.list("fields").map((rule) => {
      const from = rule.text("from");
      const found = { from, to: rule.text("to", from), type: rule.text("type", "string") };
      if (!Object.hasOwn(CONVERT, found.type)) throw rule.error(`type is one of ${Object.keys(CONVERT).join(", ")}`);
      rule.finish();
      return found;
    });
    return change((event) => {
      for (const { from, to, type } of rules) {
        const text = asText(getField(event, from));
        const value = text === null ? undefined : CONVERT[type]?.(text);
        if (value !== undefined) setField(event, to, value);
      }
    });
  },
  timestamp: (settings) => {
    const field = settings.text("field");
    const target = settings.text("target_field", "@timestamp");
    settings.texts("layouts");
    return change((event) => {
      const text = asText(getField(event, field));
      if (text === null) return;
      const seconds = /^\d{9,11}(?:\.\d+)?$/.test(text) ? new Date(Number(text) * 1000).toISOString() : null;
      const millis = /^\d{12,14}$/.test(text) ? new Date(Number(text)).toISOString() : null;
      const time = seconds ?? millis ?? toUtcTime(text);
      if (time !== null) setField(event, target, time);
    });
  },
  truncate_fields: (settings) => {
    const fields = settings.texts("fields");
    const limit = settings.number("max_characters", 0) || settings.number("max_bytes", 1024);
    return change((event) => {
      for (const field of fields) {
        const text = getField(event, field);
        if (typeof text === "string" && text.length > limit) setField(event, field, text.slice(0, limit));
      }
    });
  },
};

const CONVERT: Readonly<Record<string, (text: string) => unknown>> = {
  string: (text) => text,
  integer: (text) => (/^-?\d+$/.test(text) ? JSON.rawJSON(String(BigInt(text))) : undefined),
  long: (text) => (/^-?\d+$/.test(text) ? JSON.rawJSON(String(BigInt(text))) : undefined),
  float: (text) => finite(text),
  double: (text) => finite(text),
  boolean: (text) => (text === "true" ? true : text === "false" ? false : undefined),
  ip: (text) => text,
};

function finite(text: string): number | undefined {
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) ? undefined : value;
}

function change(act: (event: EventObject) => void): Processor {
  return (event) => {
    act(event);
    return event;
  };
}

function putObject(target: string, fields: EventObject): Processor {
  return change((event) => {
    for (const [key, value] of Object.entries(fields))
      setField(event, target === "" ? key : `${target}.${key}`, copyValue(value));
  });
}

function eachPair(settings: Settings, act: (event: EventObject, from: string, to: string) => void): Processor {
  const pairs = settings.list("fields").map((pair) => {
    const found = [pair.text("from"), pair.text("to")] as const;
    pair.finish();
    return found;
  });
  return change((event) => {
    for (const [from, to] of pairs) act(event, from, to);
  });
}

function tryParse(text: string): unknown {
  try {
    return parseEvent(text);
  } catch {
    return undefined;
  }
}
