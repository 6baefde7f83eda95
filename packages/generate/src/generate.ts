import { existsSync } from "node:fs";
import { nearest, UserError } from "@falco-efk/kit";
import type { Action, Requirement } from "./action.ts";
import { ACTIONS } from "./actions/index.ts";
import { withWorkshop } from "./workshop.ts";

/** How one action went. */
export interface Outcome {
  readonly rule: string;
  readonly summary: string;
  readonly status: "performed" | "skipped" | "failed";
  /** Why it was skipped or failed; empty when it was performed. */
  readonly reason: string;
  /** When it began, milliseconds since the epoch. */
  readonly at: number;
}

/** Finds the actions for rule names, in any case. Throws UserError (`UNKNOWN_RULE`) with the nearest name. */
export function chooseActions(rules: readonly string[]): readonly Action[] {
  return rules.map((rule) => {
    const action = ACTIONS.find((candidate) => candidate.rule.toLowerCase() === rule.toLowerCase());
    if (action !== undefined) return action;
    const near = nearest(
      rule,
      ACTIONS.map((candidate) => candidate.rule),
    );
    throw new UserError(`no action for the rule "${rule}"`, {
      code: "UNKNOWN_RULE",
      hint: near === null ? "falco-generate list names them all" : `did you mean "${near}"?`,
    });
  });
}

/** Performs actions one after the other. One that fails doesn't stop the rest. */
export async function* perform(
  actions: readonly Action[],
  options: { readonly pauseMs: number; readonly loop: boolean; readonly signal: AbortSignal },
): AsyncGenerator<Outcome> {
  do {
    for (const action of actions) {
      if (options.signal.aborted) return;
      yield await performOne(action);
      await pause(options.pauseMs, options.signal);
    }
  } while (options.loop && !options.signal.aborted);
}

async function performOne(action: Action): Promise<Outcome> {
  const base = { rule: action.rule, summary: action.summary, at: Date.now() };
  const lacking = whatIsLacking(action);
  if (lacking !== null) return { ...base, status: "skipped", reason: lacking };
  try {
    await withWorkshop((workshop) => action.perform(workshop));
    return { ...base, status: "performed", reason: "" };
  } catch (error) {
    return { ...base, status: "failed", reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Why an action can't be performed on this machine; null when it can. */
export function whatIsLacking(action: Action): string | null {
  return action.needs.map(lack).find((reason) => reason !== null) ?? null;
}

function lack(requirement: Requirement): string | null {
  if (requirement === "root") return process.getuid?.() === 0 ? null : "needs root";
  if (requirement === "modules") return existsSync("/proc/modules") ? null : "the kernel has no modules";
  return existsSync("/proc/self/ns/pid") ? null : "needs pid namespaces";
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || milliseconds <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
  });
}
