import { type Command, Option, UserError } from "@falco-efk/kit";
import { type ConfigRequest, loadConfig } from "../config/load.ts";
import { createFieldBinding } from "../event-state.ts";
import { filterOf } from "../filter-of.ts";
import { loadRuleset } from "../load-ruleset.ts";
import type { ProgramOptions } from "../program-options.ts";
import { findRule } from "./describe-rules.ts";
import { diagnose, diagnosisText } from "./doctor.ts";
import { explainText } from "./explain.ts";
import { explainKernel, kernelReportText } from "./explain-kernel.ts";
import { createTableResolver } from "./field-table.ts";
import { countLive, countsOf, webUrlOf } from "./kernel-counts.ts";
import { openCapture } from "./open-capture.ts";
import { readRuleTests, runRuleTests } from "./rule-tests.ts";
import { tune, tuneText } from "./tune.ts";
import { explainCapture, whyText } from "./why.ts";

type Options = ProgramOptions & {
  readonly limit?: string;
  readonly atLeast?: string;
  readonly url?: string;
  readonly live?: string;
};

/** Adds `explain`, `why`, `test`, `tune` and `doctor`; they take the program's options too. */
export function addSubcommands(program: Command, request: () => ConfigRequest): void {
  program
    .command("explain [rule]")
    .description(
      "show a rule with all worked in: its condition, event types, kernel filter and code; without a rule what the kernel passes for all rules, and of how much",
    )
    .addOption(
      new Option("--url <url>", "without a rule: count what this running engine has seen; else the configured one"),
    )
    .addOption(
      new Option("--live <seconds>", "without a rule: watch this machine for so long and count").conflicts("url"),
    )
    .action(async (name: string | undefined, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      if (name === undefined) {
        process.stdout.write(await explainAll(options, request));
        return;
      }
      const { ruleset, result } = loadRuleset({ ...loadFor(request, options), ...createFieldBinding() });
      const info = findRule(result.rules, name);
      if (!info.enabled) {
        throw new UserError(`the rule "${info.name}" is not enabled`, {
          code: "RULE_DISABLED",
          hint: `turn it on with -o 'rules[]={enable: {rule: "${info.name}"}}'`,
        });
      }
      process.stdout.write(explainText(findRule(ruleset.rules, info.name), info, options.json === true));
    });
  program
    .command("why <rule>")
    .description("say for each event of a capture (--capture FILE) why the rule matched or which clause failed")
    .addOption(new Option("--limit <events>", "show so many events").default("20"))
    .action(async (name: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      process.stdout.write(await why(name, options, request));
    });
  program
    .command("test <file>")
    .description("run the rule tests of a YAML file")
    .action((file: string, _options: unknown, command: Command) => {
      process.exitCode = testRules(file, command.optsWithGlobals<Options>(), request);
    });
  program
    .command("tune <alerts>")
    .description("propose exceptions for what a file of alerts holds too much of; --capture FILE shows their effect")
    .addOption(new Option("--at-least <alerts>", "how many alerts of one process make an exception").default("5"))
    .action(async (alerts: string, _options: unknown, command: Command) => {
      process.stdout.write(await tuneRules(alerts, command.optsWithGlobals<Options>(), request));
    });
  program
    .command("doctor")
    .description("say whether this machine can be watched, and what to mend if not")
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<Options>();
      const findings = await diagnose(request());
      process.stdout.write(options.json === true ? `${JSON.stringify(findings, null, 2)}\n` : diagnosisText(findings));
      process.exitCode = findings.some((finding) => finding.state === "failed") ? 1 : 0;
    });
}

function loadFor(
  request: () => ConfigRequest,
  options: Options,
): { config: ReturnType<typeof loadConfig>["config"]; paths: readonly string[] | null } {
  return { config: loadConfig(request()).config, paths: options.r ?? null };
}

async function explainAll(options: Options, request: () => ConfigRequest): Promise<string> {
  const { live, url } = options;
  if (live !== undefined && !/^[1-9]\d{0,4}$/.test(live)) {
    throw new UserError("--live must be a number of seconds from 1 up", { code: "USAGE" });
  }
  const { config, paths } = loadFor(request, options);
  const loaded = loadRuleset({ config, paths, ...createFieldBinding() });
  const filter = filterOf(loaded.ruleset, options.pushdown && config.engine.pushdown);
  const counts =
    live !== undefined
      ? await countLive(config, filter, Number(live))
      : url !== undefined
        ? await countsOf(url)
        : await countsOf(webUrlOf(config)).catch((error: Error) => error.message);
  const report = explainKernel(loaded.ruleset.rules, filter, counts);
  return options.json === true ? `${JSON.stringify(report, null, 2)}\n` : kernelReportText(report);
}

async function why(name: string, options: Options, request: () => ConfigRequest): Promise<string> {
  const file = options.capture ?? options.e;
  if (file === undefined) {
    throw new UserError("why needs a capture", { code: "USAGE", hint: "name it with --capture FILE" });
  }
  const limit = Number(options.limit ?? 20);
  if (!Number.isInteger(limit) || limit < 0) throw new UserError("--limit must be a whole number", { code: "USAGE" });
  const { config, paths } = loadFor(request, options);
  const loaded = loadRuleset({ config: { ...config, rule_matching: "all" }, paths, ...createFieldBinding() });
  const rule = findRule(loaded.ruleset.rules, name);
  const { opened, parts } = await openCapture(file, config);
  try {
    const report = await explainCapture(rule, opened, parts, limit);
    return options.json === true ? `${JSON.stringify(report, null, 2)}\n` : whyText(report);
  } finally {
    await opened.source.close();
  }
}

async function tuneRules(alerts: string, options: Options, request: () => ConfigRequest): Promise<string> {
  const atLeast = Number(options.atLeast ?? 5);
  if (!Number.isInteger(atLeast) || atLeast < 1) {
    throw new UserError("--at-least must be a whole number from 1 up", { code: "USAGE" });
  }
  const capture = options.capture ?? options.e ?? null;
  const wanted = { ...loadFor(request, options), alerts, capture, atLeast };
  const report = await tune(wanted);
  return options.json === true ? `${JSON.stringify(report, null, 2)}\n` : tuneText(report, wanted);
}

function testRules(file: string, options: Options, request: () => ConfigRequest): number {
  const tests = readRuleTests(file);
  const { config, paths } = loadFor(request, options);
  const { resolver, dependsOnPath } = createFieldBinding();
  const chosen = paths ?? (tests.rules.length > 0 ? tests.rules : null);
  // Every rule that matches is to be seen, not the first alone.
  const { ruleset } = loadRuleset({
    config: { ...config, rule_matching: "all" },
    paths: chosen,
    resolver: createTableResolver(resolver),
    dependsOnPath,
  });
  const results = runRuleTests(ruleset, tests.tests);
  const failed = results.filter((result) => result.problem !== null);
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ tests: results.length, failed: failed.length, results }, null, 2)}\n`);
  } else {
    const lines = results.map(({ name, problem }) =>
      problem === null ? `ok      ${name}` : `FAILED  ${name}: ${problem}`,
    );
    process.stdout.write(`${lines.join("\n")}\n\n${results.length} tests, ${failed.length} failed\n`);
  }
  return failed.length === 0 ? 0 : 1;
}
