import { type Priority, parsePriority } from "@falco-efk/event";
import type { ErrorCode } from "./diagnostic.ts";
import type { ScalarText } from "./scalar.ts";
import { type Place, placeIn } from "./source-file.ts";
import type { YamlNode } from "./yaml-items.ts";

/** Stops the reading of one item; the reader reports it and goes on with the next. */
export class ItemError extends Error {
  readonly code: ErrorCode;
  readonly place: Place;

  constructor(message: string, place: Place, code: ErrorCode = "LOAD_ERR_YAML_VALIDATE") {
    super(message);
    this.name = "ItemError";
    this.code = code;
    this.place = place;
  }
}

/** Where a key's value stands. */
export function valuePlace(parent: Place, key: string, value: YamlNode, itemType = "value for"): Place {
  return placeIn(parent, itemType, itemType === "value for" ? key : "", value.start, value.end);
}

/** A key's text; null where the key is absent. */
export function optionalText(item: YamlNode, key: string, parent: Place, itemType?: string): ScalarText | null {
  const value = item.get(key);
  if (value === null) return null;
  const place = valuePlace(parent, key, value, itemType);
  if (value.isNull) throw new ItemError(`'${key}' has no value`, place);
  if (value.text === null) throw new ItemError(`'${key}' must be a text, not a list or a mapping`, place);
  if (value.text === "") throw new ItemError(`'${key}' must not be empty`, place);
  return { text: value.text, place };
}

/** A key's text; an error where the key is absent. */
export function requiredText(item: YamlNode, key: string, parent: Place, itemType?: string): ScalarText {
  const text = optionalText(item, key, parent, itemType);
  if (text === null) throw new ItemError(`the key '${key}' is missing`, parent);
  return text;
}

const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  y: true,
  on: true,
  false: false,
  no: false,
  n: false,
  off: false,
};

/** A key's Boolean. */
export function optionalBoolean(item: YamlNode, key: string, parent: Place): boolean | null {
  const scalar = optionalText(item, key, parent);
  if (scalar === null) return null;
  const value = BOOLEANS[scalar.text.toLowerCase()];
  if (value === undefined) throw new ItemError(`'${key}' must be true or false, not '${scalar.text}'`, scalar.place);
  return value;
}

/** A key's whole number, not negative. */
export function optionalCount(item: YamlNode, key: string, parent: Place): number | null {
  const scalar = optionalText(item, key, parent);
  if (scalar === null) return null;
  if (!/^[0-9]{1,10}$/.test(scalar.text)) {
    throw new ItemError(`'${key}' must be a whole number, not '${scalar.text}'`, scalar.place);
  }
  return Number(scalar.text);
}

/** A key's list of texts. */
export function optionalTexts(item: YamlNode, key: string, parent: Place): readonly ScalarText[] | null {
  const value = item.get(key);
  if (value === null) return null;
  const place = valuePlace(parent, key, value);
  const items = value.items;
  if (items === null) throw new ItemError(`'${key}' must be a list`, place);
  return items.map((entry) => {
    const entryPlace = placeIn(place, "list item", "", entry.start, entry.end);
    if (entry.text === null) throw new ItemError(`each entry of '${key}' must be a text`, entryPlace);
    return { text: entry.text, place: entryPlace };
  });
}

/** The priority of a rule. */
export function decodePriority(scalar: ScalarText): Priority {
  const priority = parsePriority(scalar.text);
  if (priority === null) {
    const message = `'${scalar.text}' is no priority: emergency, alert, critical, error, warning, notice, informational or debug`;
    throw new ItemError(message, scalar.place);
  }
  return priority;
}
