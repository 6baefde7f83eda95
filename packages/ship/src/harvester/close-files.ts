import { GONE, keyText } from "../registry/generation.ts";
import { restingState, type TailerState } from "./tailer-state.ts";
import { progressOf, type TrackedFile } from "./tracked-file.ts";

/** Closes files that have nothing more to give for now, and those whose time is up. */
export async function closeFiles(state: TailerState): Promise<void> {
  for (const progress of state.draining) if (progress.settled) state.draining.delete(progress);
  for (const [key, file] of state.files) {
    if (await closeWhenTimeIsUp(state, key, file)) continue;
    if (isQuiet(state, file)) await closeQuiet(state, key, file);
  }
}

function isQuiet({ options }: TailerState, file: TrackedFile): boolean {
  if (!file.atEnd || file.pumping !== null || file.again !== null || !progressOf(file).settled) return false;
  return options.now() - file.lastActive >= quietLimit(options, file);
}

function quietLimit(options: TailerState["options"], file: TrackedFile): number {
  if (file.carrier.compressed) return 0;
  if (file.missing) return options.closeRemovedMs;
  return options.closeEof || (options.closeRenamed && file.renamed) ? 0 : options.closeInactiveMs;
}

async function closeQuiet(state: TailerState, key: string, file: TrackedFile): Promise<void> {
  const { size, modified, links } = await file.carrier.stat();
  if (size !== file.size || file.pumping !== null) return;
  const finished = file.missing || file.carrier.compressed;
  state.files.delete(key);
  if (finished) {
    // Under a name that isn't looked at the line may still find its end.
    if (links === 0 || file.carrier.complete?.() === true) await file.harvester.refuseRest();
    if (links === 0) progressOf(file).generation.key = GONE;
    progressOf(file).end();
  }
  if (!file.missing) state.resting.set(key, { as: restingState(size, modified), because: null });
  await file.carrier.close();
  state.events.closed(file.path);
}

/** A file that can't be read on, because nothing is delivered, would keep its place on the disk though it's deleted. */
async function closeWhenTimeIsUp(state: TailerState, key: string, file: TrackedFile): Promise<boolean> {
  const { closeTimeoutMs, now } = state.options;
  if (closeTimeoutMs === 0 || now() - file.opened < closeTimeoutMs) return false;
  file.closing = true;
  if (file.pumping !== null && !file.waiting) return true;
  const progress = progressOf(file);
  const { size } = await file.carrier.stat();
  state.files.delete(key);
  if (file.again !== null) clearTimeout(file.again);
  await file.carrier.close();
  if (!progress.settled) state.draining.add(progress);
  if (file.missing) {
    progress.end();
    if (progress.readOffset < size) state.events.vanished(file.path, progress.readOffset);
  }
  state.resting.delete(keyText(progress.generation.key));
  state.events.closed(file.path);
  return true;
}
