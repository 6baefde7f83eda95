import type { Query } from "@falco-efk/elastic";
import type { Field } from "../data/fields.ts";
import type { KqlNode, KqlText } from "./ast.ts";

/** What turning a query into Elasticsearch's needs to know. */
export interface KqlContext {
  /** By name. A field that isn't here is searched as a text. */
  readonly fields: ReadonlyMap<string, Field>;
  /** IANA name; dates in the query are meant in it. */
  readonly timeZone: string;
}

/** The query DSL of a KQL query, with Kibana's meaning: words match, phrases match in order, `*` is a wildcard. */
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
      return anyOf(
        namesOf(node.field, context).map((name) => rangeQuery(name, node.comparison, textOf(node.value), context)),
      );
    case "is":
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

function onField(name: string, value: KqlText, context: KqlContext): Query {
  const field = context.fields.get(name);
  if (value.kind === "pattern") {
    if (isOnlyStars(value)) return { exists: { field: name } };
    if (field?.esType === "keyword" || field?.esType === "wildcard") {
      return { wildcard: { [name]: { value: value.parts.map((part) => part.replace(/[\\*?]/g, "\\$&")).join("*") } } };
    }
    return { query_string: { fields: [name], query: queryStringPattern(value), analyze_wildcard: true } };
  }
  if (field?.type === "date") {
    return { range: { [name]: { gte: value.text, lte: value.text, time_zone: context.timeZone } } };
  }
  return value.kind === "phrase" ? { match_phrase: { [name]: value.text } } : { match: { [name]: value.text } };
}

function rangeQuery(name: string, comparison: "gt" | "gte" | "lt" | "lte", text: string, context: KqlContext): Query {
  const isDate = context.fields.get(name)?.type === "date";
  return { range: { [name]: { [comparison]: text, ...(isDate ? { time_zone: context.timeZone } : {}) } } };
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
