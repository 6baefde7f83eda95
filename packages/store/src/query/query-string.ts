import { ElasticError, parsingError } from "../errors.ts";
import type { Field } from "../mapping/field.ts";
import { regexpPattern } from "../text/regexp.ts";
import { wildcardPattern } from "../text/wildcard.ts";
import { anyOf, boolMatcher } from "./bool.ts";
import { expandFields, type Matcher, matchAll, matchNone, type QueryContext } from "./context.ts";
import { fuzzyMatcher } from "./fuzzy.ts";
import { existsMatcher, idsMatcher, patternMatcher } from "./leaves.ts";
import { leniently, matchMatcher, phraseMatcher } from "./match.ts";
import { minimumMatch } from "./minimum.ts";
import { parseQueryString, type QueryNode, QuerySyntaxError } from "./query-string-parser.ts";
import { rangeMatcher } from "./range.ts";

interface Options {
  readonly fields: readonly string[];
  readonly lenient: boolean;
  readonly and: boolean;
  readonly timeZone: string | undefined;
  readonly minimum: number | string | undefined;
}

const KEYS = new Set(
  "query default_field fields default_operator analyze_wildcard lenient time_zone minimum_should_match boost analyzer allow_leading_wildcard type tie_breaker fuzziness phrase_slop auto_generate_synonyms_phrase_query enable_position_increments escape fuzzy_max_expansions fuzzy_prefix_length fuzzy_transpositions max_determinized_states quote_analyzer quote_field_suffix rewrite _name".split(
    " ",
  ),
);

/** Compiles `query_string`. */
export function queryStringMatcher(context: QueryContext, body: Record<string, unknown>): Matcher {
  for (const key of Object.keys(body)) {
    if (!KEYS.has(key)) {
      throw parsingError(`[query_string] query does not support [${key}]`);
    }
  }
  if (typeof body.query !== "string") {
    throw parsingError("[query_string] must be provided with a [query]");
  }
  const named =
    (body.fields as string[] | undefined) ??
    (body.default_field === undefined ? undefined : [String(body.default_field)]);
  const fields = named ?? ["*"];
  const options: Options = {
    fields,
    // Over all fields a word cannot fit every type: those it does not fit are passed over.
    lenient:
      body.lenient === undefined
        ? named === undefined || fields.includes("*")
        : body.lenient === true || body.lenient === "true",
    and: String(body.default_operator ?? "or").toLowerCase() === "and",
    timeZone: body.time_zone as string | undefined,
    minimum: body.minimum_should_match as number | string | undefined,
  };
  let node: QueryNode;
  try {
    node = parseQueryString(body.query, options.and);
  } catch (error) {
    if (error instanceof QuerySyntaxError) {
      throw new ElasticError(400, "query_shard_exception", `Failed to parse query [${body.query}]`, {
        index: context.indexName,
        caused_by: { type: "parse_exception", reason: error.message },
      });
    }
    throw error;
  }
  return compileNode(context, node, options);
}

function compileNode(context: QueryContext, node: QueryNode, options: Options): Matcher {
  if (node.kind === "clauses") {
    if (node.clauses.length === 0) {
      return matchNone;
    }
    const of = (occur: string): Matcher[] =>
      node.clauses
        .filter((clause) => clause.occur === occur)
        .map((clause) => compileNode(context, clause.node, options));
    const must = of("must");
    const should = of("should");
    const mustNot = of("not");
    const needed = minimumMatch(options.minimum, should.length, must.length === 0 && should.length > 0 ? 1 : 0);
    return boolMatcher({ must, should, mustNot, needed });
  }
  const { field } = node;
  if (field === "_exists_" && node.kind !== "range") {
    return existsMatcher(context, node.text);
  }
  if (field === "_id" && node.kind === "term") {
    return idsMatcher([node.text]);
  }
  if (node.kind === "pattern" && node.text === "*") {
    return field === null || field === "*"
      ? matchAll
      : anyField(context, [field], (one) => existsMatcher(context, one.path));
  }
  const lenient = options.lenient || (field?.includes("*") ?? false);
  const patterns = field === null ? options.fields : [field];
  return anyField(context, patterns, (one) =>
    leniently(lenient, () => compileOnField(context, one, node, options, lenient)),
  );
}

function anyField(context: QueryContext, patterns: readonly string[], compile: (field: Field) => Matcher): Matcher {
  const expanded = expandFields(context, patterns);
  const matchers = expanded.map(compile).filter((matcher) => matcher !== matchNone);
  if (matchers.length === 1) {
    return matchers[0] as Matcher;
  }
  return anyOf(matchers);
}

function compileOnField(
  context: QueryContext,
  field: Field,
  node: Exclude<QueryNode, { kind: "clauses" }>,
  options: Options,
  lenient: boolean,
): Matcher {
  switch (node.kind) {
    case "term":
      return matchMatcher(context, field, node.text, { lenient, operator: options.and ? "and" : "or" });
    case "phrase":
      return phraseMatcher(context, field, node.text, { slop: node.slop, lenient });
    case "pattern":
      return patternMatcher(context, field, wildcardPattern(node.text, field.type.analyzed));
    case "regexp":
      return patternMatcher(context, field, regexpPattern(node.text));
    case "fuzzy":
      return fuzzyMatcher(context, field, node.text, node.distance);
    case "range":
      return rangeMatcher(context, field, {
        [node.includeFrom ? "gte" : "gt"]: node.from,
        [node.includeTo ? "lte" : "lt"]: node.to,
        ...(options.timeZone === undefined ? {} : { time_zone: options.timeZone }),
      });
  }
}

/** Compiles `simple_query_string`: the same in a syntax that has no errors. */
export function simpleQueryStringMatcher(context: QueryContext, body: Record<string, unknown>): Matcher {
  if (typeof body.query !== "string") {
    throw parsingError("[simple_query_string] query text missing");
  }
  const fields = (body.fields as string[] | undefined) ?? ["*"];
  const and = String(body.default_operator ?? "or").toLowerCase() === "and";
  const pieces = body.query.match(/"[^"]*"(?:~\d+)?|\||\+|-?[^\s|+"()]+/g) ?? [];
  let required = and;
  let must: Matcher[] = [];
  const all: Matcher[][] = [];
  for (const piece of pieces) {
    if (piece === "|" || piece === "+") {
      if (piece === "|") {
        all.push(must);
        must = [];
      }
      required = piece === "+" || and;
      continue;
    }
    const negated = piece.startsWith("-") && piece.length > 1;
    const text = negated ? piece.slice(1) : piece;
    const one = anyField(context, fields, (field) => leniently(true, () => simplePiece(context, field, text)));
    if (!required && must.length > 0) {
      all.push(must);
      must = [];
    }
    must.push(negated ? boolMatcher({ must: [], should: [], mustNot: [one], needed: 0 }) : one);
    required = and;
  }
  all.push(must);
  const should = all
    .filter((group) => group.length > 0)
    .map((group) => boolMatcher({ must: group, should: [], mustNot: [], needed: 0 }));
  return should.length === 0 ? matchNone : boolMatcher({ must: [], should, mustNot: [], needed: 1 });
}

function simplePiece(context: QueryContext, field: Field, text: string): Matcher {
  if (text.startsWith('"')) {
    return phraseMatcher(context, field, text.slice(1, text.lastIndexOf('"')), { lenient: true });
  }
  if (text.endsWith("*") && text.length > 1) {
    return patternMatcher(
      context,
      field,
      wildcardPattern(`${text.slice(0, -1).replace(/[*?]/g, "\\$&")}*`, field.type.analyzed),
    );
  }
  return matchMatcher(context, field, text, { lenient: true });
}
