import type { DynamicTemplate, FieldMapping } from "@falco-efk/elastic";
import { wildcardPattern } from "../text/wildcard.ts";
import { parseDate } from "../values/date-format.ts";
import type { SourceScalar } from "./convert.ts";

const DETECTED_DATES = "strict_date_optional_time||yyyy/MM/dd HH:mm:ss Z||yyyy/MM/dd Z";

/** The JSON type by which dynamic templates choose. */
export type DynamicType = "string" | "long" | "double" | "boolean" | "date" | "object";

/** The dynamic type of a scalar. */
export function dynamicType(value: SourceScalar, detectDates: boolean): DynamicType {
  switch (typeof value) {
    case "boolean":
      return "boolean";
    case "bigint":
      return "long";
    case "number":
      return Number.isInteger(value) ? "long" : "double";
    case "string":
      return detectDates && /^\d{4}/.test(value) && parseDate(value, DETECTED_DATES, undefined) ? "date" : "string";
  }
}

/** The mapping that a dynamic type gets when no template speaks. */
export function defaultMapping(type: DynamicType, value: SourceScalar): FieldMapping {
  switch (type) {
    case "string":
      return { type: "text", fields: { keyword: { type: "keyword", ignore_above: 256 } } };
    case "date":
      return typeof value === "string" && value.includes("/")
        ? { type: "date", format: "yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis" }
        : { type: "date" };
    case "double":
      return { type: "float" };
    default:
      return { type };
  }
}

/** The mapping of the first template that takes the field; null when none does. */
export function fromTemplates(
  templates: readonly DynamicTemplate[],
  path: string,
  type: DynamicType,
): FieldMapping | null {
  const name = path.slice(path.lastIndexOf(".") + 1);
  for (const template of templates) {
    const rule = Object.values(template)[0];
    if (!rule) {
      continue;
    }
    const types = list(rule.match_mapping_type);
    const regex = rule.match_pattern === "regex";
    const fits = (patterns: string | readonly string[] | undefined, text: string): boolean =>
      list(patterns).some((p) => (regex ? new RegExp(`^(?:${p})$`).test(text) : wildcardPattern(p).matches(text)));
    if (
      (types.length > 0 && !types.includes(type) && !types.includes("*")) ||
      (rule.match !== undefined && !fits(rule.match, name)) ||
      (rule.unmatch !== undefined && fits(rule.unmatch, name)) ||
      (rule.path_match !== undefined && !fits(rule.path_match, path)) ||
      (rule.path_unmatch !== undefined && fits(rule.path_unmatch, path))
    ) {
      continue;
    }
    const filled = JSON.stringify(rule.mapping)
      .replaceAll("{name}", name)
      .replaceAll("{dynamic_type}", type === "string" ? "text" : type);
    const mapping = JSON.parse(filled) as FieldMapping;
    if (mapping.type !== undefined) {
      return mapping;
    }
    return type === "object"
      ? mapping
      : { ...mapping, type: type === "string" ? "text" : type === "double" ? "float" : type };
  }
  return null;
}

function list(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}
