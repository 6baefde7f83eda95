import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ComparedAnswer, prepareConformance, runCase } from "./conformance-run.ts";
import { CONFORMANCE_CASES } from "./tables/conformance-cases.ts";

// Records a real Elasticsearch's answers: node --conditions=@falco-efk/source test/record-conformance.ts URL
const url = process.argv[2] ?? "http://127.0.0.1:9200";
const { version } = (await (await fetch(url)).json()) as { version: { number: string } };
await prepareConformance(url);
const answers: Record<string, ComparedAnswer> = {};
for (const one of CONFORMANCE_CASES) {
  answers[one.name] = await runCase(url, one);
}
const path = join(import.meta.dirname, "fixtures", "conformance-answers.json");
writeFileSync(path, `${JSON.stringify({ elasticsearch: version.number, answers }, null, 1)}\n`);
process.stdout.write(`${Object.keys(answers).length} answers of Elasticsearch ${version.number} in ${path}\n`);
