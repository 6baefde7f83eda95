import { connect } from "node:http2";
import { connect as connectSocket } from "node:net";

/** A gRPC call that the server answered with another status than OK. */
export class GrpcError extends Error {
  /** The status: 5 is NOT_FOUND, 12 UNIMPLEMENTED, 14 UNAVAILABLE. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** How long to wait and how much to read. */
export interface GrpcOptions {
  /** Milliseconds for the whole call. 5000 when absent. */
  readonly timeout?: number;
  /** Bytes of the answer at most. 8 MiB when absent. */
  readonly maxBytes?: number;
}

/**
 * Makes one unary gRPC call over a unix socket and gives the answer's message. A connection serves one call: CRI is asked
 * once a container.
 * @throws GrpcError for a status that is not OK, Error for everything else.
 */
export function callUnary(
  socketPath: string,
  method: string,
  request: Uint8Array,
  options: GrpcOptions = {},
): Promise<Uint8Array> {
  const timeout = options.timeout ?? 5000;
  const maxBytes = options.maxBytes ?? 8 << 20;
  return new Promise((resolve, reject) => {
    const session = connect("http://localhost", { createConnection: () => connectSocket(socketPath) });
    const timer = setTimeout(() => fail(new Error(`${socketPath}: no answer within ${timeout} ms`)), timeout);
    const finish = (): void => {
      clearTimeout(timer);
      session.destroy();
    };
    const fail = (error: Error): void => {
      finish();
      reject(error);
    };
    session.on("error", fail);
    const stream = session.request({
      ":method": "POST",
      ":path": method,
      "content-type": "application/grpc",
      te: "trailers",
    });
    const chunks: Buffer[] = [];
    let length = 0;
    let status = 200;
    let trailers: Readonly<Record<string, unknown>> = {};
    stream.on("response", (headers) => {
      status = headers[":status"] ?? 0;
      // A call that failed at once has its trailers here.
      if (headers["grpc-status"] !== undefined) trailers = headers;
    });
    stream.on("trailers", (headers) => {
      trailers = headers;
    });
    stream.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) fail(new Error(`${socketPath}: the answer is longer than ${maxBytes} bytes`));
      else chunks.push(chunk);
    });
    stream.on("error", fail);
    stream.on("end", () => {
      const code = Number(trailers["grpc-status"] ?? (status === 200 ? 2 : 14));
      if (code !== 0) {
        const message = decodeURIComponent(String(trailers["grpc-message"] ?? `HTTP status ${status}`));
        return fail(new GrpcError(code, `${socketPath}: ${method} answered ${code}: ${message}`));
      }
      try {
        const answer = unframe(Buffer.concat(chunks));
        finish();
        resolve(answer);
      } catch (error) {
        fail(error as Error);
      }
    });
    stream.end(frame(request));
  });
}

/** A message goes behind one byte (0: not compressed) and its length. */
function frame(message: Uint8Array): Uint8Array {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function unframe(bytes: Buffer): Uint8Array {
  if (bytes.length < 5) throw new Error("the answer holds no message");
  if (bytes[0] !== 0) throw new Error("the answer is compressed, which was not asked for");
  const length = bytes.readUInt32BE(1);
  if (bytes.length < 5 + length) throw new Error("the answer's message is cut");
  return bytes.subarray(5, 5 + length);
}
