/** MITRE ATT&CK's tactics by the tag that Falco's rules use, without `mitre_`. */
export const TACTICS: Readonly<Record<string, { readonly id: string; readonly name: string }>> = {
  reconnaissance: { id: "TA0043", name: "Reconnaissance" },
  resource_development: { id: "TA0042", name: "Resource Development" },
  initial_access: { id: "TA0001", name: "Initial Access" },
  execution: { id: "TA0002", name: "Execution" },
  persistence: { id: "TA0003", name: "Persistence" },
  privilege_escalation: { id: "TA0004", name: "Privilege Escalation" },
  defense_evasion: { id: "TA0005", name: "Defense Evasion" },
  defense_evation: { id: "TA0005", name: "Defense Evasion" },
  credential_access: { id: "TA0006", name: "Credential Access" },
  discovery: { id: "TA0007", name: "Discovery" },
  lateral_movement: { id: "TA0008", name: "Lateral Movement" },
  collection: { id: "TA0009", name: "Collection" },
  command_and_control: { id: "TA0011", name: "Command and Control" },
  c2: { id: "TA0011", name: "Command and Control" },
  exfiltration: { id: "TA0010", name: "Exfiltration" },
  impact: { id: "TA0040", name: "Impact" },
};

/** ECS `threat` out of a rule's tags, or null when none names a tactic or technique. */
export function threatOfTags(tags: readonly string[]): object | null {
  const tactics = tags.flatMap((tag) => (tag.startsWith("mitre_") ? (TACTICS[tag.slice(6)] ?? []) : []));
  const techniques = tags.filter((tag) => /^T\d{4}(?:\.\d{3})?$/.test(tag));
  if (tactics.length === 0 && techniques.length === 0) return null;
  return {
    framework: "MITRE ATT&CK",
    ...(tactics.length === 0
      ? {}
      : { tactic: { id: tactics.map(({ id }) => id), name: tactics.map(({ name }) => name) } }),
    ...(techniques.length === 0 ? {} : { technique: { id: techniques } }),
  };
}
