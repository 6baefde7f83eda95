import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describeSystemError, UserError } from "@falco-efk/kit";

export interface Reference {
  readonly name: string;
  readonly type: string;
  readonly id: string;
}

/** One line of an export. */
export interface SavedObject {
  readonly type: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly Reference[];
  readonly coreMigrationVersion?: string;
  readonly typeMigrationVersion?: string;
  readonly migrationVersion?: Readonly<Record<string, string>>;
  readonly updated_at?: string;
}

/** A saved object with where it was read. */
export interface SourceObject {
  readonly object: SavedObject;
  readonly file: string;
  readonly line: number;
}

/** Files in the order in which a person would import them: what is referred to comes first. */
const FILE_ORDER = ["data-view", "searches", "pies", "charts", "tables", "dashboard"];

/** `type:id`. */
export function objectKey(object: { readonly type: string; readonly id: string }): string {
  return `${object.type}:${object.id}`;
}

/** Reads every `*.ndjson` of a folder. Throws UserError that names the file and line of what is no saved object. */
export function readSavedObjects(folder: string): SourceObject[] {
  let files: string[];
  try {
    files = readdirSync(folder).filter((file) => file.endsWith(".ndjson"));
  } catch (error) {
    throw new UserError(`can't be read: ${describeSystemError(error)}`, {
      code: "FILE_READ",
      file: folder,
      hint: "give the folder of the saved objects with --objects DIR",
      cause: error,
    });
  }
  if (files.length === 0) {
    throw new UserError("holds no *.ndjson file", {
      code: "OBJECTS",
      file: folder,
      hint: "give another with --objects DIR",
    });
  }
  const rank = (file: string): number => {
    const index = FILE_ORDER.indexOf(file.replace(/\.ndjson$/, ""));
    return index === -1 ? FILE_ORDER.length : index;
  };
  files.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  return files.flatMap((file) => parseSavedObjects(readFileSync(join(folder, file), "utf8"), join(folder, file)));
}

/** Parses NDJSON text; the export's closing line of details is left out. */
export function parseSavedObjects(text: string, file: string): SourceObject[] {
  const list: SourceObject[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const fault = (message: string): UserError =>
      new UserError(message, { code: "OBJECTS", file, line: index + 1, hint: "export the object from Kibana again" });
    let value: Partial<SavedObject> & { exportedCount?: number };
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw fault(`isn't JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (value?.exportedCount !== undefined) continue;
    if (typeof value?.type !== "string" || typeof value.id !== "string" || typeof value.attributes !== "object") {
      throw fault("isn't a saved object: type, id and attributes are expected");
    }
    list.push({ object: { ...(value as SavedObject), references: value.references ?? [] }, file, line: index + 1 });
  }
  return list;
}

/** Attributes whose value is a JSON text. */
const JSON_ATTRIBUTES = ["visState", "uiStateJSON", "panelsJSON", "optionsJSON"];

/** An object's content with its nested JSON parsed, without what a server adds: for comparing and for showing. */
export function contentOf(object: SavedObject): {
  attributes: Record<string, unknown>;
  references: readonly Reference[];
} {
  const attributes: Record<string, unknown> = { ...object.attributes };
  for (const name of JSON_ATTRIBUTES) if (name in attributes) attributes[name] = parsed(attributes[name]);
  const meta = attributes.kibanaSavedObjectMeta as { searchSourceJSON?: unknown } | undefined;
  if (meta?.searchSourceJSON !== undefined) {
    attributes.kibanaSavedObjectMeta = { ...meta, searchSourceJSON: parsed(meta.searchSourceJSON) };
  }
  if (object.type === "index-pattern") {
    // Kibana counts here how often each field is looked at: using a data view isn't editing it.
    delete attributes.fieldAttrs;
    delete attributes.fields;
  }
  const references = [...object.references].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { attributes, references };
}

function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
