import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { start, upload } from "./support/start.ts";

const FOLDER = new URL("../../../kibana-saved-objects/", import.meta.url);
const VIEW =
  '{"type":"index-pattern","id":"logstash","attributes":{"title":"logstash*","timeFieldName":"@timestamp"},"references":[]}';
const SEARCH =
  '{"type":"search","id":"s1","attributes":{"title":"Falco events"},"references":[{"id":"logstash","name":"i","type":"index-pattern"}],"coreMigrationVersion":"8.8.0","typeMigrationVersion":"7.9.3"}';
const importPath = "/api/saved_objects/_import?overwrite=true";

test("the suite's own saved objects are imported, and exported as they were", async () => {
  const app = await start();
  try {
    const names = (await readdir(FOLDER)).filter((name) => name.endsWith(".ndjson"));
    const lines = (await Promise.all(names.map((name) => readFile(new URL(name, FOLDER), "utf8"))))
      .join("\n")
      .split("\n")
      .filter((line) => line !== "");
    const answer = (await (await app.call("POST", importPath, upload(lines.join("\n")))).json()) as Record<
      string,
      unknown
    >;
    assert.equal(answer.success, true);
    assert.equal(answer.successCount, lines.length);
    const exported = await (await app.call("POST", "/api/saved_objects/_export", { type: "*" })).text();
    const back = exported.split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(back.at(-1)?.exportedCount, lines.length);
    for (const line of lines) {
      const sent = JSON.parse(line) as Record<string, unknown>;
      const got = back.find(({ type, id }) => type === sent.type && id === sent.id) ?? {};
      for (const key of Object.keys(sent)) assert.deepEqual(got[key], sent[key], `${sent.id}.${key}`);
    }
  } finally {
    await app.close();
  }
});

test("an import without overwrite reports conflicts, and success false with HTTP 200, as Kibana does", async () => {
  const app = await start();
  try {
    await app.call("POST", importPath, upload(VIEW));
    const response = await app.call("POST", "/api/saved_objects/_import", upload(`${VIEW}\n${SEARCH}\n`));
    assert.equal(response.status, 200);
    const answer = (await response.json()) as {
      success: boolean;
      successCount: number;
      errors: { id: string; error: { type: string } }[];
    };
    assert.deepEqual([answer.success, answer.successCount], [false, 1]);
    assert.deepEqual(
      answer.errors.map(({ id, error }) => [id, error.type]),
      [["logstash", "conflict"]],
    );
  } finally {
    await app.close();
  }
});

test("an object that refers to a data view that is nowhere, or of an unknown type, is not taken", async () => {
  const app = await start();
  try {
    const odd = '{"type":"canvas-workpad","id":"x","attributes":{}}';
    const answer = (await (await app.call("POST", importPath, upload(`${SEARCH}\n${odd}`))).json()) as {
      successCount: number;
      errors: { error: { type: string } }[];
    };
    assert.equal(answer.successCount, 0);
    assert.deepEqual(
      answer.errors.map(({ error }) => error.type),
      ["missing_references", "unsupported_type"],
    );
  } finally {
    await app.close();
  }
});

for (const [what, form, words] of [
  ["a line that is no JSON", upload(`${VIEW}\n{oops`), /line 2: not JSON/],
  ["an object without id", upload('{"type":"search","attributes":{}}'), /line 1: the key id is missing/],
  ["a file of another kind", upload(VIEW, "export.json"), /Invalid file extension/],
] as const) {
  test(`${what} is refused with 400 and the place`, async () => {
    const app = await start();
    try {
      const response = await app.call("POST", importPath, form);
      assert.equal(response.status, 400);
      assert.match(((await response.json()) as { message: string }).message, words);
    } finally {
      await app.close();
    }
  });
}

test("objects survive a restart, and a damaged file costs only itself", async () => {
  const first = await start();
  await first.call("POST", importPath, upload(`${VIEW}\n${SEARCH}`));
  await first.console.close();
  await writeFile(join(first.dataDir, "saved-objects/search/s1.json"), "{");
  const second = await start({ dataDir: first.dataDir });
  try {
    assert.equal((await second.call("GET", "/api/saved_objects/index-pattern/logstash")).status, 200);
    assert.equal((await second.call("GET", "/api/saved_objects/search/s1")).status, 404);
  } finally {
    await second.close();
    await first.close();
  }
});

test("objects are found by type and words of the title, page by page", async () => {
  const app = await start();
  try {
    for (const title of ["Alpha one", "Beta two", "Alpha three"])
      await app.call("POST", "/api/saved_objects/dashboard", { attributes: { title } });
    const find = async (query: string) =>
      (await (await app.call("GET", `/api/saved_objects/_find?${query}`)).json()) as {
        total: number;
        saved_objects: { attributes: { title: string } }[];
      };
    const alpha = await find("type=dashboard&search=alpha*");
    assert.deepEqual(
      alpha.saved_objects.map(({ attributes }) => attributes.title),
      ["Alpha one", "Alpha three"],
    );
    const page = await find("type=dashboard&per_page=2&page=2");
    assert.deepEqual([page.total, page.saved_objects.length], [3, 1]);
    assert.equal((await find("type=search&type=lens")).total, 0);
  } finally {
    await app.close();
  }
});

test("a write with an old version is a conflict", async () => {
  const app = await start();
  try {
    const made = (await (
      await app.call("POST", "/api/saved_objects/search/x", { attributes: { title: "a" } })
    ).json()) as { version: string };
    const path = "/api/saved_objects/search/x";
    assert.equal((await app.call("PUT", path, { attributes: { title: "b" }, version: made.version })).status, 200);
    assert.equal((await app.call("PUT", path, { attributes: { title: "c" }, version: made.version })).status, 409);
    assert.equal((await app.call("POST", path, { attributes: { title: "d" } })).status, 409);
    assert.equal((await app.call("DELETE", path)).status, 200);
    assert.equal((await app.call("DELETE", path)).status, 404);
  } finally {
    await app.close();
  }
});

test("an id that looks like a path stays inside the folder", async () => {
  const app = await start();
  try {
    const id = encodeURIComponent("../../../evil");
    assert.equal(
      (await app.call("POST", `/api/saved_objects/search/${id}`, { attributes: { title: "x" } })).status,
      200,
    );
    assert.deepEqual(await readdir(join(app.dataDir, "saved-objects/search")), [
      "%2E%2E%2F%2E%2E%2F%2E%2E%2Fevil.json",
    ]);
  } finally {
    await app.close();
  }
});

test("data views are made, listed and made the default as in Kibana", async () => {
  const app = await start();
  try {
    const body = {
      data_view: {
        id: "logstash",
        title: "logstash*",
        name: "Falco events",
        timeFieldName: "@timestamp",
        allowNoIndex: true,
      },
      override: true,
    };
    assert.equal((await app.call("POST", "/api/data_views/data_view", body)).status, 200);
    assert.equal((await app.call("POST", "/api/data_views/data_view", { data_view: body.data_view })).status, 400);
    assert.equal(
      (await app.call("POST", "/api/data_views/default", { data_view_id: "logstash", force: true })).status,
      200,
    );
    const list = (await (await app.call("GET", "/api/data_views")).json()) as {
      data_view: { id: string; timeFieldName: string }[];
    };
    assert.deepEqual(
      list.data_view.map(({ id, timeFieldName }) => [id, timeFieldName]),
      [["logstash", "@timestamp"]],
    );
    assert.deepEqual(await (await app.call("GET", "/api/data_views/default")).json(), { data_view_id: "logstash" });
    const status = (await (await app.call("GET", "/api/status")).json()) as { status: { overall: { level: string } } };
    assert.equal(status.status.overall.level, "available");
  } finally {
    await app.close();
  }
});
