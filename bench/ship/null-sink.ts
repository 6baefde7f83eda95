import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A `_bulk` sink that throws documents away and counts them, in a process of its own. The first line on standard output is
 * its port; `GET /count` answers how many documents came, and when the first did (ms since 1970). Started with the word
 * `latency` it also keeps how long ago each document's time was when it answered, ms: `GET /latencies`.
 */
let documents = 0;
let first = 0;
const keepsLatency = process.argv[2] === "latency";
let latencies: number[] = [];

const server = createServer((request, response) => {
  let lines = 0;
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => {
    if (keepsLatency) chunks.push(chunk);
    for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, at + 1)) lines += 1;
  });
  request.on("end", () => {
    response.setHeader("x-elastic-product", "Elasticsearch");
    response.setHeader("content-type", "application/json");
    if (request.url === "/count") {
      response.end(JSON.stringify({ documents, first }));
      return;
    }
    if (request.url === "/latencies") {
      response.end(JSON.stringify(latencies));
      latencies = [];
      return;
    }
    const now = performance.timeOrigin + performance.now();
    for (const [, time = ""] of Buffer.concat(chunks)
      .toString("latin1")
      .matchAll(/"@timestamp":"([^"]{23})/g)) {
      latencies.push(now - Date.parse(`${time}Z`));
    }
    const count = lines / 2;
    if (first === 0 && count > 0) first = Date.now();
    documents += count;
    const items = Array.from({ length: count }, () => '{"create":{"status":201}}');
    response.end(`{"errors":false,"took":1,"items":[${items.join(",")}]}`);
  });
});

server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
