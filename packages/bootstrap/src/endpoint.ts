import { UserError } from "@falco-efk/kit";
import type { Endpoint } from "./http.ts";
import { XSRF_HEADERS } from "./kibana/inspect-kibana.ts";
import type { Credentials, FullOptions } from "./options.ts";

/** Elasticsearch's endpoint. Throws UserError for what is no http address. */
export function elasticsearchEndpoint(options: FullOptions): Endpoint {
  return endpoint("Elasticsearch", options.elasticsearch, "", options);
}

/** Kibana's endpoint, in its space. */
export function kibanaEndpoint(options: FullOptions, url: string): Endpoint {
  const space = options.space === "default" ? "" : `/s/${encodeURIComponent(options.space)}`;
  return { ...endpoint("Kibana", url, space, options), headers: XSRF_HEADERS };
}

function endpoint(product: string, address: string, path: string, options: FullOptions): Endpoint {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw notAnAddress(product, address);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") throw notAnAddress(product, address);
  const inside: Credentials | null =
    url.username === "" ? null : { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  return {
    product,
    url: `${url.origin}${url.pathname.replace(/\/+$/, "")}${path}`,
    authorization: authorization(inside ?? options.credentials),
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  };
}

function authorization(credentials: Credentials | null): string | null {
  if (credentials === null) return null;
  if ("apiKey" in credentials) return `ApiKey ${credentials.apiKey}`;
  return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString("base64")}`;
}

function notAnAddress(product: string, address: string): UserError {
  return new UserError(`${JSON.stringify(address)} isn't an address`, {
    code: "ADDRESS",
    hint: `give ${product}'s as http://HOST:PORT or https://HOST:PORT`,
  });
}
