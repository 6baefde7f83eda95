/** Falco's priorities, most severe first, each with its CSS custom property (defined for both themes). */
const PRIORITY_COLORS: Readonly<Record<string, string>> = {
  emergency: "var(--p-emergency)",
  alert: "var(--p-alert)",
  critical: "var(--p-critical)",
  error: "var(--p-error)",
  warning: "var(--p-warning)",
  notice: "var(--p-notice)",
  informational: "var(--p-informational)",
  debug: "var(--p-debug)",
};
const PRIORITY_ORDER = Object.keys(PRIORITY_COLORS);
const CATEGORIES = 10;

/** Whether the text is one of Falco's priorities. */
export function isPriority(text: string): boolean {
  return text.toLowerCase() in PRIORITY_COLORS;
}

/** 0 is Emergency; what is no priority comes last. */
export function priorityRank(text: string): number {
  const rank = PRIORITY_ORDER.indexOf(text.toLowerCase());
  return rank < 0 ? PRIORITY_ORDER.length : rank;
}

/** The colour of each name. Priorities have their own in every chart; a saved colour comes next, then the palette; names beyond it share a grey, rather than look like another one. */
export function colorsFor(
  names: readonly string[],
  saved: Readonly<Record<string, string>> = {},
): ReadonlyMap<string, string> {
  const colors = new Map<string, string>();
  let turn = 0;
  for (const name of names) {
    if (colors.has(name)) continue;
    const own = PRIORITY_COLORS[name.toLowerCase()] ?? validColor(saved[name]);
    if (own === undefined) turn += 1;
    colors.set(name, own ?? (turn > CATEGORIES ? "var(--c-rest)" : `var(--c${turn})`));
  }
  return colors;
}

/** A saved object is a stranger's file: only a plain colour gets into the page. */
function validColor(color: string | undefined): string | undefined {
  return color !== undefined && /^#[0-9a-f]{3,8}$/i.test(color) ? color : undefined;
}
