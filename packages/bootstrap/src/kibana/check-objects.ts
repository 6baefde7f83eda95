import { UserError } from "@falco-efk/kit";
import { objectKey, type SavedObject, type SourceObject } from "./saved-object.ts";

/**
 * Checks saved objects before any is sent: unique, versions stated, nested JSON parses, every reference is used and leads to
 * an object in the set, no two panels overlap. Throws UserError for the first fault, with file and line.
 */
export function checkSavedObjects(sources: readonly SourceObject[]): void {
  const keys = new Set<string>();
  for (const source of sources) {
    const key = objectKey(source.object);
    if (keys.has(key)) throw fault(source, `${key} is there twice`);
    keys.add(key);
  }
  for (const source of sources) {
    checkVersions(source);
    checkJson(source);
    for (const { type, id, name } of source.object.references) {
      if (!keys.has(`${type}:${id}`))
        throw fault(source, `refers to ${type}:${id} (${name}), which is in none of the files`);
    }
    checkReferenceNames(source);
    if (source.object.type === "dashboard") checkPanels(source);
  }
}

function fault({ object, file, line }: SourceObject, message: string): UserError {
  return new UserError(message, { code: "OBJECTS", file, line, key: objectKey(object) });
}

function checkVersions(source: SourceObject): void {
  const { typeMigrationVersion, coreMigrationVersion, migrationVersion } = source.object;
  if (migrationVersion !== undefined) return;
  if (typeMigrationVersion === undefined || coreMigrationVersion === undefined) {
    throw fault(
      source,
      "states no typeMigrationVersion and coreMigrationVersion: Kibana would run all its old migrations on it",
    );
  }
}

const NESTED = ["visState", "uiStateJSON", "panelsJSON", "optionsJSON"];

function checkJson(source: SourceObject): void {
  const { attributes } = source.object;
  const meta = attributes.kibanaSavedObjectMeta as { searchSourceJSON?: unknown } | undefined;
  for (const [name, text] of [
    ...NESTED.map((key) => [key, attributes[key]]),
    ["searchSourceJSON", meta?.searchSourceJSON],
  ]) {
    if (text === undefined) continue;
    try {
      JSON.parse(String(text));
    } catch (error) {
      throw fault(source, `${String(name)} isn't JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** The names of references that an object's content uses. */
function usedNames(object: SavedObject): string[] {
  const names: string[] = [];
  const meta = object.attributes.kibanaSavedObjectMeta as { searchSourceJSON?: string } | undefined;
  const source = JSON.parse(meta?.searchSourceJSON ?? "{}") as { indexRefName?: string };
  if (source.indexRefName !== undefined) names.push(source.indexRefName);
  for (const panel of panelsOf(object)) {
    if (panel.panelRefName !== undefined) names.push(referenceOf(object, panel));
  }
  return names;
}

/** Since 7.11 a panel's reference carries the panel's index in front; before, the bare name. */
function referenceOf({ references }: SavedObject, { panelIndex, panelRefName = "" }: Panel): string {
  return references.some(({ name }) => name === panelRefName) ? panelRefName : `${panelIndex}:${panelRefName}`;
}

function checkReferenceNames(source: SourceObject): void {
  const { object } = source;
  const given = object.references.map(({ name }) => name);
  for (const name of usedNames(object))
    if (!given.includes(name)) throw fault(source, `uses the reference ${name}, which it doesn't list`);
  // Kibana's newer types name references by rules of their own, which are no fault.
  if (!["index-pattern", "search", "visualization", "dashboard"].includes(object.type)) return;
  const mentioned = new Set([...usedNames(object), ...texts(object.attributes)]);
  // A filter's reference stays behind in Kibana when the filter is removed.
  const left = "kibanaSavedObjectMeta.searchSourceJSON.filter[";
  const prefixes = ["tag-", "controlGroup_", left, ...panelsOf(object).map(({ panelIndex }) => `${panelIndex}:`)];
  for (const name of given)
    if (!mentioned.has(name) && !prefixes.some((prefix) => name.startsWith(prefix)))
      throw fault(source, `lists the reference ${name}, which it doesn't use`);
}

/** Every text inside a value, and inside the JSON that some texts are. */
function* texts(value: unknown): Generator<string> {
  if (typeof value === "string") {
    yield value;
    if (/^[{[]/.test(value)) yield* texts(parsedOrNull(value));
  } else if (value !== null && typeof value === "object") {
    for (const item of Object.values(value)) yield* texts(item);
  }
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

interface Panel {
  readonly panelIndex: string;
  readonly panelRefName?: string;
  readonly type?: string;
  readonly gridData: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
    readonly i: string;
  };
}

function panelsOf(object: SavedObject): readonly Panel[] {
  return object.type === "dashboard" ? (JSON.parse(String(object.attributes.panelsJSON)) as Panel[]) : [];
}

/** A Kibana dashboard is 48 columns wide. */
const COLUMNS = 48;

function checkPanels(source: SourceObject): void {
  const panels = panelsOf(source.object);
  for (const [index, { panelIndex, gridData: a, type, panelRefName }] of panels.entries()) {
    if (a.i !== panelIndex) throw fault(source, `panel ${panelIndex}: its gridData.i is ${a.i}`);
    if (a.x < 0 || a.y < 0 || a.w < 1 || a.h < 1 || a.x + a.w > COLUMNS) {
      throw fault(source, `panel ${panelIndex} doesn't fit into ${COLUMNS} columns`);
    }
    for (const { panelIndex: other, gridData: b } of panels.slice(index + 1)) {
      if (a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h) {
        throw fault(source, `the panels ${panelIndex} and ${other} overlap`);
      }
    }
    const reference = source.object.references.find(({ name }) => name === `${panelIndex}:${panelRefName}`);
    if (reference !== undefined && type !== undefined && reference.type !== type) {
      throw fault(source, `panel ${panelIndex} is of type ${type} and refers to a ${reference.type}`);
    }
  }
}
