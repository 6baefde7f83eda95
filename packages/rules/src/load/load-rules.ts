import { cachedResolver } from "../filter/cached-resolver.ts";
import { Collector } from "./collector.ts";
import { compileCollected } from "./compiler.ts";
import { readRuleFile } from "./reader.ts";
import { Diagnostics, SourceFile } from "./source-file.ts";
import type { LoadOptions, LoadResult, RuleFile } from "./types.ts";
import { BUILT_IN_PLUGINS } from "./versions.ts";

/**
 * Loads rules files in order: reads, merges, resolves, compiles. Never throws on what the files hold: everything wrong
 * in any of them is in `diagnostics`, and then there is no ruleset.
 *
 * @example
 * const { ruleset, diagnostics } = loadRules([{ name: "rules.yaml", text }], { resolver });
 */
export function loadRules<E>(files: readonly RuleFile[], options: LoadOptions<E>): LoadResult<E> {
  const diagnostics = new Diagnostics();
  const plugins = options.plugins ?? BUILT_IN_PLUGINS;
  const resolver = cachedResolver(options.resolver);
  const collector = new Collector({ resolver, plugins, diagnostics });
  for (const { name, text } of files) {
    for (const item of readRuleFile(new SourceFile(name, text), diagnostics)) collector.add(item);
  }
  const compiled = compileCollected(collector, options, resolver, diagnostics);
  let macros: LoadResult<E>["macros"] | null = null;
  let lists: LoadResult<E>["lists"] | null = null;
  return {
    ruleset: compiled.ruleset,
    rules: compiled.rules,
    get macros() {
      macros ??= compiled.macros();
      return macros;
    },
    get lists() {
      lists ??= compiled.lists();
      return lists;
    },
    diagnostics: diagnostics.sorted(files.map((file) => file.name)),
    requiredEngineVersion: collector.engineVersion,
    requiredPlugins: collector.plugins,
  };
}
