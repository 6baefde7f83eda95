import type { Logger } from "@falco-efk/kit";
import type { ElasticClientOptions } from "./elastic/elastic-client.ts";
import type { PipelineUrls } from "./pipeline.ts";

/** What the console is started with. */
export interface ConsoleOptions extends PipelineUrls {
  /** Elasticsearch or the embedded store, such as `http://127.0.0.1:9200`. */
  readonly elasticsearchUrl: string;
  readonly elasticsearch?: Omit<ElasticClientOptions, "url">;
  /** The shipper that delivers, where its dead letters are; the one of `shipUrl` unless told otherwise. */
  readonly deadLettersUrl?: string | undefined;
  /** `http.token` of that shipper, which shows its dead letters to other machines only with it. */
  readonly shipToken?: string | undefined;
  /** Folder of the saved objects; made when it isn't there. */
  readonly dataDir: string;
  /** 5601 unless told otherwise; 0 picks a free one. */
  readonly port?: number;
  /** 127.0.0.1 unless told otherwise. Anything that isn't loopback needs a password. */
  readonly host?: string;
  readonly password?: string | undefined;
  /** PEM texts; with them the console speaks HTTPS. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Host names the console answers to, beside localhost and IP addresses. */
  readonly allowedHosts?: readonly string[];
  /** `replay`: the data is a recording, and every page says so. */
  readonly mode?: "live" | "replay";
  readonly logger?: Logger;
  /** Where the built page lies; the package's own unless told otherwise. */
  readonly pageDirectory?: string;
  readonly now?: () => number;
}

/** A running console. */
export interface Console {
  /** Such as `http://127.0.0.1:5601`. */
  readonly url: string;
  readonly port: number;
  /** Stops taking requests and ends open ones. Safe to call twice. */
  close(): Promise<void>;
}
