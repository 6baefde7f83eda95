import { array, boolean, choice, integer, object, optional, type Schema, string } from "./json-schema.ts";
import { INPUT_SCHEMA } from "./schema/inputs.ts";
import { OUTPUT_SCHEMA } from "./schema/outputs.ts";
import { clientTls, duration, optionalText, size, strict } from "./schema/parts.ts";

const falco: Schema = object(
  {
    ecs: boolean({ default: false, description: "ECS names beside Falco's." }),
    mitre: boolean({ default: false, description: "threat.* from the rule's tags." }),
    severity: boolean({ default: false, description: "event.severity as a number." }),
  },
  strict,
);

const registry: Schema = object(
  {
    path: string({
      minLength: 1,
      default: "/var/lib/falco-ship",
      description: "The folder where it's remembered how far each file is delivered.",
    }),
    flush: duration("100ms", "Acknowledged offsets reach the disk within this time."),
    clean_removed: duration("7d", "What is known of a deleted file is forgotten after this time. 0: never."),
  },
  { ...strict, default: {} },
);

const redis: Schema = object(
  {
    url: string({
      minLength: 1,
      default: "redis://localhost:6379",
      description: "redis://[user:password@]host:port/db, or rediss:// for TLS.",
    }),
    ssl: optional(clientTls),
    name: string({ pattern: "^[^:]+$", default: "falco-ship", description: "Shared by harvesters and workers." }),
    max_jobs: integer({ minimum: 1, default: 1000, description: "Reading pauses while so many jobs wait." }),
    spill: boolean({ default: true, description: "Batches wait on disk (queue.disk) while Redis is away or full." }),
  },
  strict,
);

const queue: Schema = object(
  {
    type: choice(["memory", "disk", "redis"], {
      default: "memory",
      description: "Where batches wait between reading and delivery; redis: for workers on any host.",
    }),
    disk: object(
      {
        path: optionalText("The folder; registry.path/queue unless given."),
        max_size: size("1GiB", "Reading pauses while so many bytes wait on disk."),
      },
      { ...strict, default: {}, description: "In registry.path/queue unless path says otherwise." },
    ),
    redis: optional(redis),
    max_bytes: size("6MiB", "Reading pauses while so much is unacknowledged."),
  },
  { ...strict, default: {} },
);

const http: Schema = object(
  {
    enabled: boolean({ default: true, description: "Answers /stats, /metrics and /healthz." }),
    host: string({ minLength: 1, default: "127.0.0.1", description: "The address that answers." }),
    port: integer({ minimum: 0, maximum: 65_535, default: 5066, description: "The port that answers; 0: any." }),
    token: optional(
      string({
        minLength: 16,
        description: "Who sends it as Authorization: Bearer … sees and replays dead letters from another machine, too.",
      }),
    ),
  },
  { ...strict, default: {} },
);

const logging: Schema = object(
  {
    level: choice(["debug", "info", "warn", "error"], { default: "info", description: "From which level up." }),
    format: choice(["text", "json"], { default: "text", description: "Lines to read, or one object a line." }),
  },
  { ...strict, default: {} },
);

/** The schema of `ship.yml`. */
export const SHIP_SCHEMA: Schema = object(
  {
    inputs: array(INPUT_SCHEMA, { default: [] }),
    output: OUTPUT_SCHEMA,
    processors: array({}, { default: [], description: "Run over every record, in order." }),
    falco: optional(falco),
    origin: boolean({ default: false, description: "Adds log.offset, log.file.path and log.file.id to each record." }),
    registry,
    dead_letter: object(
      {
        path: optionalText(
          "The file of records that can't be delivered; registry.path/dead-letters.ndjson unless given.",
        ),
      },
      { ...strict, default: {} },
    ),
    queue,
    http,
    logging,
    shutdown_timeout: duration("5s", "How long a stop waits for what is under way."),
  },
  { ...strict, $id: "ship.yml" },
);
