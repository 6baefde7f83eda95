import { mkdir, readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { describeSystemError, type Logger, systemErrorCode, UserError, writeFileAtomic } from "@falco-efk/kit";
import { objectKey, type SavedObject } from "./saved-object.ts";

/** What a write may state beside the object itself. */
export interface PutOptions {
  /** The version that must be the stored one; the write fails with `CONFLICT` otherwise. */
  readonly version?: string | undefined;
}

/** Why an object could not be read or written. */
export class ObjectError extends Error {
  readonly code: "NOT_FOUND" | "CONFLICT";

  constructor(code: "NOT_FOUND" | "CONFLICT", message: string) {
    super(message);
    this.name = "ObjectError";
    this.code = code;
  }
}

/**
 * Saved objects as one file each under `directory/<type>/<id>.json`, all of them in memory as well.
 * A write is on the disk before its promise resolves.
 */
export interface ObjectStore {
  get(type: string, id: string): SavedObject | undefined;
  /** Every object, in order of type and id. */
  all(): readonly SavedObject[];
  put(object: SavedObject, options?: PutOptions): Promise<SavedObject>;
  /** Throws ObjectError `NOT_FOUND`. */
  remove(type: string, id: string): Promise<void>;
  /** The data view that Discover opens with, or null. */
  defaultDataView(): string | null;
  setDefaultDataView(id: string | null): Promise<void>;
}

/** Opens the folder, making it when it isn't there. A file that can't be parsed is left alone and named in the log. */
export async function openObjectStore(directory: string, logger: Logger, now: () => Date): Promise<ObjectStore> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new UserError(`can't make the console's data folder: ${describeSystemError(error)}`, {
      code: "DATA_DIR",
      file: directory,
      cause: error,
    });
  }
  const objects = await readAll(directory, logger);
  const settingsFile = join(directory, "settings.json");
  let defaultView = await readDefaultView(settingsFile, logger);
  let sequence = objects.size;
  // Two writes of one object must not overtake each other, nor may the conflict check and the write come apart.
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    queue = result.catch(() => undefined);
    return result;
  };

  return {
    get: (type, id) => objects.get(objectKey({ type, id })),
    all: () => [...objects.values()].sort((a, b) => compare(a.type, b.type) || compare(a.id, b.id)),
    put: (object, options = {}) =>
      inTurn(async () => {
        const key = objectKey(object);
        const before = objects.get(key);
        if (options.version !== undefined && options.version !== before?.version) {
          throw new ObjectError("CONFLICT", `the object ${key} was changed by someone else meanwhile`);
        }
        const time = now().toISOString();
        sequence += 1;
        const stored: SavedObject = {
          ...object,
          created_at: before?.created_at ?? object.created_at ?? time,
          updated_at: time,
          version: Buffer.from(JSON.stringify([sequence, now().getTime()])).toString("base64"),
        };
        await mkdir(join(directory, object.type), { recursive: true, mode: 0o700 });
        await writeFileAtomic(objectFile(directory, object.type, object.id), `${JSON.stringify(stored, null, 2)}\n`);
        objects.set(key, stored);
        return stored;
      }),
    remove: (type, id) =>
      inTurn(async () => {
        const key = objectKey({ type, id });
        if (!objects.has(key)) throw new ObjectError("NOT_FOUND", `Saved object [${type}/${id}] not found`);
        await unlink(objectFile(directory, type, id));
        objects.delete(key);
      }),
    defaultDataView: () => defaultView,
    setDefaultDataView: (id) =>
      inTurn(async () => {
        await writeFileAtomic(settingsFile, `${JSON.stringify({ defaultDataView: id })}\n`);
        defaultView = id;
      }),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function objectFile(directory: string, type: string, id: string): string {
  return join(directory, type, `${encodeURIComponent(id).replaceAll(".", "%2E").replaceAll("*", "%2A")}.json`);
}

async function readAll(directory: string, logger: Logger): Promise<Map<string, SavedObject>> {
  const objects = new Map<string, SavedObject>();
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    for (const name of await readdir(join(directory, entry.name))) {
      if (!name.endsWith(".json")) continue;
      const file = join(directory, entry.name, name);
      try {
        const object = JSON.parse(await readFile(file, "utf8")) as SavedObject;
        objects.set(objectKey(object), object);
      } catch (error) {
        logger.error({ file, reason: String(error) }, "a saved object can't be read and is left out");
      }
    }
  }
  return objects;
}

async function readDefaultView(file: string, logger: Logger): Promise<string | null> {
  try {
    const settings = JSON.parse(await readFile(file, "utf8")) as { defaultDataView?: string | null };
    return settings.defaultDataView ?? null;
  } catch (error) {
    if (systemErrorCode(error) !== "ENOENT") {
      logger.error({ file, reason: String(error) }, "the console's settings can't be read; defaults are used");
    }
    return null;
  }
}
