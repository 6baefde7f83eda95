import { copyValue, type EventObject, getField, setField } from "../event.ts";
import { fetchText } from "../metadata-http.ts";
import type { ProcessorContext, ProcessorKind } from "../processor.ts";
import { type AskCloud, CLOUD_PROVIDERS, type CloudProvider } from "./cloud-providers.ts";

const ALIASES: Readonly<Record<string, string>> = { ec2: "aws", gce: "gcp", nova: "openstack", ecs: "alibaba" };

/**
 * Adds `cloud` as the provider's metadata service tells it. It's asked once, at the first event, which waits at most `timeout`;
 * off a cloud nothing is added.
 */
export const addCloudMetadata: ProcessorKind = (settings, context) => {
  const names = settings.texts("providers", Object.keys(CLOUD_PROVIDERS)).map((name) => ALIASES[name] ?? name);
  const timeoutMs = settings.duration("timeout", "3s");
  const overwrite = settings.flag("overwrite", false);
  const endpoint = settings.has("endpoint") ? settings.text("endpoint") : null;
  const providers = names.map((name) => {
    const provider = Object.hasOwn(CLOUD_PROVIDERS, name) ? CLOUD_PROVIDERS[name] : undefined;
    if (provider !== undefined) return provider;
    throw settings.error(`${name} is none of ${Object.keys(CLOUD_PROVIDERS).join(", ")}`, "providers");
  });
  let known: EventObject | null | undefined;
  let asked: Promise<EventObject | null> | null = null;
  const add = (event: EventObject, cloud: EventObject | null): EventObject => {
    if (cloud !== null && (overwrite || getField(event, "cloud") === undefined)) {
      setField(event, "cloud", copyValue(cloud));
    }
    return event;
  };
  return (event) => {
    if (known !== undefined) return add(event, known);
    asked ??= findCloud(providers, endpoint, timeoutMs, context).then((cloud) => {
      known = cloud;
      context.log.debug({ cloud: cloud?.provider ?? "none" }, "asked for the cloud's metadata");
      return cloud;
    });
    return asked.then((cloud) => add(event, cloud));
  };
};

/** All are asked at once; the first that answers as its own counts. */
async function findCloud(
  providers: readonly CloudProvider[],
  endpoint: string | null,
  timeoutMs: number,
  context: ProcessorContext,
): Promise<EventObject | null> {
  const found = new AbortController();
  const signal = AbortSignal.any([context.signal, found.signal, AbortSignal.timeout(timeoutMs)]);
  const attempts = providers.map((provider) => {
    const ask: AskCloud = (path, options = {}) =>
      fetchText({ url: `${endpoint ?? provider.endpoint}${path}`, timeoutMs, signal, ...options });
    return provider.describe(ask);
  });
  const cloud = await Promise.any(attempts).catch(() => null);
  found.abort();
  return cloud;
}
