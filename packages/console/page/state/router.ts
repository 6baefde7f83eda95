import { type Signal, signal } from "@preact/signals";

/** Where the page is: the path and the query, which holds the whole state of what is shown. */
export interface Location {
  readonly path: string;
  readonly query: URLSearchParams;
}

export const place: Signal<Location> = signal(read());

function read(): Location {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

/** Goes to another page or state; `replace` leaves no trace in the history. */
export function go(path: string, options: { readonly replace?: boolean } = {}): void {
  const current = location.pathname + location.search;
  if (path !== current) history[options.replace === true ? "replaceState" : "pushState"](null, "", path);
  place.value = read();
  if (options.replace !== true && path.split("?")[0] !== current.split("?")[0]) window.scrollTo(0, 0);
}

/** Changes parts of the query; null takes a part away. */
export function setQuery(
  changes: Readonly<Record<string, string | null>>,
  options: { readonly replace?: boolean } = {},
): void {
  const query = new URLSearchParams(place.value.query);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === "") query.delete(key);
    else query.set(key, value);
  }
  const text = query.toString();
  go(`${place.value.path}${text === "" ? "" : `?${text}`}`, options);
}

/** Follows links inside the console without loading the page anew. */
export function startRouter(): void {
  addEventListener("popstate", () => {
    place.value = read();
  });
  document.addEventListener("click", (event) => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const link = (event.target as Element | null)?.closest?.("a[href]");
    if (!(link instanceof HTMLAnchorElement) || link.target !== "" || link.hasAttribute("download")) return;
    if (link.origin !== location.origin || !link.pathname.startsWith("/app/")) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
