import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { resolveIndices } from "../indices/resolve-indices.ts";
import { count } from "../search/search.ts";
import { type HttpContext, resolveOptions, searchOptions } from "./context.ts";
import { Params } from "./params.ts";
import { answer, answerText } from "./respond.ts";

type Row = Record<string, string>;

const RIGHT = new Set(["pri", "rep", "docs.count", "docs.deleted", "store.size", "pri.store.size", "dataset.size"]);

/** `_cat`: tables for people, or JSON with `format=json`. */
export function catRoutes(app: FastifyInstance, context: HttpContext): void {
  const { catalog } = context;
  for (const url of ["/_cat/indices", "/_cat/indices/:index"]) {
    app.get(url, async (request, reply) => {
      const params = new Params(request);
      const plain = params.text("bytes") !== undefined;
      const rows = resolveIndices(catalog, params.part("index"), resolveOptions(params)).map((index): Row => {
        const deleted = index.segments.reduce((sum, segment) => sum + segment.deletedCount, 0);
        const size = plain ? String(index.bytes) : printBytes(index.bytes);
        return {
          health: "green",
          status: "open",
          index: index.name,
          uuid: index.uuid,
          pri: "1",
          rep: "0",
          "docs.count": String(index.documents),
          "docs.deleted": String(deleted),
          "store.size": size,
          "pri.store.size": size,
          "dataset.size": size,
        };
      });
      return answerRows(request, reply, params, rows);
    });
  }
  for (const url of ["/_cat/count", "/_cat/count/:index"]) {
    app.get(url, async (request, reply) => {
      const params = new Params(request);
      const found = await count(catalog, params.part("index"), {}, searchOptions(context, params));
      const now = context.now();
      const row = {
        epoch: String(Math.floor(now / 1000)),
        timestamp: new Date(now).toISOString().slice(11, 19),
        count: String(found.count),
      };
      return answerRows(request, reply, params, [row]);
    });
  }
  app.get("/_cat/health", async (request, reply) => {
    const now = context.now();
    const shards = String(catalog.indices.size);
    const row = {
      epoch: String(Math.floor(now / 1000)),
      timestamp: new Date(now).toISOString().slice(11, 19),
      cluster: context.clusterName,
      status: "green",
      "node.total": "1",
      "node.data": "1",
      shards,
      pri: shards,
      relo: "0",
      init: "0",
      unassign: "0",
      pending_tasks: "0",
      max_task_wait_time: "-",
      active_shards_percent: "100.0%",
    };
    return answerRows(request, reply, new Params(request), [row]);
  });
  app.get("/_cat/nodes", async (request, reply) => {
    const rss = printBytes(process.memoryUsage.rss());
    const row = { ip: "127.0.0.1", "ram.current": rss, "node.role": "dim", master: "*", name: context.nodeName };
    return answerRows(request, reply, new Params(request), [row]);
  });
  app.get("/_cat/templates", async (request, reply) => {
    const rows = [...catalog.templates.index].map(([name, template]) => ({
      name,
      index_patterns: `[${[template.index_patterns].flat().join(", ")}]`,
      order: String(template.priority ?? 0),
      version: String(template.version ?? ""),
      composed_of: `[${(template.composed_of ?? []).join(", ")}]`,
    }));
    return answerRows(request, reply, new Params(request), rows);
  });
  app.get("/_cat/aliases", async (request, reply) => {
    const rows = [...catalog.indices.values()].flatMap((index) =>
      Object.keys(index.aliases).map((alias) => ({ alias, index: index.name, filter: "-", is_write_index: "-" })),
    );
    return answerRows(request, reply, new Params(request), rows);
  });
}

const SHORT: Readonly<Record<string, string>> = {
  h: "health",
  s: "status",
  i: "index",
  idx: "index",
  dc: "docs.count",
  ss: "store.size",
};

function answerRows(request: FastifyRequest, reply: FastifyReply, params: Params, input: Row[]): FastifyReply {
  let rows = input;
  for (const sort of (params.text("s") ?? "").split(",").filter(Boolean).reverse()) {
    const [name = "", direction] = sort.split(":");
    const key = SHORT[name] ?? name;
    rows = rows.toSorted(
      (a, b) => (a[key] ?? "").localeCompare(b[key] ?? "", "en", { numeric: true }) * (direction === "desc" ? -1 : 1),
    );
  }
  const wanted = params
    .text("h")
    ?.split(",")
    .map((name) => SHORT[name] ?? name);
  if (wanted) {
    rows = rows.map((row) =>
      Object.fromEntries(wanted.filter((name) => row[name] !== undefined).map((name) => [name, row[name] ?? ""])),
    );
  }
  if (params.text("format") === "json" || /json/.test(request.headers.accept ?? "")) {
    return answer(request, reply, rows);
  }
  const heads = Object.keys(rows[0] ?? {});
  const table = params.flag("v") === true ? [Object.fromEntries(heads.map((head) => [head, head])), ...rows] : rows;
  const widths = heads.map((head) => Math.max(...table.map((row) => (row[head] ?? "").length)));
  const lines = table.map((row) =>
    heads
      .map((head, i) => {
        const text = row[head] ?? "";
        const width = widths[i] ?? 0;
        return RIGHT.has(head) ? text.padStart(width) : i === heads.length - 1 ? text : text.padEnd(width);
      })
      .join(" "),
  );
  return answerText(reply, lines.map((line) => `${line}\n`).join(""));
}

/** Bytes for people: `1.5mb`. */
export function printBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < 4) {
    value /= 1024;
    unit += 1;
  }
  const text = Number.isInteger(value) || unit === 0 ? String(Math.round(value)) : value.toFixed(1);
  return `${text}${["b", "kb", "mb", "gb", "tb"][unit]}`;
}
