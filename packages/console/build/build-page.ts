import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** First load, compressed: the console's promise. */
const LIMIT_BYTES = 100_000;

const root = fileURLToPath(new URL("..", import.meta.url));
// Another folder may be named: tests build a page of their own, side by side.
const target = process.argv[2] ?? `${root}dist/page`;

await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
const result = await build({
  entryPoints: { page: `${root}page/main.tsx` },
  outdir: target,
  entryNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome114", "firefox135", "safari18"],
  jsx: "automatic",
  jsxImportSource: "preact",
  // The suite's own packages from their sources, so that the page never holds a stale build of them.
  conditions: ["@falco-efk/source"],
  legalComments: "none",
  write: false,
  logLevel: "warning",
});

let size = 0;
const names: string[] = [];
for (const file of result.outputFiles) {
  size += gzipSync(file.contents, { level: 9 }).length;
  names.push(basename(file.path));
  await writeFile(file.path, file.contents);
}
if (size > LIMIT_BYTES) throw new Error(`the page is ${size} bytes compressed: ${LIMIT_BYTES} are allowed`);
await writeFile(`${target}/index.html`, html(names));

function html(files: readonly string[]): string {
  const script = files.find((name) => name.endsWith(".js")) ?? "";
  const style = files.find((name) => name.endsWith(".css")) ?? "";
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Falco console</title>
<link rel="stylesheet" href="/assets/${style}">
<script type="module" src="/assets/${script}"></script>
</head>
<body>
<div id="app"><noscript>The console needs JavaScript.</noscript></div>
</body>
</html>
`;
}
