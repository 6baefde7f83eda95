import { describeSystemError, systemErrorCode } from "@falco-efk/kit";
import { createGeneration, type FileKey, type Generation, keyText } from "../registry/generation.ts";
import type { Candidate } from "./candidates.ts";
import type { Carrier } from "./carrier.ts";
import { Harvester } from "./harvester.ts";
import { headPrint } from "./head-print.ts";
import { identify, originalStands, readHead } from "./identify.ts";
import { openCarrier } from "./open-carrier.ts";
import { Progress } from "./progress.ts";
import { CLOCK_SLACK_MS, isLive, restingState, type TailerState } from "./tailer-state.ts";
import type { TrackedFile } from "./tracked-file.ts";

/**
 * What came of looking at a file: it's tracked, it rests until it changes (or until the file `because` of which it adds
 * nothing is gone), or it stands elsewhere by now.
 */
type Outcome = "tracked" | "moved" | { readonly because: FileKey | null };

const RESTS: Outcome = { because: null };

/** Looks at a file that isn't open: tracks it when it has something to read, lets it rest otherwise. */
export async function consider(state: TailerState, candidate: Candidate, all: readonly Candidate[]): Promise<void> {
  const key = keyText(candidate.key);
  const rest = restingState(candidate.size, candidate.modified);
  if (state.resting.get(key)?.as === rest) return;
  const carrier = await openCarrier(candidate.path).catch((error: unknown) => {
    // Renamed or deleted since it was listed: the next scan finds it under its new name.
    if (systemErrorCode(error) === "ENOENT") state.scanWanted = true;
    else state.events.trouble(candidate.path, describeSystemError(error));
    return null;
  });
  if (carrier === null) return;
  const outcome = await begin(state, candidate, carrier, all).catch((error: unknown) => {
    state.events.trouble(candidate.path, describeSystemError(error));
    return RESTS;
  });
  if (outcome === "tracked") return;
  await carrier.close();
  // A list made while files are renamed is out of date: the next scan finds each under its new name.
  if (outcome === "moved") state.scanWanted = true;
  else state.resting.set(key, { as: rest, because: outcome.because === null ? null : keyText(outcome.because) });
}

/** Decides what a file is and tracks it if there is something to read. */
async function begin(
  state: TailerState,
  candidate: Candidate,
  carrier: Carrier,
  all: readonly Candidate[],
): Promise<Outcome> {
  const { key } = await carrier.stat();
  if (keyText(key) !== keyText(candidate.key)) return "moved";
  const head = await readHead(carrier);
  const now = state.options.now();
  const identity = await identify(candidate, carrier, head, state.registry.generations.values());
  if (identity.kind === "new") {
    const since = state.registry.watchedSince(candidate.pattern, now);
    if (!candidate.configured && candidate.modified < since - CLOCK_SLACK_MS) return RESTS;
    const { ignoreOlderMs } = state.options;
    if (ignoreOlderMs > 0 && candidate.modified < now - ignoreOlderMs) return RESTS;
    const generation = createGeneration(state.options.id, key, candidate.path, headPrint(head), now);
    await state.registry.sync(generation);
    return track(state, candidate, carrier, generation, head);
  }
  const { generation } = identity;
  if (isLive(state, generation) || (identity.kind === "copy" && (await originalStands(generation, all)))) {
    return { because: generation.key };
  }
  if (generation.done && !carrier.compressed && candidate.size <= generation.offset) return RESTS;
  if (identity.kind === "copy" || generation.path !== candidate.path || generation.done) {
    generation.key = key;
    generation.path = candidate.path;
    generation.done = false;
    state.registry.touch(generation);
  }
  return track(state, candidate, carrier, generation, head);
}

function track(
  state: TailerState,
  candidate: Candidate,
  carrier: Carrier,
  generation: Generation,
  head: Buffer,
): Outcome {
  const progress = new Progress(generation, head, state.registry, state.options.now);
  return trackProgress(state, candidate, carrier, progress) ? "tracked" : RESTS;
}

/** Begins to read a file. False when it's tracked already: a copy may be adopted while a scan looks at it. */
export function trackProgress(state: TailerState, candidate: Candidate, carrier: Carrier, progress: Progress): boolean {
  if (state.stopped || state.files.has(keyText(candidate.key))) return false;
  const now = state.options.now();
  const file: TrackedFile = {
    carrier,
    configured: candidate.configured,
    path: candidate.path,
    harvester: new Harvester(carrier, progress, () => file.path, state.buffers, state.options),
    size: candidate.size,
    modified: candidate.modified,
    lastActive: now,
    missing: false,
    atEnd: false,
    pumping: null,
    wanted: false,
    opened: now,
    renamed: false,
    closing: false,
    waiting: false,
    again: null,
  };
  state.files.set(keyText(candidate.key), file);
  state.events.opened(candidate.path, progress.generation);
  state.pump(file);
  return true;
}
