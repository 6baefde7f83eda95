import { UserError } from "@falco-efk/kit";
import { Redis } from "ioredis";
import { type TlsSettings, tlsOptions } from "../sinks/tls.ts";

/** Where Redis is and what the queue is called there. */
export interface RedisSettings {
  /** `redis://[user:password@]host:port/db`, or `rediss://` for TLS. */
  readonly url: string;
  readonly ssl?: TlsSettings;
  /** The queue's name; harvesters and workers of one queue share it. */
  readonly name: string;
  /** Reading pauses while so many jobs wait for a worker. */
  readonly max_jobs: number;
  /** Batches wait on the harvester's disk while Redis is away or full. */
  readonly spill: boolean;
}

/** Opens a connection that never gives up. Trouble is told by the event `error`. */
export function connectRedis(settings: RedisSettings): Redis {
  if (!/^rediss?:\/\//.test(settings.url)) {
    throw new UserError(`${settings.url} is not a Redis address`, {
      code: "REDIS_URL",
      hint: "write it like redis://localhost:6379",
    });
  }
  return new Redis(settings.url, {
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(100 * attempt, 2000),
    ...(settings.ssl === undefined ? {} : { tls: tlsOptions(settings.ssl) }),
  });
}
