/** Falco's eight priorities, most severe first; the index is the numeric severity (syslog's). */
export const PRIORITIES = [
  "Emergency",
  "Alert",
  "Critical",
  "Error",
  "Warning",
  "Notice",
  "Informational",
  "Debug",
] as const;

export type Priority = (typeof PRIORITIES)[number];

/** Numeric severity: 0 (Emergency) to 7 (Debug), as in syslog. */
export function severityOf(priority: Priority): number {
  return PRIORITIES.indexOf(priority);
}

/** Reads a priority as Falco does: any case, `info` and `informational` alike. Null when it is none. */
export function parsePriority(text: string): Priority | null {
  const lower = text.toLowerCase();
  if (lower === "info") return "Informational";
  return PRIORITIES.find((priority) => priority.toLowerCase() === lower) ?? null;
}
