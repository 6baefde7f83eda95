import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Progress } from "./cluster/inspect-cluster.ts";
import type { Threshold } from "./threshold.ts";

/** How to log in. */
export type Credentials =
  | { readonly user: string; readonly password: string }
  /** An API key in its encoded form. */
  | { readonly apiKey: string };

export interface BootstrapOptions {
  /** Elasticsearch's, OpenSearch's or the embedded store's address. Credentials inside are used. */
  readonly elasticsearch: string;
  /** Kibana's, OpenSearch Dashboards' or the console's address; null leaves its side alone. */
  readonly kibana: string | null;
  readonly credentials?: Credentials | null;
  /** Certificates to trust, PEM. */
  readonly ca?: string;
  readonly space?: string;
  /** Folder of `*.ndjson`; the project's own unless told otherwise. */
  readonly objects?: string;
  /** File that the API keys' secrets are written to. */
  readonly keystore?: string;
  readonly keepDays?: number;
  readonly shards?: number;
  readonly templatePriority?: number;
  readonly dataStream?: boolean;
  /** Install Watcher's watch and Kibana's rule too, where the licence allows it. */
  readonly slack?: boolean;
  readonly slackWebhookUrl?: string | null;
  readonly threshold?: Threshold;
  /** Replace what somebody else has changed. */
  readonly force?: boolean;
  /** How long to wait for each server, milliseconds. */
  readonly waitMs?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  readonly now?: () => number;
}

/** The options with every default filled in. */
export type FullOptions = Required<Omit<BootstrapOptions, "ca" | "signal">> & Pick<BootstrapOptions, "ca" | "signal">;

/** Fills in the defaults. */
export function withDefaults(options: BootstrapOptions): FullOptions {
  return {
    credentials: null,
    space: "default",
    objects: ownObjects(),
    keystore: "falco-efk.keystore",
    keepDays: 30,
    shards: 1,
    templatePriority: 300,
    dataStream: false,
    slack: false,
    slackWebhookUrl: null,
    threshold: { count: 1000, windowMinutes: 5 },
    force: false,
    waitMs: 120_000,
    progress: () => undefined,
    now: Date.now,
    ...options,
  };
}

/** The suite's saved objects: inside this package when installed, beside the packages in the repository. */
function ownObjects(): string {
  const inside = fileURLToPath(new URL("../kibana-saved-objects/", import.meta.url));
  return existsSync(inside) ? inside : fileURLToPath(new URL("../../../kibana-saved-objects/", import.meta.url));
}
