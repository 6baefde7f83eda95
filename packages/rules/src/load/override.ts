import { ItemError, valuePlace } from "./decode.ts";
import { type Place, placeIn } from "./source-file.ts";
import type { YamlNode } from "./yaml-items.ts";

/** The keys that an item's `override` appends and replaces. */
export interface Override {
  readonly append: ReadonlySet<string>;
  readonly replace: ReadonlySet<string>;
  readonly any: boolean;
}

/** Reads an item's `override`: which keys are appended to the earlier definition and which replace it. */
export function readOverride(
  item: YamlNode,
  appendable: readonly string[],
  replaceable: readonly string[],
  parent: Place,
): Override {
  const append = new Set<string>();
  const replace = new Set<string>();
  const node = item.get("override");
  if (node === null || node.isNull) return { append, replace, any: false };
  const all = valuePlace(parent, "override", node, "overrides");
  if (node.entries === null) throw new ItemError("'override' must be a mapping such as 'condition: append'", all);
  for (const { key, keyNode, value } of node.entries) {
    const place = placeIn(all, "overrides", key, keyNode.start, keyNode.end);
    const operation = value.text;
    if (operation === "append") {
      if (!appendable.includes(key)) {
        const hint = replaceable.includes(key) ? "; it can be replaced" : "";
        throw new ItemError(`'${key}' cannot be appended to${hint}`, place);
      }
      append.add(key);
    } else if (operation === "replace") {
      if (!replaceable.includes(key)) throw new ItemError(`'${key}' cannot be replaced`, place);
      replace.add(key);
    } else {
      const message = `'${operation ?? "…"}' is no way to override '${key}': append or replace`;
      throw new ItemError(message, placeIn(all, "value for", key, value.start, value.end));
    }
  }
  return { append, replace, any: append.size + replace.size > 0 };
}
