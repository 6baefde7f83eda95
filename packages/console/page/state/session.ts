import type { KqlContext } from "@falco-efk/elastic";
import { type Signal, signal } from "@preact/signals";
import { type Field, fieldMap, readFields } from "../data/fields.ts";
import { fetchFieldCapabilities } from "./elastic.ts";
import { call, errorText } from "./http.ts";
import { defaultDataViewId, type EventView, listDataViews } from "./objects.ts";

/** What the server says about itself. */
export interface ConsoleInfo {
  readonly mode: "live" | "replay";
  readonly login: boolean;
  readonly alerts: boolean;
  readonly engine: boolean;
  readonly ship: boolean;
}

export const info: Signal<ConsoleInfo | null> = signal(null);
export const dataViews: Signal<readonly EventView[] | null> = signal(null);
export const defaultView: Signal<string> = signal("");
/** What went wrong at the start. */
export const startFault: Signal<string | null> = signal(null);

/** Loads what every page needs. */
export async function loadSession(): Promise<void> {
  try {
    const [about, views, preferred] = await Promise.all([
      call<ConsoleInfo>("GET", "/api/console/info"),
      listDataViews(),
      defaultDataViewId(),
    ]);
    info.value = about;
    defaultView.value = preferred;
    dataViews.value = views;
    startFault.value = null;
  } catch (error) {
    startFault.value = errorText(error);
  }
}

/** The data view with that id; without one the default, else the first. */
export function chooseDataView(id: string | null): EventView | null {
  const views = dataViews.value ?? [];
  return views.find((view) => view.id === (id ?? defaultView.value)) ?? (id === null ? (views[0] ?? null) : null);
}

const fieldCache = new Map<string, { at: number; fields: Promise<readonly Field[]> }>();
const FIELDS_FRESH_MS = 30_000;

/** The fields of an index pattern; asked for again after half a minute, because new events bring new fields. */
export function loadFields(title: string): Promise<readonly Field[]> {
  const cached = fieldCache.get(title);
  if (cached !== undefined && Date.now() - cached.at < FIELDS_FRESH_MS) return cached.fields;
  const fields = fetchFieldCapabilities(title).then(readFields);
  fieldCache.set(title, { at: Date.now(), fields });
  fields.catch(() => fieldCache.delete(title));
  return fields;
}

export const timeZone: string = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function kqlContext(fields: readonly Field[]): KqlContext {
  return { fields: fieldMap(fields), timeZone };
}
