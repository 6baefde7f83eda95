import { contentError, ElasticError, illegalArgument, notSupported, parsingError } from "../errors.ts";
import { regexpPattern } from "../text/regexp.ts";
import { escapeWildcard, type TextPattern, wildcardPattern } from "../text/wildcard.ts";
import { anyOf, boolMatcher } from "./bool.ts";
import {
  expandFields,
  fieldOf,
  type Matcher,
  matchAll,
  matchNone,
  type QueryContext,
  queryShardError,
} from "./context.ts";
import { fuzzyMatcher } from "./fuzzy.ts";
import { existsMatcher, idsMatcher, patternMatcher, type QueryScalar, termMatcher, termsMatcher } from "./leaves.ts";
import { type MatchOptions, matchMatcher, phraseMatcher } from "./match.ts";
import { minimumMatch } from "./minimum.ts";
import { queryStringMatcher, simpleQueryStringMatcher } from "./query-string.ts";
import { rangeMatcher, readRange } from "./range.ts";

type Body = Record<string, unknown>;
type Compiler = (context: QueryContext, body: Body, depth: number) => Matcher;

const MAX_DEPTH = 30;

const COMPILERS: Readonly<Record<string, Compiler>> = {
  match_all: () => matchAll,
  match_none: () => matchNone,
  bool: compileBool,
  constant_score: (context, body, depth) => compileQuery(context, body.filter, depth + 1),
  dis_max: (context, body, depth) =>
    anyOf((body.queries as unknown[]).map((query) => compileQuery(context, query, depth + 1))),
  term: (context, body) =>
    onField(context, "term", body, "value", (path, value, options) => compileTerm(context, path, value, options)),
  terms: compileTerms,
  match: (context, body) =>
    onField(context, "match", body, "query", (path, value, options) => {
      const field = fieldOf(context, path);
      return field ? matchMatcher(context, field, value, options as MatchOptions) : idOrIndex(context, path, [value]);
    }),
  match_phrase: (context, body) => onField(context, "match_phrase", body, "query", phrase(context, false)),
  match_phrase_prefix: (context, body) => onField(context, "match_phrase_prefix", body, "query", phrase(context, true)),
  match_bool_prefix: (context, body) => onField(context, "match_bool_prefix", body, "query", phrase(context, true)),
  multi_match: compileMultiMatch,
  range: (context, body) => {
    const [path, options] = single("range", body);
    if (typeof options !== "object" || options === null) {
      throw parsingError(`[range] query malformed, no start_object after query name`);
    }
    const range = readRange(options as Body);
    const field = fieldOf(context, path);
    return field ? rangeMatcher(context, field, range) : matchNone;
  },
  exists: (context, body) => {
    if (typeof body.field !== "string") {
      throw parsingError("[exists] must be provided with a [field]");
    }
    return body.field === "_id" || body.field === "_index" ? matchAll : existsMatcher(context, body.field);
  },
  prefix: (context, body) =>
    onField(context, "prefix", body, "value", (path, value, options) =>
      pattern(context, path, () =>
        wildcardPattern(`${escapeWildcard(String(value))}*`, options.case_insensitive === true),
      ),
    ),
  wildcard: (context, body) =>
    onField(context, "wildcard", renameKey(body, "wildcard", "value"), "value", (path, value, options) =>
      pattern(context, path, () => wildcardPattern(String(value), options.case_insensitive === true)),
    ),
  regexp: (context, body) =>
    onField(context, "regexp", body, "value", (path, value, options) =>
      pattern(context, path, () => regexpPattern(String(value), options.case_insensitive === true)),
    ),
  fuzzy: (context, body) =>
    onField(context, "fuzzy", body, "value", (path, value, options) => {
      const field = fieldOf(context, path);
      const { fuzziness } = options;
      const distance = fuzziness === undefined || fuzziness === "AUTO" ? null : Number(fuzziness);
      return field ? fuzzyMatcher(context, field, String(value), distance) : matchNone;
    }),
  ids: (_context, body) => idsMatcher(list(body.values).map(String)),
  query_string: queryStringMatcher,
  simple_query_string: simpleQueryStringMatcher,
};

/** Names of Elasticsearch's own queries that the store does not have. */
const KNOWN_ELSEWHERE = new Set(
  "nested has_child has_parent parent_id function_score script script_score more_like_this percolate geo_bounding_box geo_distance geo_shape geo_polygon knn intervals span_term span_near span_or span_not span_first span_containing span_within span_multi boosting pinned rank_feature distance_feature wrapper terms_set combined_fields semantic sparse_vector text_expansion rule shape".split(
    " ",
  ),
);

/** Compiles a query of the DSL. Throws `parsing_exception` for what is none. */
export function compileQuery(context: QueryContext, query: unknown, depth = 0): Matcher {
  if (query === undefined || query === null) {
    return matchAll;
  }
  if (typeof query !== "object" || Array.isArray(query)) {
    throw parsingError("[_na] query malformed, must start with start_object");
  }
  if (depth > MAX_DEPTH) {
    throw parsingError(
      `The nested depth of the query exceeds the maximum nested depth for queries set in [${MAX_DEPTH}]`,
    );
  }
  const entries = Object.entries(query);
  const [entry, second] = entries;
  if (!entry) {
    throw illegalArgument("query malformed, empty clause found");
  }
  const [name, body] = entry;
  const compile = Object.hasOwn(COMPILERS, name) ? COMPILERS[name] : undefined;
  if (!compile) {
    throw KNOWN_ELSEWHERE.has(name) ? notSupported(`the query [${name}]`) : parsingError(`unknown query [${name}]`);
  }
  if (second) {
    throw parsingError(`[${name}] malformed query, expected [END_OBJECT] but found [FIELD_NAME]`);
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw parsingError(`[${name}] query malformed, no start_object after query name`);
  }
  return compile(context, body as Body, depth);
}

function compileBool(context: QueryContext, body: Body, depth: number): Matcher {
  const clauses: Record<string, Matcher[]> = { must: [], filter: [], should: [], must_not: [] };
  for (const [key, value] of Object.entries(body)) {
    const name = key === "mustNot" ? "must_not" : key;
    if (clauses[name]) {
      clauses[name] = list(value).map((query) => compileQuery(context, query, depth + 1));
    } else if (!["minimum_should_match", "boost", "_name", "adjust_pure_negative"].includes(name)) {
      throw contentError(`[bool] unknown field [${key}]`);
    }
  }
  const must = [...(clauses.must ?? []), ...(clauses.filter ?? [])];
  const should = clauses.should ?? [];
  const otherwise = should.length > 0 && must.length === 0 ? 1 : 0;
  const needed = minimumMatch(body.minimum_should_match as number | string | undefined, should.length, otherwise);
  return boolMatcher({ must, should, mustNot: clauses.must_not ?? [], needed });
}

function compileTerm(context: QueryContext, path: string, value: QueryScalar, options: Body): Matcher {
  const field = fieldOf(context, path);
  if (!field) {
    return idOrIndex(context, path, [value]);
  }
  if (options.case_insensitive === true && field.type.kind === "string") {
    return patternMatcher(context, field, wildcardPattern(escapeWildcard(String(value)), true));
  }
  return termMatcher(context, field, value);
}

function compileTerms(context: QueryContext, body: Body): Matcher {
  const { boost: _boost, _name, ...fields } = body;
  const [path, values] = single("terms", fields);
  if (!Array.isArray(values)) {
    throw typeof values === "object"
      ? notSupported("a terms lookup")
      : parsingError(`[terms] query does not support [${path}]`);
  }
  const scalars = values.map((value) => scalar(value, "terms"));
  const field = fieldOf(context, path);
  return field
    ? scalars.length === 0
      ? matchNone
      : termsMatcher(context, field, scalars)
    : idOrIndex(context, path, scalars);
}

function idOrIndex(context: QueryContext, path: string, values: readonly QueryScalar[]): Matcher {
  if (path === "_id") {
    return idsMatcher(values.map(String));
  }
  if (path === "_index") {
    return values.some((value) => wildcardPattern(String(value)).matches(context.indexName)) ? matchAll : matchNone;
  }
  return matchNone;
}

function phrase(context: QueryContext, prefix: boolean) {
  return (path: string, value: QueryScalar, options: Body): Matcher => {
    const field = fieldOf(context, path);
    return field ? phraseMatcher(context, field, value, { slop: Number(options.slop ?? 0), prefix }) : matchNone;
  };
}

function compileMultiMatch(context: QueryContext, body: Body): Matcher {
  if (body.query === undefined) {
    throw parsingError("No text specified for multi_match query");
  }
  const value = scalar(body.query, "multi_match");
  const patterns = body.fields === undefined ? ["*"] : list(body.fields).map(String);
  const lenient = body.lenient === true || body.fields === undefined || patterns.includes("*");
  const type = String(body.type ?? "best_fields");
  return anyOf(
    expandFields(context, patterns).map((field) =>
      type.startsWith("phrase")
        ? phraseMatcher(context, field, value, {
            lenient,
            prefix: type === "phrase_prefix",
            slop: Number(body.slop ?? 0),
          })
        : matchMatcher(context, field, value, { ...(body as MatchOptions), lenient }),
    ),
  );
}

function pattern(context: QueryContext, path: string, make: () => TextPattern): Matcher {
  const compiled = compilePattern(context, make);
  const field = fieldOf(context, path);
  if (!field) {
    return path === "_index" && compiled.matches(context.indexName) ? matchAll : matchNone;
  }
  return patternMatcher(context, field, compiled);
}

function compilePattern(context: QueryContext, make: () => TextPattern): TextPattern {
  try {
    return make();
  } catch (error) {
    throw queryShardError(context, (error as Error).message);
  }
}

/** The body `{path: value}` or `{path: {key: value, …}}` of a query on one field. */
function onField(
  _context: QueryContext,
  name: string,
  body: Body,
  key: string,
  compile: (path: string, value: QueryScalar, options: Body) => Matcher,
): Matcher {
  const { boost: _boost, _name, ...fields } = body;
  const [path, given] = single(name, fields);
  if (Array.isArray(given)) {
    throw parsingError(`[${name}] query does not support array of values`);
  }
  if (typeof given !== "object" || given === null) {
    return compile(path, scalar(given, name), {});
  }
  const options = given as Body;
  if (options[key] === undefined) {
    throw parsingError(
      Object.keys(options).length === 0
        ? "No text specified for text query"
        : `[${name}] query does not support [${Object.keys(options)[0]}]`,
    );
  }
  return compile(path, scalar(options[key], name), options);
}

function single(name: string, body: Body): [string, unknown] {
  const [entry, other] = Object.entries(body);
  if (!entry) {
    throw parsingError(`[${name}] query malformed, no field name found`);
  }
  if (other) {
    throw parsingError(`[${name}] query doesn't support multiple fields, found [${entry[0]}] and [${other[0]}]`);
  }
  return entry;
}

function scalar(value: unknown, name: string): QueryScalar {
  if (value === null || value === undefined) {
    throw new ElasticError(400, "illegal_argument_exception", "value cannot be null");
  }
  if (typeof value === "object") {
    throw parsingError(`[${name}] query does not support [${JSON.stringify(value)}]`);
  }
  return value as QueryScalar;
}

function renameKey(body: Body, from: string, to: string): Body {
  return Object.fromEntries(
    Object.entries(body).map(([path, given]) => {
      const options = given as Body;
      return typeof given === "object" && given !== null && options[from] !== undefined
        ? [path, { ...options, [to]: options[from] }]
        : [path, given];
    }),
  );
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}
