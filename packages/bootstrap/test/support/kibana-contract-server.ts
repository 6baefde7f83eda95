import type { SavedObject } from "../../src/index.ts";
import {
  type ContractAnswer,
  type ContractRequest,
  type ContractServer,
  startContractServer,
} from "./contract-server.ts";
import { KIBANA, type Product } from "./kibana-products.ts";
import { parseMultipart } from "./multipart.ts";

export interface KibanaOptions {
  /** Kibana unless told otherwise. */
  readonly product?: Product;
  readonly version?: string;
  /** How often `/api/status` says `unavailable` first. */
  readonly starting?: number;
  /** Saved objects can be read and not written. */
  readonly readOnly?: boolean;
  /** Types it doesn't know. */
  readonly unsupported?: readonly string[];
}

/** What stands in the server, and levers to act on it as a user would. */
export interface KibanaContract extends ContractServer {
  readonly objects: Map<string, Stored>;
  defaultDataView: string | null;
  readonly connectors: Map<string, Record<string, unknown>>;
  readonly rules: Map<string, Record<string, unknown>>;
  /** Changes an object as a user does in Kibana: `updated_at` moves. */
  edit(key: string, change: (object: Stored) => void): void;
  /** Turns a JSON attribute round without a user: as an upgrade's migration does, `updated_at` stays. */
  migrate(key: string, attribute: string, value: string): void;
}

type Stored = { -readonly [K in keyof SavedObject]: SavedObject[K] } & { updated_at: string };

/**
 * Answers as Kibana 8.8 and later does on the paths that bootstrap uses: the xsrf header, the multipart form, the file's suffix,
 * query parameters, references, versions, migrations, `success: false` with status 200. Facts from Kibana's published API
 * description and its route definitions.
 */
export async function startKibanaContract(options: KibanaOptions = {}): Promise<KibanaContract> {
  const product = options.product ?? KIBANA;
  const objects = new Map<string, Stored>();
  const connectors = new Map<string, Record<string, unknown>>();
  const rules = new Map<string, Record<string, unknown>>();
  let starting = options.starting ?? 0;
  let defaultDataView: string | null = null;
  let clock = Date.parse("2026-01-01T00:00:00Z");
  const tick = (): string => {
    clock += 1000;
    return new Date(clock).toISOString();
  };

  const handle = (request: ContractRequest): ContractAnswer => {
    const { method, path } = request;
    if (method !== "GET" && request.headers[product.xsrfHeader] === undefined) {
      return bad(`Request must contain a ${product.xsrfHeader} header.`);
    }
    if (path === "/api/status") {
      const available = starting <= 0;
      starting -= 1;
      const body = product.status(options.version ?? product.version, available);
      return { status: available ? 200 : 503, body };
    }
    if (options.readOnly === true && path.endsWith("/_import"))
      return { status: 403, body: { statusCode: 403, error: "Forbidden", message: "Unable to bulk_create dashboard" } };
    if (method === "POST" && path === "/api/saved_objects/_import") return importObjects(request);
    if (method === "POST" && path === "/api/saved_objects/_export") return exportObjects(request);
    const object = /^\/api\/saved_objects\/([^/]+)\/([^/]+)$/.exec(path);
    if (object !== null && method === "DELETE") {
      return objects.delete(`${object[1]}:${object[2]}`)
        ? { status: 200, body: {} }
        : notFound(`Saved object [${object[1]}/${object[2]}] not found`);
    }
    if (path === product.defaultDataViewPath) return dataView(request);
    if (product !== KIBANA) return notFound("Not Found");
    const connector = /^\/api\/actions\/connector\/([^/]+)$/.exec(path)?.[1];
    if (connector !== undefined)
      return resource(connectors, connector, request, ["name", "connector_type_id", "config", "secrets"]);
    const rule = /^\/api\/alerting\/rule\/([^/]+)$/.exec(path)?.[1];
    if (rule !== undefined) return ruleAnswer(rule, request);
    return notFound("Not Found");
  };

  const importObjects = (request: ContractRequest): ContractAnswer => {
    const contentType = request.headers["content-type"] ?? "";
    if (!contentType.startsWith("multipart/form-data")) {
      return {
        status: 415,
        body: { statusCode: 415, error: "Unsupported Media Type", message: "Unsupported Media Type" },
      };
    }
    for (const [key, value] of request.query) {
      if (!product.importQuery.includes(key)) {
        return bad(`[request query.${key}]: definition for this key is missing`);
      }
      if (value !== "true" && value !== "false") return bad(`[request query.${key}]: expected value of type [boolean]`);
    }
    const parts = parseMultipart(request.body, contentType);
    const file = parts.find(({ name }) => name === "file");
    if (parts.length !== 1 || file?.filename == null)
      return bad("[request body.file]: expected value of type [Stream]");
    const suffix = /\.[^.]*$/.exec(file.filename)?.[0] ?? "";
    if (suffix !== ".ndjson") return bad(`Invalid file extension ${suffix}`);
    let list: Stored[];
    try {
      list = file.data
        .split("\n")
        .filter((line) => line.trim() !== "")
        .map((line) => JSON.parse(line))
        // The last line of an export tells what was exported.
        .filter((value) => value.exportedCount === undefined);
    } catch (error) {
      return bad(error instanceof Error ? error.message : String(error));
    }
    const keys = list.map(({ type, id }) => `${type}:${id}`);
    const twice = keys.filter((key, index) => keys.indexOf(key) !== index);
    if (twice.length > 0) return bad(`Non-unique import objects detected: [${twice.join(",")}]`);
    return take(list, keys, request.query.get("overwrite") === "true");
  };

  const take = (list: readonly Stored[], keys: readonly string[], overwrite: boolean): ContractAnswer => {
    const errors: Record<string, unknown>[] = [];
    const fail = ({ type, id, attributes }: Stored, error: object) =>
      errors.push({ type, id, meta: { title: attributes.title }, error });
    const known = list.filter((object) => {
      const supported = object.type in product.latest && !(options.unsupported ?? []).includes(object.type);
      if (!supported) fail(object, { type: "unsupported_type" });
      return supported;
    });
    const unsupported = errors.length;
    for (const object of known) {
      const stated = object.typeMigrationVersion ?? object.migrationVersion?.[object.type] ?? "";
      const latest = product.latest[object.type] as string;
      if (newer(stated, latest)) {
        return {
          status: 422,
          body: {
            statusCode: 422,
            error: "Unprocessable Entity",
            message: `Document "${object.id}" belongs to a more recent version of Kibana [${stated}] when the last known version is [${latest}].`,
          },
        };
      }
      const missing = (object.references ?? []).filter(
        ({ type, id }) =>
          ["index-pattern", "search"].includes(type) &&
          !keys.includes(`${type}:${id}`) &&
          !objects.has(`${type}:${id}`),
      );
      const refused = product.refusal(object);
      if (refused !== null) fail(object, { type: "unknown", statusCode: 400, message: refused });
      else if (missing.length > 0)
        fail(object, { type: "missing_references", references: missing.map(({ type, id }) => ({ type, id })) });
      else if (!overwrite && objects.has(`${object.type}:${object.id}`)) fail(object, { type: "conflict" });
    }
    if (errors.length === unsupported)
      for (const object of known) objects.set(`${object.type}:${object.id}`, store(object));
    const taken = errors.length === unsupported ? known : [];
    return {
      status: 200,
      body: {
        success: errors.length === 0,
        successCount: taken.length,
        successResults: taken.map(({ type, id }) => ({ type, id, managed: false })),
        ...(errors.length === 0 ? {} : { errors }),
      },
    };
  };

  const store = (object: Stored): Stored => ({ ...product.stored(object), updated_at: tick() });

  const exportObjects = (request: ContractRequest): ContractAnswer => {
    const body = request.json() as { objects?: { type: string; id: string }[]; excludeExportDetails?: boolean };
    if (body.objects === undefined) return bad("Either `type` or `objects` are required.");
    const missing = body.objects.filter(({ type, id }) => !objects.has(`${type}:${id}`));
    if (missing.length > 0) {
      const listed = missing.map((pointer) => ({
        ...pointer,
        error: { statusCode: 404, error: "Not Found", message: "not found" },
      }));
      return {
        status: 400,
        body: {
          statusCode: 400,
          error: "Bad Request",
          message: "Error fetching objects to export",
          attributes: { objects: listed },
        },
      };
    }
    const lines = body.objects.map(({ type, id }) => JSON.stringify(objects.get(`${type}:${id}`)));
    if (body.excludeExportDetails !== true)
      lines.push(JSON.stringify({ exportedCount: lines.length, missingRefCount: 0, missingReferences: [] }));
    return { status: 200, body: lines.join("\n"), headers: { "content-type": "application/ndjson" } };
  };

  const dataView = (request: ContractRequest): ContractAnswer => {
    if (request.method === "GET") return { status: 200, body: product.showDefaultDataView(defaultDataView) };
    const asked = product.readDefaultDataView(request.json());
    if (asked.id === undefined) return bad("[request body]: expected at least one defined value");
    if (defaultDataView === null || asked.force) defaultDataView = asked.id;
    return { status: 200, body: { acknowledged: true } };
  };

  const resource = (
    map: Map<string, Record<string, unknown>>,
    id: string,
    request: ContractRequest,
    keys: readonly string[],
  ): ContractAnswer => {
    if (request.method === "DELETE")
      return map.delete(id) ? { status: 204 } : notFound(`Saved object [${id}] not found`);
    if (request.method !== "GET") {
      const body = request.json() as Record<string, unknown>;
      const stray = Object.keys(body).find((key) => !keys.includes(key));
      if (stray !== undefined) return bad(`[request body.${stray}]: definition for this key is missing`);
      if (request.method === "POST" && map.has(id))
        return { status: 409, body: { statusCode: 409, message: "conflict" } };
      map.set(id, { ...map.get(id), ...body, id });
    }
    const found = map.get(id);
    if (found === undefined) return notFound(`Saved object [${id}] not found`);
    const { secrets: _never, ...shown } = found;
    return { status: 200, body: shown };
  };

  const ruleAnswer = (id: string, request: ContractRequest): ContractAnswer => {
    const keys = [
      "name",
      "schedule",
      "params",
      "actions",
      "tags",
      ...(request.method === "POST" ? ["consumer", "rule_type_id", "enabled"] : []),
    ];
    const answer = resource(rules, id, request, keys);
    const body = answer.body as { actions?: Record<string, unknown>[]; params?: Record<string, unknown> } | undefined;
    if (answer.status !== 200 || body?.actions === undefined) return answer;
    // Kibana adds to what it was given.
    const actions = body.actions.map((action) => ({ ...action, uuid: "u", connector_type_id: ".slack" }));
    return { ...answer, body: { ...body, actions, params: { ...body.params, aggType: "count", groupBy: "all" } } };
  };

  const server = await startContractServer(handle, { [product.nameHeader]: "contract" });
  return {
    ...server,
    objects,
    connectors,
    rules,
    get defaultDataView() {
      return defaultDataView;
    },
    set defaultDataView(id) {
      defaultDataView = id;
    },
    edit(key, change) {
      const object = objects.get(key) as Stored;
      change(object);
      object.updated_at = tick();
    },
    migrate(key, attribute, value) {
      const object = objects.get(key) as Stored;
      object.attributes = { ...object.attributes, [attribute]: value };
    },
  };
}

function bad(message: string): ContractAnswer {
  return { status: 400, body: { statusCode: 400, error: "Bad Request", message } };
}

function notFound(message: string): ContractAnswer {
  return { status: 404, body: { statusCode: 404, error: "Not Found", message } };
}

function newer(a: string, b: string): boolean {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (let index = 0; index < 3; index++) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
