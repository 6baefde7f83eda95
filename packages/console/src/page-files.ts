import { readdir, readFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { UserError } from "@falco-efk/kit";
import type { FastifyInstance, FastifyReply } from "fastify";

/** Where `npm run build:page` writes the page, seen from the sources and from the built package alike. */
const PAGE_DIRECTORY = fileURLToPath(new URL("../dist/page/", import.meta.url));

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".html": "text/html; charset=utf-8",
};

interface PageFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
}

/** Serves the page: its few files, read and compressed once. Throws UserError (`PAGE_MISSING`) when it isn't built. */
export async function addPageRoutes(app: FastifyInstance, directory: string = PAGE_DIRECTORY): Promise<void> {
  const files = await readPage(directory);
  const index = files.get("index.html");
  if (index === undefined) throw pageMissing(directory);

  app.get<{ Params: { name: string } }>("/assets/:name", async (request, reply) => {
    const file = files.get(request.params.name);
    if (file === undefined)
      return reply.code(404).send({ statusCode: 404, error: "Not Found", message: "no such file" });
    // The name holds the content's hash, so a copy never goes stale.
    return sendFile(
      reply.header("cache-control", "public, max-age=31536000, immutable"),
      file,
      request.headers["accept-encoding"],
    );
  });
  for (const path of ["/app", "/app/*", "/login"]) {
    app.get(path, async (request, reply) =>
      sendFile(reply.header("cache-control", "no-cache"), index, request.headers["accept-encoding"]),
    );
  }
  app.get("/", async (_request, reply) => reply.redirect("/app/discover", 302));
  app.get("/favicon.ico", async (_request, reply) => reply.code(204).send());
}

async function readPage(directory: string): Promise<Map<string, PageFile>> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    throw pageMissing(directory, error);
  }
  const files = new Map<string, PageFile>();
  for (const name of names) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const plain = await readFile(`${directory}/${name}`);
    files.set(name, { type, plain, gzip: gzipSync(plain, { level: 9 }) });
  }
  return files;
}

function pageMissing(directory: string, cause?: unknown): UserError {
  return new UserError("the console's page is not built", {
    code: "PAGE_MISSING",
    file: directory,
    hint: "run `npm run build:page -w @falco-efk/console`",
    cause,
  });
}

function sendFile(reply: FastifyReply, file: PageFile, accepted: string | undefined): FastifyReply {
  reply.header("content-type", file.type).header("vary", "accept-encoding");
  if (accepted?.includes("gzip")) return reply.header("content-encoding", "gzip").send(file.gzip);
  return reply.send(file.plain);
}
