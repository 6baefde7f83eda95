import type { Cluster } from "./cluster/inspect-cluster.ts";
import type { KibanaServer } from "./kibana/inspect-kibana.ts";
import { type BootstrapOptions, type FullOptions, withDefaults } from "./options.ts";
import { isChange, type ResourceGroup, type Step, stepToApply, stepToDestroy } from "./plan/resource.ts";
import { openSession, type Session } from "./session.ts";

/** What was found and what is, or was, to be done. */
export interface Report {
  readonly cluster: Cluster;
  readonly kibana: KibanaServer | null;
  readonly steps: readonly Step[];
  /** True when every step was already as it should be. */
  readonly unchanged: boolean;
}

/** Installs everything that is missing or outdated; what somebody has changed is kept unless `force`. Running it again changes nothing. */
export function bootstrap(options: BootstrapOptions): Promise<Report> {
  return run(options, async (session, full) => {
    const steps: Step[] = [];
    for (const group of session.groups) {
      const planned = (await group.inspect()).map((item) => stepToApply(item, full.force));
      await group.write(planned.filter(isChange));
      steps.push(...planned);
    }
    return steps;
  });
}

/** What `bootstrap` would do, without doing it. */
export function planBootstrap(options: BootstrapOptions): Promise<Report> {
  return run(options, (session, full) => inspectAll(session.groups, (item) => stepToApply(item, full.force)));
}

/** What `destroyBootstrap` would remove. */
export function planDestroy(options: BootstrapOptions): Promise<Report> {
  return run(options, (session, full) => inspectAll(reversed(session), (item) => stepToDestroy(item, full.force)));
}

/**
 * Removes what bootstrap has installed, never an index or an event. What somebody has changed is kept unless `force`; what
 * the indices that stay still use is kept too.
 */
export function destroyBootstrap(options: BootstrapOptions): Promise<Report> {
  return run(options, async (session, full) => {
    const steps: Step[] = [];
    for (const group of reversed(session)) {
      const planned = (await group.inspect()).flatMap((item) => stepToDestroy(item, full.force) ?? []);
      const held = await group.remove(planned.filter(isChange));
      steps.push(...planned.map((step) => keptIfHeld(step, held?.[step.name])));
    }
    return steps;
  });
}

function keptIfHeld(step: Step, reason: string | undefined): Step {
  return reason === undefined ? step : { ...step, action: "keep", reason };
}

function reversed(session: Session): ResourceGroup[] {
  return [...session.groups].reverse();
}

async function inspectAll(
  groups: readonly ResourceGroup[],
  decide: (item: Awaited<ReturnType<ResourceGroup["inspect"]>>[number]) => Step | null,
): Promise<Step[]> {
  const steps: Step[] = [];
  for (const group of groups) steps.push(...(await group.inspect()).flatMap((item) => decide(item) ?? []));
  return steps;
}

async function run(
  options: BootstrapOptions,
  work: (session: Session, options: FullOptions) => Promise<Step[]>,
): Promise<Report> {
  const full = withDefaults(options);
  const session = await openSession(full);
  try {
    const steps = await work(session, full);
    return { cluster: session.cluster, kibana: session.kibana, steps, unchanged: !steps.some(isChange) };
  } finally {
    await session.close();
  }
}
