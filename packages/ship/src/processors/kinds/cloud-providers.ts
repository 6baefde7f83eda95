import type { EventObject } from "../event.ts";

/** Asks a metadata service for a path. */
export type AskCloud = (
  path: string,
  options?: { readonly method?: "GET" | "PUT"; readonly headers?: Readonly<Record<string, string>> },
) => Promise<string>;

/** Where a provider keeps what a machine may know of itself, and how it's read. */
export interface CloudProvider {
  readonly endpoint: string;
  /** The `cloud` object; throws when the answer isn't this provider's. */
  readonly describe: (ask: AskCloud) => Promise<EventObject>;
}

const LINK_LOCAL = "http://169.254.169.254";

/** By the names that `providers` takes. */
export const CLOUD_PROVIDERS: Readonly<Record<string, CloudProvider>> = {
  aws: {
    endpoint: LINK_LOCAL,
    describe: async (ask) => {
      const token = await ask("/latest/api/token", {
        method: "PUT",
        headers: { "x-aws-ec2-metadata-token-ttl-seconds": "60" },
      });
      const headers = { "x-aws-ec2-metadata-token": token };
      const document = objectOf(await ask("/latest/dynamic/instance-identity/document", { headers }));
      return cloud("aws", {
        "instance.id": needed(document.instanceId),
        "machine.type": document.instanceType,
        "account.id": document.accountId,
        "image.id": document.imageId,
        region: document.region,
        availability_zone: document.availabilityZone,
        "service.name": "EC2",
      });
    },
  },
  gcp: {
    endpoint: LINK_LOCAL,
    describe: async (ask) => {
      const path = "/computeMetadata/v1/?recursive=true&alt=json";
      const { instance, project } = objectOf(await ask(path, { headers: { "metadata-flavor": "Google" } }));
      const machine = asObject(instance);
      const zone = lastPart(machine.zone);
      return cloud("gcp", {
        "instance.id": needed(machine.id),
        "instance.name": machine.name,
        "machine.type": lastPart(machine.machineType),
        "project.id": asObject(project).projectId,
        "account.id": asObject(project).projectId,
        region: zone?.replace(/-[a-z]$/, ""),
        availability_zone: zone,
        "service.name": "GCE",
      });
    },
  },
  azure: {
    endpoint: LINK_LOCAL,
    describe: async (ask) => {
      const path = "/metadata/instance/compute?api-version=2021-02-01";
      const compute = objectOf(await ask(path, { headers: { metadata: "true" } }));
      return cloud("azure", {
        "instance.id": needed(compute.vmId),
        "instance.name": compute.name,
        "machine.type": compute.vmSize,
        "account.id": compute.subscriptionId,
        region: compute.location,
        availability_zone: compute.zone,
        "service.name": "Virtual Machines",
      });
    },
  },
  digitalocean: {
    endpoint: LINK_LOCAL,
    describe: async (ask) => {
      const { droplet_id: id, hostname, region } = objectOf(await ask("/metadata/v1.json"));
      return cloud("digitalocean", {
        "instance.id": needed(id),
        "instance.name": hostname,
        region,
        "service.name": "Droplets",
      });
    },
  },
  hetzner: {
    endpoint: LINK_LOCAL,
    describe: async (ask) => {
      const text = await ask("/hetzner/v1/metadata");
      const of = (key: string): string | undefined => new RegExp(`^${key}: *(.+)$`, "m").exec(text)?.[1]?.trim();
      return cloud("hetzner", {
        "instance.id": needed(of("instance-id")),
        "instance.name": of("hostname"),
        region: of("region"),
        availability_zone: of("availability-zone"),
        "service.name": "Cloud",
      });
    },
  },
  openstack: {
    endpoint: LINK_LOCAL,
    describe: async (ask) => {
      const data = objectOf(await ask("/openstack/latest/meta_data.json"));
      return cloud("openstack", {
        "instance.id": needed(data.uuid),
        "instance.name": data.name,
        "project.id": data.project_id,
        availability_zone: data.availability_zone,
        "service.name": "Nova",
      });
    },
  },
  alibaba: {
    endpoint: "http://100.100.100.200",
    describe: async (ask) => {
      const data = objectOf(await ask("/latest/dynamic/instance-identity/document"));
      return cloud("ecs", {
        "instance.id": needed(data["instance-id"]),
        "machine.type": data["instance-type"],
        "account.id": data["owner-account-id"],
        "image.id": data["image-id"],
        region: data["region-id"],
        availability_zone: data["zone-id"],
        "service.name": "ECS",
      });
    },
  },
};

/** Dotted names to an object; what isn't known is left out. */
function cloud(provider: string, values: Readonly<Record<string, unknown>>): EventObject {
  const result: EventObject = { provider };
  for (const [path, value] of Object.entries(values)) {
    if (value === undefined || value === null || value === "") continue;
    const text = typeof value === "number" ? String(value) : value;
    const [head = "", inner] = path.split(".");
    if (inner === undefined) result[head] = text;
    else result[head] = { ...asObject(result[head]), [inner]: text };
  }
  return result;
}

/** The answer of another service at that address would lack it. */
function needed(value: unknown): unknown {
  if (value === undefined || value === null || value === "") throw new Error("not this provider's answer");
  return value;
}

/** Ids beyond 2^53, as Google's are, keep their digits. */
function objectOf(text: string): EventObject {
  const exact = text.replace(/("(?:id|droplet_id)"\s*:\s*)(\d+)/g, '$1"$2"');
  const value: unknown = JSON.parse(exact);
  return asObject(value);
}

function asObject(value: unknown): EventObject {
  return typeof value === "object" && value !== null ? (value as EventObject) : {};
}

/** Google writes types and zones as paths. */
function lastPart(value: unknown): string | undefined {
  return typeof value === "string" ? value.slice(value.lastIndexOf("/") + 1) : undefined;
}
