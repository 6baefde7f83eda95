import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse } from "yaml";
import type { MetadataTls } from "./metadata-http.ts";

/** How to speak to an API server. */
export interface KubernetesApi {
  readonly url: string;
  readonly tls: MetadataTls;
  /** Asked for each connection: a service account's token is renewed on disk. */
  readonly token: () => string | null;
}

const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The API server as a pod reaches it, with its service account. Files that aren't there are left out. */
export function podApi(options: {
  readonly url: string;
  readonly tokenFile?: string;
  readonly caFile?: string;
}): KubernetesApi {
  const ca = readOptional(options.caFile ?? `${ACCOUNT}/ca.crt`);
  const tokenFile = options.tokenFile ?? `${ACCOUNT}/token`;
  return {
    url: options.url.replace(/\/$/, ""),
    tls: ca === null ? {} : { ca },
    token: () => readOptional(tokenFile)?.trim() ?? null,
  };
}

interface KubeConfig {
  readonly "current-context"?: string;
  readonly contexts?: readonly {
    readonly name: string;
    readonly context: { readonly cluster: string; readonly user: string };
  }[];
  readonly clusters?: readonly { readonly name: string; readonly cluster: Readonly<Record<string, unknown>> }[];
  readonly users?: readonly { readonly name: string; readonly user: Readonly<Record<string, unknown>> }[];
}

/** The current context of a kubeconfig file. Throws an Error that says what it lacks. */
export function kubeConfigApi(file: string): KubernetesApi {
  const config = (parse(readFileSync(file, "utf8")) ?? {}) as KubeConfig;
  const context = config.contexts?.find(({ name }) => name === config["current-context"])?.context;
  const cluster = config.clusters?.find(({ name }) => name === context?.cluster)?.cluster;
  const user = config.users?.find(({ name }) => name === context?.user)?.user ?? {};
  if (cluster === undefined || typeof cluster.server !== "string") {
    throw new Error("its current context has no cluster with a server");
  }
  if (user.exec !== undefined || user["auth-provider"] !== undefined) {
    throw new Error("a user that runs a program for its token is not supported; use a token or a certificate");
  }
  const material = (from: Readonly<Record<string, unknown>>, key: string): string | undefined => {
    const data = from[`${key}-data`];
    if (typeof data === "string") return Buffer.from(data, "base64").toString("utf8");
    const path = from[key];
    return typeof path === "string" ? readFileSync(resolve(file, "..", path), "utf8") : undefined;
  };
  const ca = material(cluster, "certificate-authority");
  const cert = material(user, "client-certificate");
  const key = material(user, "client-key");
  const { token, tokenFile } = user;
  return {
    url: cluster.server.replace(/\/$/, ""),
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      rejectUnauthorized: cluster["insecure-skip-tls-verify"] !== true,
    },
    token: () =>
      typeof tokenFile === "string"
        ? (readOptional(tokenFile)?.trim() ?? null)
        : typeof token === "string"
          ? token
          : null,
  };
}

function readOptional(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
