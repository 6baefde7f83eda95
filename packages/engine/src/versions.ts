import { packageVersion } from "@falco-efk/kit";

/** The Falco release whose configuration, options and rule language this engine speaks, and its engine version. */
export const FALCO_VERSION = "0.44.1";
export const FALCO_ENGINE_VERSION = "0.63.0";
const CONTAINER_PLUGIN_VERSION = "0.7.1";

/** This package's version. */
export function engineVersion(): string {
  return packageVersion(new URL("./", import.meta.url).href);
}

/** Falco's `/versions` keys that have a meaning here. Tools compare rule files against the engine version. */
export function versions(): Readonly<Record<string, unknown>> {
  return {
    falco_version: FALCO_VERSION,
    engine_version: FALCO_ENGINE_VERSION.split(".")[1] ?? "0",
    engine_version_semver: FALCO_ENGINE_VERSION,
    falco_efk_version: engineVersion(),
    node_version: process.versions.node,
    plugin_versions: { container: CONTAINER_PLUGIN_VERSION },
  };
}

/** What `--version` prints. */
export function versionText(): string {
  return [
    `falco-engine version: ${engineVersion()}`,
    `Speaks the language of Falco: ${FALCO_VERSION}`,
    `Engine:  ${FALCO_ENGINE_VERSION}`,
    `Node:    ${process.versions.node}`,
  ].join("\n");
}
