import assert from "node:assert/strict";
import { type FieldValue, isFieldError, type RecordInput, recordOf } from "@falco-efk/event";
import {
  type AccountFiles,
  Accounts,
  Containers,
  type ContainersOptions,
  createFieldResolver,
  DomainNames,
  EventContext,
  type EventServices,
  ProcessTable,
  type ProcessTableOptions,
} from "@falco-efk/fields";

const resolver = createFieldResolver();

/** Account files held in memory. */
export function memoryFiles(files: Readonly<Record<string, string>>): AccountFiles {
  const get = (path: string): string => {
    const text = files[path];
    if (text === undefined) throw new Error(`ENOENT ${path}`);
    return text;
  };
  return { readText: get, version: (path) => get(path) };
}

export interface WorldInput {
  readonly processes?: ProcessTableOptions;
  readonly containers?: ContainersOptions;
  readonly accounts?: Readonly<Record<string, string>>;
  readonly domains?: DomainNames;
}

/** Services around one context, fed as the engine feeds them. */
export class World {
  readonly services: EventServices;
  readonly context: EventContext;

  constructor(input: WorldInput = {}) {
    this.services = {
      processes: new ProcessTable({ bootTime: 1_000_000_000_000_000_000n, ...input.processes }),
      accounts: new Accounts({
        files: memoryFiles(
          input.accounts ?? {
            "/etc/passwd": "root:x:0:0::/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/sh\n",
            "/etc/group": "root:x:0:\nann:x:1000:\n",
          },
        ),
      }),
      containers: new Containers(input.containers),
      domains: input.domains ?? new DomainNames({ resolve: async () => [] }),
      hostname: "host-1",
    };
    this.context = new EventContext(this.services);
  }

  /** Lets an event happen. */
  event(input: RecordInput): EventContext {
    const record = recordOf(input);
    this.services.processes.apply(record);
    return this.context.begin(record);
  }
}

function access(text: string) {
  const [, name = "", argument = null] = /^([\w./-]+?)(?:\[([^\]]*)\])?$/.exec(text) ?? [];
  const found = resolver.resolve(name, argument);
  assert.ok(!isFieldError(found), isFieldError(found) ? found.message : "");
  return found;
}

/** Reads a field as a condition does. */
export function read(event: EventContext, field: string): FieldValue {
  return access(field).extract(event);
}

/** Reads a field as an output's text does. */
export function print(event: EventContext, field: string): FieldValue {
  const found = access(field);
  return (found.print ?? found.extract)(event);
}

/** Reads a field as the JSON output does. */
export function json(event: EventContext, field: string): FieldValue {
  const found = access(field);
  return (found.json ?? found.print ?? found.extract)(event);
}

/** Asserts several fields of one event. */
export function expectFields(event: EventContext, expected: Readonly<Record<string, FieldValue>>): void {
  const actual = Object.fromEntries(Object.keys(expected).map((field) => [field, read(event, field)]));
  assert.deepEqual(actual, expected);
}

export const ip = (text: string): Uint8Array => Uint8Array.from(text.split(".").map(Number));
