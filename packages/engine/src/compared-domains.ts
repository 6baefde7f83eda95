import type { Rule } from "@falco-efk/rules";

const DOMAIN_FIELDS: ReadonlySet<string> = new Set(["fd.sip.name", "fd.cip.name", "fd.rip.name", "fd.lip.name"]);

/** The domain names that conditions compare addresses with: they are looked up before an event needs them. */
export function comparedDomains<E>(rules: readonly Rule<E>[]): Set<string> {
  const names = new Set<string>();
  const seen = new Set<unknown>();
  const walk = (node: Rule<E>["condition"]): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === "and" || node.kind === "or") node.children.forEach(walk);
    else if (node.kind === "not") walk(node.child);
    else if (node.kind === "macro") walk(node.body);
    else if (node.kind === "check" && DOMAIN_FIELDS.has(node.source.key)) {
      for (const literal of node.literals) names.add(literal);
    }
  };
  for (const rule of rules) walk(rule.condition);
  return names;
}
