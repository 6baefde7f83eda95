import { type Signal, signal } from "@preact/signals";

export type Theme = "light" | "dark";
const KEY = "falco-console-theme";

export const theme: Signal<Theme> = signal(initial());

function initial(): Theme {
  const stored = readStored();
  if (stored !== null) return stored;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

/** Shows the theme that is set; until the person chooses, the system's own, also when that changes. */
export function startTheme(): void {
  document.documentElement.dataset.theme = theme.value;
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => {
    if (readStored() === null) show(event.matches ? "dark" : "light");
  });
}

export function toggleTheme(): void {
  const next = theme.value === "dark" ? "light" : "dark";
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
  show(next);
}

function show(next: Theme): void {
  theme.value = next;
  document.documentElement.dataset.theme = next;
}

function readStored(): Theme | null {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === "light" || stored === "dark" ? stored : null;
  } catch {
    return null;
  }
}
