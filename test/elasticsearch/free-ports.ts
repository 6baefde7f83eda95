import type { AddressInfo } from "node:net";
import { createServer } from "node:net";

/** A port that is free now, and the one that is `apart` above it too: HTTP and transport of one server. */
export async function freePorts(apart: number): Promise<number> {
  for (;;) {
    const first = await listen(0);
    const second = await listen(first.port + apart).catch(() => null);
    await first.close();
    await second?.close();
    if (second !== null) return first.port;
  }
}

async function listen(port: number): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
