import { dirname } from "node:path";
import { createGeneration, type Generation, keyText, sameFile } from "../registry/generation.ts";
import { consider, trackProgress } from "./begin-file.ts";
import { type Candidate, filesIn } from "./candidates.ts";
import { Harvester } from "./harvester.ts";
import { headPrint } from "./head-print.ts";
import { compare, identify, readHead } from "./identify.ts";
import { openCarrier } from "./open-carrier.ts";
import { Progress } from "./progress.ts";
import { isFull, isLive, type TailerState } from "./tailer-state.ts";
import { progressOf, type TrackedFile } from "./tracked-file.ts";

/** The file was truncated or written anew: what follows is another generation, and a copy may hold the rest of the old one. */
export async function replaceFile(state: TailerState, file: TrackedFile): Promise<void> {
  const old = progressOf(file);
  const { key } = await file.carrier.stat();
  const generation = createGeneration(
    state.options.id,
    key,
    file.path,
    headPrint(Buffer.alloc(0)),
    state.options.now(),
  );
  await state.registry.sync(generation);
  const lost = Math.max(0, file.size - old.readOffset);
  const progress = new Progress(generation, Buffer.alloc(0), state.registry, state.options.now);
  file.harvester = new Harvester(file.carrier, progress, () => file.path, state.buffers, state.options);
  const found = await adoptCopy(state, old);
  if (!found) old.end();
  state.events.replaced(file.path, found ? 0 : lost);
}

/** Goes on reading a truncated generation in the copy that copytruncate made, if there is one. */
async function adoptCopy(state: TailerState, old: Progress): Promise<boolean> {
  const { generation } = old;
  const wanted: Generation = { ...generation, offset: old.readOffset, anchor: old.anchor.toString("base64") };
  for (const entry of await filesIn(dirname(generation.path))) {
    const key = keyText(entry.key);
    if (state.files.has(key) || sameFile(entry.key, generation.key)) continue;
    const candidate: Candidate = { ...entry, configured: false, pattern: generation.path };
    const carrier = await openCarrier(entry.path).catch(() => null);
    if (carrier === null) continue;
    const head = await readHead(carrier);
    const identity = await identify(candidate, carrier, head, [wanted]);
    if (identity.kind === "copy" && (await compare(carrier, head, wanted)) === "continues") {
      generation.key = entry.key;
      generation.path = entry.path;
      state.registry.touch(generation);
      state.resting.delete(key);
      if (trackProgress(state, candidate, carrier, old)) return true;
    }
    await carrier.close();
  }
  return false;
}

/** Generations of this input that were not at any path: their file may have another name in the same folder by now. */
export async function findOrphans(state: TailerState): Promise<void> {
  // Files that wait for their turn stand where they are.
  if (isFull(state)) return;
  for (const generation of state.registry.generations.values()) {
    if (generation.done || generation.input !== state.options.id || isLive(state, generation)) continue;
    if (state.resting.has(keyText(generation.key))) continue;
    const entries = await filesIn(dirname(generation.path));
    const entry = entries.find((other) => sameFile(other.key, generation.key));
    const candidate: Candidate | null =
      entry === undefined ? null : { ...entry, configured: false, pattern: generation.path };
    if (candidate !== null) {
      await consider(state, candidate, []);
      // It's over when another incarnation has the file; a file that only can't be opened just now is tried again.
      if (!state.files.has(keyText(candidate.key)) || isLive(state, generation)) continue;
    }
    generation.done = true;
    generation.updated = state.options.now();
    state.registry.touch(generation);
    state.events.vanished(generation.path, generation.offset);
  }
}
