/** How long to wait and how much to read. */
export interface UnixRequestOptions {
  /** Milliseconds for the whole answer. 5000 when absent. */
  readonly timeout?: number;
  /** Bytes of the answer at most. 8 MiB when absent. */
  readonly maxBytes?: number;
}

/**
 * Gets a JSON document over HTTP from a unix socket. Null when the server says 404.
 * @throws on another status, no answer in time, too long an answer, or one that is no JSON.
 */
export function getJson(socketPath: string, path: string, options: UnixRequestOptions = {}): Promise<unknown> {
  const timeout = options.timeout ?? 5000;
  const maxBytes = options.maxBytes ?? 8 << 20;
  return new Promise((resolve, reject) => {
    // An import of node:http makes all it exports, Node's own client of the web among it: 14 MB that nothing here uses.
    const call = process
      .getBuiltinModule("node:http")
      .request(
        { socketPath, path, headers: { host: "localhost", connection: "close" }, signal: AbortSignal.timeout(timeout) },
        (response) => {
          const chunks: Buffer[] = [];
          let length = 0;
          response.on("data", (chunk: Buffer) => {
            length += chunk.length;
            if (length > maxBytes) response.destroy(new Error(`the answer is longer than ${maxBytes} bytes`));
            else chunks.push(chunk);
          });
          response.on("error", reject);
          response.on("end", () => {
            const status = response.statusCode ?? 0;
            if (status === 404) return resolve(null);
            if (status < 200 || status > 299) return reject(new Error(`${socketPath}: GET ${path} answered ${status}`));
            try {
              resolve(JSON.parse(Buffer.concat(chunks).toString("utf8")));
            } catch (cause) {
              reject(new Error(`${socketPath}: GET ${path} answered no JSON`, { cause }));
            }
          });
        },
      );
    call.on("error", reject);
    call.end();
  });
}
