import type { ServerFlavour } from "./event-templates.ts";
import type { DynamicTemplate, FieldMapping, Mappings } from "./template.ts";

/**
 * Longest text that is indexed as one term, in characters. Lucene takes 32,766 bytes and a character has up to four;
 * a longer text stays in `_source`.
 */
const LONGEST_TERM = 8191;

const keyword: FieldMapping = { type: "keyword", ignore_above: LONGEST_TERM };

/** Both names are in use: `priority`, and `priority.keyword` as Elasticsearch names it without a template. */
const keywordTwice: FieldMapping = { ...keyword, fields: { keyword } };

/** Whole texts: searched by word, and by the first 256 characters where someone wants to group by them. */
const fullText: FieldMapping = { type: "text", fields: { keyword: { type: "keyword", ignore_above: 256 } } };

/**
 * Numbers keep their order as long or double and their digits as keyword: an unsigned 64-bit integer above 2^63-1 fits
 * no long, and is found by its keyword instead of being refused.
 */
function number(type: "long" | "double"): FieldMapping {
  return { type, ignore_malformed: true, fields: { keyword } };
}

const labelPaths = [
  "labels",
  "kubernetes.labels",
  "kubernetes.annotations",
  "container.labels",
  "docker.container.labels",
];

/** The mappings of an index of events. Fields outside `properties` come by the dynamic templates. */
export function eventMappings(flavour: ServerFlavour): Mappings {
  const labels: FieldMapping = { type: flavour === "opensearch" ? "flat_object" : "flattened" };
  return {
    date_detection: false,
    numeric_detection: false,
    dynamic_templates: [
      ...labelPaths.map((path) =>
        dynamic(`labels_of_${path.replaceAll(".", "_")}`, {
          match_mapping_type: "object",
          path_match: path,
          mapping: labels,
        }),
      ),
      dynamic("strings", { match_mapping_type: "string", mapping: keyword }),
      dynamic("integers", { match_mapping_type: "long", mapping: number("long") }),
      dynamic("fractions", { match_mapping_type: "double", mapping: number("double") }),
      // A field that is a boolean in one rule's output may be a text in another's: a keyword takes both.
      dynamic("booleans", { match_mapping_type: "boolean", mapping: keyword }),
    ],
    properties: {
      "@timestamp": { type: "date_nanos" },
      time: { type: "date_nanos" },
      priority: keywordTwice,
      rule: { ...keyword, fields: { keyword, text: { type: "text" } } },
      source: keywordTwice,
      hostname: keywordTwice,
      tags: keywordTwice,
      output: fullText,
      message: fullText,
      output_fields: outputFields(flavour),
    },
  };
}

/**
 * Falco's output fields have dotted names, and some are each other's parents (`fd.sip` and `fd.sip.name`). So the names
 * are kept flat: without sub-objects where the server can, else as one flat object.
 */
function outputFields(flavour: ServerFlavour): FieldMapping {
  return flavour === "opensearch" ? { type: "flat_object" } : { type: "object", subobjects: false };
}

function dynamic(name: string, rule: DynamicTemplate[string]): DynamicTemplate {
  return { [name]: rule };
}
