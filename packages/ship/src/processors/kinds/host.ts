import { readFileSync } from "node:fs";
import { arch, hostname, networkInterfaces, platform, release } from "node:os";
import { copyValue, type EventObject, getField, setField } from "../event.ts";
import { change, type ProcessorKind } from "../processor.ts";

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64", ia32: "i686" };

/** What is known of this machine, looked up again after `cache.ttl`. */
export const addHostMetadata: ProcessorKind = (settings, context) => {
  const withNetwork = settings.inner("netinfo").flag("enabled", true);
  const replace = settings.flag("replace_fields", true);
  const ttl = settings.inner("cache").duration("ttl", "5m");
  const geo = settings.object("geo", {});
  let host: EventObject = {};
  let until = Number.NEGATIVE_INFINITY;
  return change((event) => {
    if (!replace && getField(event, "host") !== undefined) return;
    if (context.now() >= until) {
      host = describeHost(withNetwork, geo);
      until = context.now() + ttl;
    }
    setField(event, "host", copyValue(host));
  });
};

function describeHost(withNetwork: boolean, geo: EventObject): EventObject {
  const id = readText("/etc/machine-id")?.trim();
  const found = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outward = found.filter(({ internal }) => !internal);
  return {
    name: hostname(),
    hostname: hostname(),
    architecture: ARCHITECTURES[arch()] ?? arch(),
    ...(id === undefined || id === "" ? {} : { id }),
    os: { type: platform(), platform: platform(), kernel: release(), ...osRelease() },
    ...(withNetwork
      ? { ip: outward.map(({ address }) => address), mac: [...new Set(outward.map(({ mac }) => ecsMac(mac)))] }
      : {}),
    ...(Object.keys(geo).length === 0 ? {} : { geo }),
  };
}

/** `/etc/os-release` in ECS names. */
function osRelease(): EventObject {
  const text = readText("/etc/os-release") ?? "";
  const values = new Map(
    [...text.matchAll(/^([A-Z_]+)=(?:"([^"]*)"|'([^']*)'|(.*))$/gm)].map((match) => [
      match[1] ?? "",
      match[2] ?? match[3] ?? match[4] ?? "",
    ]),
  );
  const pairs = [
    ["name", values.get("NAME")],
    ["version", values.get("VERSION_ID")],
    ["platform", values.get("ID")],
    ["family", values.get("ID_LIKE")?.split(" ")[0] ?? values.get("ID")],
    ["codename", values.get("VERSION_CODENAME")],
  ] as const;
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined && value !== ""));
}

/** ECS writes hardware addresses in capitals with hyphens. */
function ecsMac(mac: string): string {
  return mac.toUpperCase().replaceAll(":", "-");
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
