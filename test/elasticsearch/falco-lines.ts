import type { FieldDefinition, FieldType } from "@falco-efk/event";
import { FIELD_DEFINITIONS } from "@falco-efk/fields";

/** One generated line and what it should become. */
export interface FalcoLine {
  readonly text: string;
  readonly rule: string;
  readonly priority: string;
  /** `YYYY.MM.DD` of its UTC day. */
  readonly day: string;
}

const PRIORITIES = ["Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"];
const RULES = 93;
const FIELDS_A_LINE = 14;

/** Every integer that is awkward: beyond a double's exactness, at the ends of signed and unsigned 64 bits. */
const INTEGERS = [
  "0",
  "1",
  "4294967295",
  "9007199254740993",
  "9223372036854775807",
  "9223372036854775808",
  "18446744073709551615",
];

/** Fields that are other fields' parents by name, such as `fd.sip` of `fd.sip.name`. */
export function clashingPairs(): [string, string][] {
  const names = [...new Set(FIELD_DEFINITIONS.map(({ name }) => name))];
  return names.flatMap((parent) =>
    names.filter((name) => name.startsWith(`${parent}.`)).map((name): [string, string] => [parent, name]),
  );
}

/**
 * Lines as Falco writes them, over all of its fields in turn, each value of its type; `end` is the newest event's time in
 * milliseconds, the oldest is a day before. The same arguments give the same lines.
 */
export function* falcoLines(count: number, end: number): Generator<FalcoLine> {
  const names = outputNames();
  for (let index = 0; index < count; index++) {
    const ms = end - Math.floor((86_400_000 * (count - 1 - index)) / count);
    const nanoseconds = BigInt(ms) * 1_000_000n + BigInt((index * 7919) % 1_000_000);
    const fraction = String(nanoseconds % 1_000_000_000n).padStart(9, "0");
    const second = new Date(ms).toISOString().slice(0, 19);
    const priority = PRIORITIES[index % 7 === 0 ? index % 8 : 4] as string;
    const rule = `Rule ${(index * index) % RULES} of the set`;
    // Each field comes round with another value.
    const round = Math.floor((index * FIELDS_A_LINE) / names.length);
    const fields = [`"evt.time":${nanoseconds}`];
    for (let offset = 0; offset < FIELDS_A_LINE; offset++) {
      const name = names[(index * FIELDS_A_LINE + offset) % names.length] as OutputName;
      fields.push(`${JSON.stringify(name.name)}:${jsonValueOf(name.definition, round + offset)}`);
    }
    const text =
      `{"hostname":"host-${index % 5}","output":"${second}: ${priority} line ${index} command=\\"sh -c \\\\u0041\\" file=/etc/ü","output_fields":{${fields.join(",")}},` +
      `"priority":"${priority}","rule":"${rule}","source":"syscall","tags":["T1059","mitre_execution"],"time":"${second}.${fraction}Z"}`;
    yield { text, rule, priority, day: second.slice(0, 10).replaceAll("-", ".") };
  }
}

interface OutputName {
  readonly name: string;
  readonly definition: FieldDefinition;
}

function outputNames(): OutputName[] {
  return FIELD_DEFINITIONS.filter(({ name }) => name !== "evt.time").map((definition) => {
    const argument = definition.argument;
    const suffix = argument.endsWith("index") ? "[2]" : argument === "required-key" ? "[app.kubernetes.io/name]" : "";
    return { name: `${definition.name}${suffix}`, definition };
  });
}

function jsonValueOf({ type, list }: FieldDefinition, seed: number): string {
  if (seed % 11 === 0) return "null";
  if (list) return `["a${seed % 3}","b"]`;
  return scalarOf(type, seed);
}

function scalarOf(type: FieldType, seed: number): string {
  switch (type) {
    case "BOOL":
      return seed % 2 === 0 ? "true" : "false";
    case "DOUBLE":
      return `${seed}.25`;
    case "INT8":
    case "INT16":
    case "INT32":
    case "INT64":
      return seed % 3 === 0 ? "-1" : String(seed % 1000);
    case "UINT8":
    case "UINT16":
    case "UINT32":
    case "PORT":
      return String(seed % 256);
    case "UINT64":
    case "RELTIME":
    case "ABSTIME":
      return INTEGERS[seed % INTEGERS.length] as string;
    default:
      // A text that looks like a date or a number stays a text; one in a thousand is longer than a term may be.
      return seed % 1009 === 0
        ? `"${"x".repeat(40_000)}"`
        : JSON.stringify(["2026-01-01", "12", `/usr/bin/x${seed % 50}`][seed % 3]);
  }
}
