/** The threshold that Watcher's watch and Kibana's rule check: the seed of falco-alert's own. */
export interface Threshold {
  /** More events than this in the window are an alert. */
  readonly count: number;
  readonly windowMinutes: number;
}

/** What a licence level allows, in Elastic's order of levels. */
const LEVELS = ["basic", "standard", "gold", "platinum", "enterprise", "trial"];

/** Why a feature that needs `level` can't be had under this licence; null when it can. */
export function licenceForbids(licence: string | null, level: string, feature: string): string | null {
  const have = LEVELS.indexOf(licence ?? "");
  if (have >= LEVELS.indexOf(level)) return null;
  const held = licence === null ? "this server has no licence for it" : `this server's licence is ${licence}`;
  return `${feature} needs a ${level} licence and ${held}; falco-alert does this without one`;
}
