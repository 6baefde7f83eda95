import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { UserError } from "@falco-efk/kit";
import { kibanaEndpoint } from "./endpoint.ts";
import { connect } from "./http.ts";
import { exportObjects } from "./kibana/object-api.ts";
import { objectKey, readSavedObjects, type SavedObject } from "./kibana/saved-object.ts";
import { type BootstrapOptions, withDefaults } from "./options.ts";

/**
 * Writes Kibana's present form of our saved objects into `folder`, in the same files as the source, so that a user's edits can
 * be kept in version control. Answers the files and the keys that Kibana doesn't have.
 */
export async function exportToFolder(
  options: BootstrapOptions,
  folder: string,
): Promise<{ files: readonly string[]; missing: readonly string[] }> {
  const full = withDefaults(options);
  if (full.kibana === null)
    throw new UserError("export reads from Kibana", { code: "USAGE", hint: "give --kibana URL" });
  const sources = readSavedObjects(full.objects);
  const client = connect(kibanaEndpoint(full, full.kibana));
  let found: Map<string, SavedObject>;
  try {
    found = await exportObjects(
      client,
      sources.map(({ object }) => object),
    );
  } finally {
    await client.close();
  }
  mkdirSync(folder, { recursive: true });
  const files: string[] = [];
  for (const [file, group] of Map.groupBy(sources, (source) => basename(source.file))) {
    const lines = group
      .flatMap(({ object }) => found.get(objectKey(object)) ?? [])
      .map((object) => `${lineOf(object)}\n`);
    if (lines.length === 0) continue;
    writeFileSync(join(folder, file), lines.join(""));
    files.push(join(folder, file));
  }
  const missing = sources.map(({ object }) => objectKey(object)).filter((key) => !found.has(key));
  return { files, missing };
}

/** One object as the source has it: without what belongs to one Kibana (times, users, document version). */
function lineOf(object: SavedObject): string {
  const { type, id, attributes, references, coreMigrationVersion, typeMigrationVersion, migrationVersion } = object;
  return JSON.stringify({
    type,
    id,
    attributes,
    references,
    coreMigrationVersion,
    typeMigrationVersion,
    migrationVersion,
  });
}
