import assert from "node:assert/strict";
import { request as plainRequest } from "node:http";
import { request as secureRequest } from "node:https";
import { freePorts } from "../support/ports.ts";
import { until } from "../support/until.ts";
import { DEBIAN_IMAGE, importBaseImages } from "./base-images.ts";
import { cacheFolder } from "./cache-folder.ts";
import { type Compose, composeProgram, composeWith } from "./compose.ts";
import { type Daemon, startDaemon } from "./daemon.ts";

export interface StackOptions {
  readonly profiles: string;
  /** Changes to the shipped files beside the suite's own, such as `test/docker/elasticsearch/compose.yaml`. */
  readonly overrides?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** More base images than the shipped files name. */
  importImages?(daemon: Daemon, cache: string): Promise<void>;
}

/** `docker compose up` on a daemon of the suite's own. */
export interface Stack {
  readonly daemon: Daemon;
  readonly compose: Compose;
  readonly storePort: number;
  readonly consolePort: number;
  /** Of the user `elastic`. */
  readonly password: string;
  /** `SERVICE STATE HEALTH EXIT` of each container, once none is on its way any more. */
  settled(): Promise<string[]>;
  /** What a `docker` command lists, line by line. */
  list(...args: readonly string[]): Promise<string[]>;
  remove(): Promise<void>;
}

export interface AlertDocument {
  readonly rule: string;
  readonly hostname: string;
  readonly output_fields: Readonly<Record<string, unknown>>;
}

/** Where the documents are asked for: the store, or Elasticsearch with its own authority. */
export interface SearchEndpoint {
  readonly url: string;
  readonly password: string;
  readonly ca?: string;
}

export const PROJECT = "falco-efk-test";

/** Builds the images and starts the profiles. Remove it. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const cache = cacheFolder();
  const daemon = await startDaemon(`${cache}/data`);
  const [storePort = 0, consolePort = 0] = await freePorts(2);
  const compose = composeWith(
    await composeProgram(cache),
    {
      DOCKER_HOST: `unix://${daemon.socket}`,
      FALCO_EFK_TEST_SOCKET: daemon.socket,
      COMPOSE_PROJECT_NAME: PROJECT,
      COMPOSE_PROFILES: options.profiles,
      ELASTICSEARCH_PORT: String(storePort),
      KIBANA_PORT: String(consolePort),
      ...options.environment,
    },
    options.overrides ?? [],
  );
  const remove = async (): Promise<void> => {
    await compose("down", "-v", "--remove-orphans").catch(() => undefined);
    // What an earlier build left in the cache folder; the newest layers stay.
    await daemon.docker("image", "prune", "--force").catch(() => undefined);
    await daemon.docker("builder", "prune", "--force", "--keep-storage", "4gb").catch(() => undefined);
    await daemon.stop();
  };
  try {
    await importBaseImages(daemon, cache);
    await options.importImages?.(daemon, cache);
    await compose("down", "-v", "--remove-orphans");
    await compose("build");
    await compose("up", "--detach", "--no-build");
    const password = (await compose("run", "--rm", "--no-deps", "setup", "password")).trim();
    return {
      daemon,
      compose,
      storePort,
      consolePort,
      password,
      settled: () => settled(compose),
      list: async (...args) => (await daemon.docker(...args)).split("\n").filter((line) => line !== ""),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

function settled(compose: Compose): Promise<string[]> {
  return until("health", 180_000, async () => {
    const text = await compose("ps", "--all", "--format", "{{.Service}} {{.State}} {{.Health}} {{.ExitCode}}");
    const lines = text.trim().split("\n");
    return lines.some((line) => / (starting|unhealthy|created) /.test(line)) ? null : lines;
  });
}

/** Starts a shell in a container of the name until its alert can be found, and holds its fields to the container. */
export async function assertShellIsFound(daemon: Daemon, endpoint: SearchEndpoint, victim: string): Promise<void> {
  const id = (await daemon.docker("run", "-d", "--name", victim, DEBIAN_IMAGE, "sleep", "600")).trim();
  const document = await until("the alert", 60_000, async () => {
    await daemon.docker("exec", "-t", victim, "bash", "-c", "id");
    return findAlert(endpoint, "Terminal shell in container", victim);
  });
  assert.equal(document.output_fields["container.id"], id.slice(0, 12));
  assert.equal(document.output_fields["container.name"], victim);
  assert.equal(document.output_fields["container.image.repository"], DEBIAN_IMAGE.split(":")[0]);
  assert.equal(document.output_fields["proc.name"], "bash");
  assert.notEqual(document.hostname, id.slice(0, 12));
}

/** The first alert of the rule in the container, or null. */
export async function findAlert(
  endpoint: SearchEndpoint,
  rule: string,
  containerName: string,
): Promise<AlertDocument | null> {
  const { hits } = await search<{ hits: { hits: readonly { _source: AlertDocument }[] } }>(endpoint, {
    query: {
      bool: {
        filter: [{ term: { "rule.keyword": rule } }, { term: { "output_fields.container.name": containerName } }],
      },
    },
  });
  return hits.hits[0]?._source ?? null;
}

/** What `_search` on `logstash-*` answers. */
export async function search<T>(endpoint: SearchEndpoint, body: object): Promise<T> {
  const { status, text } = await post(endpoint, "/logstash-*/_search", JSON.stringify(body));
  assert.equal(status, 200, text);
  return JSON.parse(text) as T;
}

function post(endpoint: SearchEndpoint, path: string, body: string): Promise<{ status: number; text: string }> {
  const request = endpoint.url.startsWith("https:") ? secureRequest : plainRequest;
  const headers = {
    authorization: `Basic ${Buffer.from(`elastic:${endpoint.password}`).toString("base64")}`,
    "content-type": "application/json",
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(`${endpoint.url}${path}`, { method: "POST", headers, ca: endpoint.ca }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
