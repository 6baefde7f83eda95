import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { type TestContext, test } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { gunzipSync } from "node:zlib";
import type { HttpOutputSection } from "../src/config/config.ts";
import { createHttpDeliverer } from "../src/outputs/http.ts";
import type { LineDeliverer, Output } from "../src/outputs/output.ts";
import { createQueuedOutput } from "../src/outputs/queued-output.ts";
import { createSyslogDeliverer } from "../src/outputs/syslog.ts";
import { atEnd, configOf, makeCertificates, send, temporaryFolder, until } from "./support.ts";

function queued(context: TestContext, deliverer: LineDeliverer): { output: Output; troubles: string[] } {
  const troubles: string[] = [];
  const output = createQueuedOutput("out", deliverer, {
    capacity: 1000,
    trouble: (_cause, text) => troubles.push(text),
  });
  atEnd(context, () => output.close(500));
  return { output, troubles };
}

const RFC5424 = /^<12>1 \d{4}-\d\d-\d\dT[\d:.]+Z \S+ falco \d+ - - (.*)$/;

test("syslog over UDP is one RFC 5424 message a datagram", async (t) => {
  const received: string[] = [];
  const server = createSocket("udp4").on("message", (data) => received.push(data.toString()));
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(t, () => server.close());
  const section = { ...configOf().syslog_output, address: `udp://127.0.0.1:${server.address().port}` };
  const { output } = queued(t, createSyslogDeliverer(section));
  send(output, "one", "two");
  await until(() => received.length === 2);
  assert.deepEqual(
    received.map((text) => RFC5424.exec(text)?.[1]),
    ["one", "two"],
  );
});

function unframe(text: string): string[] {
  const messages: string[] = [];
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    const space = rest.indexOf(" ");
    const length = Number(rest.subarray(0, space).toString());
    messages.push(rest.subarray(space + 1, space + 1 + length).toString());
    rest = rest.subarray(space + 1 + length);
  }
  return messages;
}

test("syslog over TCP frames by length and connects again after a cut", async (t) => {
  let text = "";
  let connections = 0;
  const server = createTcpServer((socket) => {
    connections += 1;
    socket.on("data", (data) => {
      text += data.toString();
      if (connections === 1) socket.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(t, () => server.close());
  const address = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { output } = queued(t, createSyslogDeliverer({ ...configOf().syslog_output, address }));
  send(output, "übung");
  await until(() => unframe(text).length === 1);
  await until(() => {
    send(output, "later");
    return connections === 2 && unframe(text).length > 1;
  });
  assert.deepEqual(
    unframe(text)
      .slice(0, 2)
      .map((message) => RFC5424.exec(message)?.[1]),
    ["übung", "later"],
  );
});

test("syslog over TLS checks the server's certificate", async (t) => {
  const certificates = makeCertificates(temporaryFolder(t));
  let text = "";
  const server = createTlsServer(
    { cert: readFileSync(certificates.cert), key: readFileSync(certificates.key) },
    (socket) => socket.on("data", (data) => (text += data.toString())),
  );
  server.on("tlsClientError", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(t, () => server.close());
  const section = { ...configOf().syslog_output, address: `tls://localhost:${(server.address() as AddressInfo).port}` };
  const wary = queued(t, createSyslogDeliverer(section));
  send(wary.output, "secret");
  await until(() => wary.troubles.length > 0);
  assert.equal(text, "");
  const { output } = queued(t, createSyslogDeliverer({ ...section, ca_cert: certificates.ca }));
  send(output, "one");
  await until(() => unframe(text).length === 1);
  assert.equal(RFC5424.exec(unframe(text)[0] ?? "")?.[1], "one");
});

test("a syslog address or facility that is none is the user's error", () => {
  const section = configOf().syslog_output;
  assert.throws(() => createSyslogDeliverer({ ...section, address: "http://x" }), /is no syslog address/);
  assert.throws(() => createSyslogDeliverer({ ...section, facility: "loca0" }), /is no syslog facility/);
});

interface Received {
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

function receiver(answers: number[]): { listener: Parameters<typeof createServer>[1]; received: Received[] } {
  const received: Received[] = [];
  return {
    received,
    listener: (request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        received.push({ headers: request.headers, body: Buffer.concat(chunks) });
        response.writeHead(answers.shift() ?? 200).end("taken");
      });
    },
  };
}

async function listen(context: TestContext, server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(context, () => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

function http(section: Partial<HttpOutputSection>, echo: string[] = []): LineDeliverer {
  return createHttpDeliverer(
    { ...configOf().http_output, ...section },
    { json: true, echo: (text) => echo.push(text), retryMs: 5 },
  );
}

test("each alert is one POST, with Falco's headers", async (t) => {
  const { listener, received } = receiver([]);
  const port = await listen(t, createServer(listener));
  const echo: string[] = [];
  const { output } = queued(t, http({ url: `http://127.0.0.1:${port}/in`, echo: true }, echo));
  send(output, '{"a":1}', '{"a":2}');
  await output.drained(0);
  assert.deepEqual(received.map((request) => request.body.toString()).sort(), ['{"a":1}', '{"a":2}']);
  assert.equal(received[0]?.headers["content-type"], "application/json");
  assert.equal(received[0]?.headers["user-agent"], "falcosecurity/falco");
  assert.deepEqual(echo, ["taken", "taken"]);
});

test("failures that may pass are tried again, refusals are dropped and counted", async (t) => {
  const { listener, received } = receiver([503, 429, 200, 400]);
  const port = await listen(t, createServer(listener));
  const { output, troubles } = queued(t, http({ url: `http://127.0.0.1:${port}`, keep_alive: true }));
  send(output, "one");
  await output.drained(0);
  assert.equal(received.length, 3);
  send(output, "bad");
  await output.drained(0);
  assert.deepEqual(output.counters(), { accepted: 2, delivered: 1, dropped: 1, queued: 0 });
  assert.match(troubles[0] ?? "", /the server answered 400/);
});

test("a receiver that is not there costs the alert after the retries, not the engine", async (t) => {
  const { output, troubles } = queued(t, http({ url: "http://127.0.0.1:1/", max_retries: 1 }));
  send(output, "one");
  await output.drained(0);
  assert.equal(output.counters().dropped, 1);
  assert.match(troubles[0] ?? "", /connection refused, given up after 2 tries/);
});

test("uploads are compressed when asked for", async (t) => {
  const { listener, received } = receiver([]);
  const port = await listen(t, createServer(listener));
  const { output } = queued(t, http({ url: `http://127.0.0.1:${port}`, compress_uploads: true }));
  send(output, "plain");
  await output.drained(0);
  assert.equal(gunzipSync(received[0]?.body ?? Buffer.alloc(0)).toString(), "plain");
});

test("HTTPS is checked against the CA, and a client certificate is shown when asked for", async (t) => {
  const certificates = makeCertificates(temporaryFolder(t));
  const { listener, received } = receiver([]);
  const server = createHttpsServer(
    {
      cert: readFileSync(certificates.cert),
      key: readFileSync(certificates.key),
      ca: readFileSync(certificates.ca),
      requestCert: true,
      rejectUnauthorized: true,
    },
    listener,
  );
  const port = await listen(t, server as unknown as Server);
  const url = `https://localhost:${port}/`;
  const without = queued(t, http({ url, max_retries: 0 }));
  send(without.output, "one");
  await without.output.drained(0);
  assert.equal(without.output.counters().dropped, 1);
  const { output } = queued(
    t,
    http({
      url,
      ca_cert: certificates.ca,
      mtls: true,
      client_cert: certificates.clientCert,
      client_key: certificates.clientKey,
    }),
  );
  send(output, "two");
  await output.drained(0);
  assert.deepEqual(
    received.map((request) => request.body.toString()),
    ["two"],
  );
});

test("a URL or certificate that can't be used is the user's error", () => {
  assert.throws(() => http({ url: "" }), /is no http or https URL/);
  assert.throws(() => http({ url: "https://localhost/", ca_cert: "/does/not/exist" }), /can't be read/);
});
