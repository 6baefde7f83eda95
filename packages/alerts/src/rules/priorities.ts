/** Falco's priorities, most severe first. */
export const PRIORITIES: readonly string[] = [
  "Emergency",
  "Alert",
  "Critical",
  "Error",
  "Warning",
  "Notice",
  "Informational",
  "Debug",
];

/** This priority and the more severe ones; null when it is none. Any case, and `info` for `Informational`. */
export function prioritiesFrom(least: string): string[] | null {
  const lower = least.toLowerCase() === "info" ? "informational" : least.toLowerCase();
  const index = PRIORITIES.findIndex((priority) => priority.toLowerCase() === lower);
  return index === -1 ? null : PRIORITIES.slice(0, index + 1);
}
