/** The rule language's version that this engine speaks: Falco's engine version. */
export const ENGINE_VERSION = "0.63.0";

/** Plugins whose fields are built into this engine, with the version whose fields they have. */
export const BUILT_IN_PLUGINS: Readonly<Record<string, string>> = { container: "0.7.0" };

type Version = readonly [major: number, minor: number, patch: number];

function parseVersion(text: string): Version | null {
  const parts = /^([0-9]{1,9})\.([0-9]{1,9})\.([0-9]{1,9})(?:[-+].*)?$/.exec(text);
  return parts === null ? null : [Number(parts[1]), Number(parts[2]), Number(parts[3])];
}

/** Reads `required_engine_version`: a number N means 0.N.0. Null where it is no version. */
export function normalizeEngineVersion(text: string): string | null {
  if (/^[0-9]{1,9}$/.test(text)) return `0.${Number(text)}.0`;
  return parseVersion(text)?.join(".") ?? null;
}

/** True when `text` is a version in three numbers. */
export function isVersion(text: string): boolean {
  return parseVersion(text) !== null;
}

/** Orders two versions: below, equal or above zero. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [parseVersion(a), parseVersion(b)] as [Version, Version];
  return x[0] - y[0] || x[1] - y[1] || x[2] - y[2];
}

/** True when what there is serves what is required: the same major version, and no older. */
export function isCompatible(available: string, required: string): boolean {
  const [have, need] = [parseVersion(available), parseVersion(required)];
  return have !== null && need !== null && have[0] === need[0] && compareVersions(available, required) >= 0;
}
