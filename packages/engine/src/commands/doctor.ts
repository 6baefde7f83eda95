import { readdirSync, readFileSync } from "node:fs";
import { describeUserError, UserError } from "@falco-efk/kit";
import { kernelFacts, openProbe, ProbeError } from "@falco-efk/probe";
import { type ConfigRequest, loadConfig } from "../config/load.ts";
import { createFieldBinding } from "../event-state.ts";
import { loadRuleset } from "../load-ruleset.ts";

/** One thing that was looked at. */
export interface Finding {
  readonly subject: string;
  readonly state: "ok" | "warning" | "failed";
  readonly text: string;
  /** What to do about it. */
  readonly mend?: string;
}

/** Looks at all the engine needs: kernel, permissions, probe, configuration and rules. Loads the probe for a moment. */
export async function diagnose(request: ConfigRequest): Promise<Finding[]> {
  return [...kernelFindings(), ...capabilityFindings(), await probeFinding(), ...configFindings(request)];
}

function kernelFindings(): Finding[] {
  const facts = kernelFacts();
  return [
    { subject: "kernel", state: "ok", text: facts.release },
    facts.btf
      ? { subject: "type information", state: "ok", text: "/sys/kernel/btf/vmlinux is there" }
      : {
          subject: "type information",
          state: "failed",
          text: "/sys/kernel/btf/vmlinux is missing",
          mend: "use a kernel built with CONFIG_DEBUG_INFO_BTF=y, as distributions' kernels since 2021 are",
        },
    facts.tracefs === null
      ? {
          subject: "tracefs",
          state: "warning",
          text: "it is not mounted, so each call costs more",
          mend: "mount -t tracefs tracefs /sys/kernel/tracing",
        }
      : { subject: "tracefs", state: "ok", text: facts.tracefs },
    facts.lockdown === "confidentiality"
      ? {
          subject: "lockdown",
          state: "failed",
          text: "the kernel is locked down for confidentiality, which forbids reading its memory",
          mend: "boot with lockdown=integrity or without lockdown",
        }
      : { subject: "lockdown", state: "ok", text: facts.lockdown },
    facts.compat
      ? { subject: "32-bit calls", state: "ok", text: "the kernel runs 32-bit programs; they are watched too" }
      : { subject: "32-bit calls", state: "ok", text: "the kernel runs none" },
  ];
}

/** Every thread counts: a launcher may have given a capability to the first one alone. */
function capabilityFindings(): Finding[] {
  const { missingCapabilities } = kernelFacts();
  const sets = new Set<string>();
  for (const thread of readdirSync("/proc/self/task")) {
    const status = readFileSync(`/proc/self/task/${thread}/status`, "utf8");
    sets.add(/^CapEff:\s*(\S+)$/m.exec(status)?.[1] ?? "");
  }
  if (missingCapabilities.length > 0) {
    return [
      {
        subject: "capabilities",
        state: "failed",
        text: `missing: ${missingCapabilities.join(", ")}`,
        mend: "run as root, or give them: systemd's AmbientCapabilities=, or setpriv --ambient-caps",
      },
    ];
  }
  if (sets.size > 1) {
    return [
      {
        subject: "capabilities",
        state: "warning",
        text: `the threads hold different ones: ${[...sets].join(", ")}`,
        mend: "give them as ambient capabilities before the program starts",
      },
    ];
  }
  return [{ subject: "capabilities", state: "ok", text: "all that are needed, in every thread" }];
}

async function probeFinding(): Promise<Finding> {
  try {
    const probe = await openProbe({ types: [0] });
    const { variant, attach, ringBytes } = probe.describe();
    await probe.close();
    const text = `it loads: programs for ${variant} on, attached by ${attach}, ring buffer of ${ringBytes / 1048576} MiB`;
    return { subject: "probe", state: "ok", text };
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    return { subject: "probe", state: "failed", text: error.message, mend: error.hint };
  }
}

function configFindings(request: ConfigRequest): Finding[] {
  const findings: Finding[] = [];
  try {
    const loaded = loadConfig(request);
    findings.push({ subject: "configuration", state: "ok", text: request.file ?? "built-in defaults" });
    for (const warning of loaded.warnings) findings.push({ subject: "configuration", state: "warning", text: warning });
    const { ruleset, files } = loadRuleset({ config: loaded.config, paths: null, ...createFieldBinding() });
    const names = files.map((file) => file.name).join(", ");
    findings.push({ subject: "rules", state: "ok", text: `${ruleset.rules.length} rules from ${names}` });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const subject = findings.length === 0 ? "configuration" : "rules";
    findings.push({ subject, state: "failed", text: describeUserError(error) });
  }
  return findings;
}

/** The findings as lines, with what to do under those that need it. */
export function diagnosisText(findings: readonly Finding[]): string {
  const marks = { ok: "ok     ", warning: "warning", failed: "FAILED " } as const;
  return findings
    .map(({ subject, state, text, mend }) => {
      const line = `${marks[state]}  ${subject.padEnd(16)}  ${text}\n`;
      return mend === undefined ? line : `${line}${" ".repeat(27)}to mend it: ${mend}\n`;
    })
    .join("");
}
