import { existsSync } from "node:fs";
import { type Command, UserError } from "@falco-efk/kit";
import { reportJson, reportText } from "@falco-efk/rules";
import { describeRules } from "./commands/describe-rules.ts";
import { listEvents } from "./commands/list-events.ts";
import { listFields } from "./commands/list-fields.ts";
import { RULE_SCHEMA } from "./commands/rule-schema.ts";
import { addSubcommands } from "./commands/subcommands.ts";
import { supportText } from "./commands/support.ts";
import { SYSTEM_CONFIG_FILE } from "./config/defaults.ts";
import { type ConfigRequest, type LoadedConfig, loadConfig } from "./config/load.ts";
import { CONFIG_SCHEMA } from "./config/schema.ts";
import { createFieldBinding } from "./event-state.ts";
import { loadRuleset, rulesPathsOf, validateRules } from "./load-ruleset.ts";
import { openLog } from "./own-log.ts";
import { writePidFile } from "./pid-file.ts";
import { createEngineCommand, type ProgramOptions } from "./program-options.ts";
import { readRuleFiles } from "./rule-files.ts";
import { startEngine } from "./run-engine.ts";
import { handleSignals } from "./signals.ts";
import { formatSummary } from "./summary.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** The whole command line of falco-engine. */
export function createProgram(environment: Environment): Command {
  const command = createEngineCommand();
  command.action(async () => {
    process.exitCode = await runProgram(command.opts<ProgramOptions>(), environment);
  });
  addSubcommands(command, () => configRequest(command.opts<ProgramOptions>(), environment));
  return command;
}

/** Where the configuration comes from by the command line. */
export function configRequest(options: ProgramOptions, environment: Environment): ConfigRequest {
  const file = options.c ?? (existsSync(SYSTEM_CONFIG_FILE) ? SYSTEM_CONFIG_FILE : null);
  const { maxRss } = options;
  return { file, assignments: options.option ?? [], environment, ...(maxRss === undefined ? {} : { maxRss }) };
}

/** Does what the options ask for; answers the exit code. Throws UserError. */
async function runProgram(options: ProgramOptions, environment: Environment): Promise<number> {
  const format = options.format ?? (options.markdown === true ? "markdown" : options.json === true ? "json" : "text");
  if (options.configSchema === true) return print(`${JSON.stringify(CONFIG_SCHEMA, null, 2)}\n`);
  if (options.ruleSchema === true) return print(`${JSON.stringify(RULE_SCHEMA, null, 2)}\n`);
  if (options.pageSize === true) return print("Your system page size is: 4096 bytes\n");
  if (options.listEvents === true) return print(listEvents(format));
  const binding = createFieldBinding();
  if (options.list !== undefined && options.list !== false) {
    const source = typeof options.list === "string" ? options.list : null;
    return print(listFields(binding.resolver.definitions, { format, namesOnly: options.N === true, source }));
  }
  const request = configRequest(options, environment);
  const loaded = loadConfig(request);
  const json = options.json === true || loaded.config.json_output;
  if (options.validate !== undefined) {
    const { files, result } = validateRules({ config: loaded.config, paths: options.validate, ...binding });
    const valid = result.ruleset !== null;
    if (json) print(`${JSON.stringify({ falco_load_results: reportJson(files, result.diagnostics) })}\n`);
    else print(`${reportText(files, result.diagnostics, !valid || options.v === true)}\n`);
    if (valid && (options.L === true || options.l !== undefined)) print(describeRules(result, options.l ?? null, json));
    return valid ? 0 : 1;
  }
  const paths = options.r ?? null;
  if (options.support === true) {
    const found = readRuleFiles(paths ?? rulesPathsOf(loaded.config), paths !== null);
    return print(supportText(loaded, found.files, ["falco-engine", ...process.argv.slice(2)]));
  }
  if (options.L === true || options.l !== undefined) {
    const { result } = loadRuleset({ config: loaded.config, paths, ...binding });
    return print(describeRules(result, options.l ?? null, json));
  }
  if (options.dryRun === true) return dryRun(loaded, paths, binding);
  return run(options, request, loaded, environment);
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

function dryRun(
  loaded: LoadedConfig,
  paths: readonly string[] | null,
  binding: ReturnType<typeof createFieldBinding>,
): number {
  const rules = loadRuleset({ config: loaded.config, paths, ...binding });
  for (const warning of [...loaded.warnings, ...rules.warnings]) process.stderr.write(`${warning}\n`);
  const files = rules.files.map((file) => file.name).join(", ");
  return print(`Ok: ${rules.ruleset.rules.length} rules of ${rules.result.rules.length} are on (${files})\n`);
}

async function run(
  options: ProgramOptions,
  request: ConfigRequest,
  loaded: LoadedConfig,
  environment: Environment,
): Promise<number> {
  const own = openLog(loaded.config, options.v === true);
  const removePid = options.pidfile === undefined ? null : writePidFile(options.pidfile);
  const signals = handleSignals(own.log);
  try {
    const hostname = environment["FALCO_HOSTNAME"];
    const running = await startEngine({
      configRequest: request,
      rulesPaths: options.r ?? null,
      ...(options.e === undefined ? {} : { replay: options.e }),
      ...(options.capture === undefined ? {} : { capture: options.capture }),
      ...(options.unbuffered === undefined ? {} : { unbuffered: options.unbuffered }),
      ...(options.ignoreProcess === undefined ? {} : { ignoreProcesses: options.ignoreProcess }),
      ...(hostname === undefined ? {} : { hostname }),
      pushdown: options.pushdown,
      log: own.log,
      signal: signals.stopping,
    });
    const { view } = running.engine;
    own.log.info(
      `${view.rulesLoaded()} rules from ${view
        .rulesFiles()
        .map((file) => file.name)
        .join(", ")}`,
    );
    const url = running.webUrl();
    if (url !== null) own.log.info(`health, status and metrics at ${url}`);
    const release = signals.serve(running, options.M ?? 0);
    const failure = await running.ended;
    release();
    await running.close();
    process.stdout.write(formatSummary(running.engine.counts));
    if (failure !== null) throw new UserError(failure, { code: "STOPPED" });
    return 0;
  } catch (error) {
    if (error !== signals.stopping.reason) throw error;
    own.log.info("stopped before everything was loaded");
    return 0;
  } finally {
    removePid?.();
    await own.close();
  }
}
