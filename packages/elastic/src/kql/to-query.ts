import type { Query } from "../query.ts";
import type { KqlComparison, KqlNode, KqlText } from "./ast.ts";

/** What of a field decides how it is searched. */
export interface KqlField {
  readonly name: string;
  /** Elasticsearch's type, such as `keyword`. */
  readonly esType: string;
  /** Of a sub-field such as `rule.keyword` the field it belongs to, else null. */
  readonly parent: string | null;
}

/** What turning a query into Elasticsearch's needs to know. */
export interface KqlContext {
  /** By name; a field that isn't there is searched as a text. Null when it isn't known which fields there are. */
  readonly fields: ReadonlyMap<string, KqlField> | null;
  /** IANA name; dates in the query are meant in it. */
  readonly timeZone: string;
}

/**
 * The query DSL of a KQL query, with Kibana's meaning: words match, phrases match in order, `*` is a wildcard.
 * A pattern as a field's name is left to Elasticsearch to spread out when the fields aren't known.
 */
export function kqlToQuery(node: KqlNode, context: KqlContext): Query {
  switch (node.type) {
    case "all":
      return { match_all: {} };
    case "and":
      return { bool: { filter: node.nodes.map((inner) => kqlToQuery(inner, context)) } };
    case "or":
      return anyOf(node.nodes.map((inner) => kqlToQuery(inner, context)));
    case "not":
      return { bool: { must_not: [kqlToQuery(node.node, context)] } };
    case "range":
      if (node.field.kind === "pattern" && context.fields === null)
        return rangeOnPattern(textOf(node.field), node.comparison, textOf(node.value));
      return anyOf(
        namesOf(node.field, context).map((name) => rangeQuery(name, node.comparison, textOf(node.value), context)),
      );
    case "is":
      if (node.field?.kind === "pattern" && context.fields === null) return onPattern(textOf(node.field), node.value);
      return node.field === null
        ? anywhere(node.value)
        : anyOf(namesOf(node.field, context).map((name) => onField(name, node.value, context)));
  }
}

function anyOf(queries: readonly Query[]): Query {
  const [only] = queries;
  if (only === undefined) return { match_none: {} };
  return queries.length === 1 ? only : { bool: { should: queries, minimum_should_match: 1 } };
}

/** A field pattern stands for the fields it matches; sub-fields such as `rule.keyword` only when asked for. */
function namesOf(field: KqlText, { fields }: KqlContext): string[] {
  if (field.kind !== "pattern") return [field.text];
  if (fields === null) return [];
  const pattern = new RegExp(
    `^${field.parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`,
    "s",
  );
  return [...fields.values()]
    .filter((known) => known.parent === null && pattern.test(known.name))
    .map(({ name }) => name);
}

function anywhere(value: KqlText): Query {
  if (value.kind === "phrase") return { multi_match: { type: "phrase", query: value.text, lenient: true } };
  if (value.kind === "words") return { multi_match: { type: "best_fields", query: value.text, lenient: true } };
  if (isOnlyStars(value)) return { match_all: {} };
  return { query_string: { query: queryStringPattern(value), analyze_wildcard: true, lenient: true } };
}

/** Lenient: among the fields that a pattern means are some that can't hold such a value. */
function onPattern(pattern: string, value: KqlText): Query {
  if (value.kind !== "pattern") {
    const type = value.kind === "phrase" ? "phrase" : "best_fields";
    return { multi_match: { type, query: value.text, fields: [pattern], lenient: true } };
  }
  if (isOnlyStars(value)) return { exists: { field: pattern } };
  return {
    query_string: { fields: [pattern], query: queryStringPattern(value), analyze_wildcard: true, lenient: true },
  };
}

function rangeOnPattern(pattern: string, comparison: KqlComparison, text: string): Query {
  const bound = `"${text.replace(/[\\"]/g, "\\$&")}"`;
  const query = { gte: `[${bound} TO *]`, gt: `{${bound} TO *]`, lte: `[* TO ${bound}]`, lt: `[* TO ${bound}}` }[
    comparison
  ];
  return { query_string: { fields: [pattern], query, lenient: true } };
}

function onField(name: string, value: KqlText, context: KqlContext): Query {
  const field = context.fields?.get(name);
  if (value.kind === "pattern") {
    if (isOnlyStars(value)) return { exists: { field: name } };
    if (field?.esType === "keyword" || field?.esType === "wildcard") {
      return { wildcard: { [name]: { value: value.parts.map((part) => part.replace(/[\\*?]/g, "\\$&")).join("*") } } };
    }
    return { query_string: { fields: [name], query: queryStringPattern(value), analyze_wildcard: true } };
  }
  if (isDate(field)) {
    return { range: { [name]: { gte: value.text, lte: value.text, time_zone: context.timeZone } } };
  }
  return value.kind === "phrase" ? { match_phrase: { [name]: value.text } } : { match: { [name]: value.text } };
}

function rangeQuery(name: string, comparison: KqlComparison, text: string, context: KqlContext): Query {
  const zone = isDate(context.fields?.get(name)) ? { time_zone: context.timeZone } : {};
  return { range: { [name]: { [comparison]: text, ...zone } } };
}

function isDate(field: KqlField | undefined): boolean {
  return field?.esType === "date" || field?.esType === "date_nanos";
}

function textOf(value: KqlText): string {
  return value.kind === "pattern" ? value.parts.join("*") : value.text;
}

function isOnlyStars(value: KqlText & { readonly kind: "pattern" }): boolean {
  return value.parts.every((part) => part === "");
}

function queryStringPattern(value: KqlText & { readonly kind: "pattern" }): string {
  return value.parts.map(escapeQueryString).join("*");
}

/** Lucene can't escape `<` and `>` at all: Elasticsearch's advice is to leave them out. */
function escapeQueryString(text: string): string {
  return text
    .replace(/[<>]/g, "")
    .replace(/[+\-=&|!(){}[\]^"~*?:\\/\s]/g, "\\$&")
    .replace(/\b(AND|OR|NOT)\b/g, (word) => word.toLowerCase());
}
