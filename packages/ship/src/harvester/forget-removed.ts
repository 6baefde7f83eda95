import { dirname } from "node:path";
import { type Generation, sameFile } from "../registry/generation.ts";
import type { Registry } from "../registry/registry.ts";
import { filesIn } from "./candidates.ts";

/** Forgets an input's generations of which nothing was heard for `cleanInactiveMs`, whether their files stand or not; 0: never. */
export function forgetInactive(
  registry: Registry,
  { id, cleanInactiveMs }: { readonly id: string; readonly cleanInactiveMs: number },
  isLive: (generation: Generation) => boolean,
  now: number,
): void {
  if (cleanInactiveMs === 0) return;
  for (const generation of [...registry.generations.values()]) {
    const { input, updated } = generation;
    if (input === id && updated < now - cleanInactiveMs && !isLive(generation)) registry.forget(generation.id);
  }
}

/**
 * Forgets an input's generations that ended `cleanRemovedMs` ago and whose files, under whatever name, are no longer in their
 * folder. As long as a file or its compressed copy stands, it's remembered: forgetting would send it again.
 */
export async function forgetRemoved(
  registry: Registry,
  { id, cleanRemovedMs }: { readonly id: string; readonly cleanRemovedMs: number },
  now: number,
): Promise<void> {
  if (cleanRemovedMs === 0) return;
  const old = [...registry.generations.values()].filter(
    ({ input, done, updated }) => input === id && done && updated < now - cleanRemovedMs,
  );
  for (const folder of new Set(old.map(({ path }) => dirname(path)))) {
    const files = await filesIn(folder);
    for (const generation of old) {
      if (dirname(generation.path) !== folder || files.some(({ key }) => sameFile(key, generation.key))) continue;
      registry.forget(generation.id);
    }
  }
}
