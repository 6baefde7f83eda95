import { ElasticError, indexNotFound } from "../errors.ts";
import { wildcardPattern } from "../text/wildcard.ts";
import type { Catalog } from "./catalog.ts";
import type { StoredIndex } from "./stored-index.ts";

/** What a missing name or an empty pattern means. */
export interface ResolveOptions {
  readonly ignoreUnavailable?: boolean;
  readonly allowNoIndices?: boolean;
}

/**
 * The indices that an expression names: names, aliases, wildcards, `_all`, separated by commas; `-pattern` takes away.
 * Throws 404 for a name that is not there, unless told to ignore it.
 */
export function resolveIndices(catalog: Catalog, expression: string, options: ResolveOptions = {}): StoredIndex[] {
  const found = new Map<string, StoredIndex>();
  const parts = expression.split(",").filter((part) => part !== "");
  for (const part of parts.length === 0 ? ["_all"] : parts) {
    const name = decodeDateMath(part);
    if (name.startsWith("-") && found.size > 0) {
      for (const index of matching(catalog, name.slice(1))) {
        found.delete(index.name);
      }
      continue;
    }
    const hits = matching(catalog, name);
    const pattern = name === "_all" || name.includes("*");
    if (hits.length === 0 && (pattern ? options.allowNoIndices === false : !options.ignoreUnavailable)) {
      throw indexNotFound(name);
    }
    for (const index of hits) {
      found.set(index.name, index);
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The one index that a write goes to; null when there is none of that name. */
export function resolveWriteIndex(catalog: Catalog, name: string): StoredIndex | null {
  const index = catalog.indices.get(name);
  if (index) {
    return index;
  }
  const targets = catalog.aliasTargets(name);
  const chosen = targets.find(
    (target) => (target.aliases[name] as { is_write_index?: boolean }).is_write_index === true,
  );
  if (targets.length > 1 && !chosen) {
    throw new ElasticError(
      400,
      "illegal_argument_exception",
      `no write index is defined for alias [${name}]. The write index may be explicitly disabled using is_write_index=false or the alias points to multiple indices without one being designated as a write index`,
    );
  }
  return chosen ?? targets[0] ?? null;
}

function matching(catalog: Catalog, name: string): StoredIndex[] {
  if (name === "_all" || name === "*") {
    return [...catalog.indices.values()].filter((index) => !index.name.startsWith(".") || name === "_all");
  }
  const index = catalog.indices.get(name);
  if (index) {
    return [index];
  }
  if (!name.includes("*")) {
    return catalog.aliasTargets(name);
  }
  const { matches } = wildcardPattern(name);
  return [...catalog.indices.values()].filter(
    (candidate) =>
      (matches(candidate.name) && (name.startsWith(".") || !candidate.name.startsWith("."))) ||
      Object.keys(candidate.aliases).some(matches),
  );
}

function decodeDateMath(name: string): string {
  if (name.startsWith("<")) {
    throw new ElasticError(
      400,
      "illegal_argument_exception",
      `date math in index names [${name}] is not supported by the embedded store`,
    );
  }
  return name;
}
