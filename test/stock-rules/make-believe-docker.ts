import { createServer, type Server } from "node:http";

/**
 * Answers at a unix socket as Docker does for one container, whatever its id: privileged, with the host's /etc in it. What
 * falco-generate makes is a container to the kernel only; the rules on privileges and mounts ask the runtime, too.
 */
export async function startMakeBelieveDocker(socket: string): Promise<Server> {
  const server = createServer((request, response) => {
    const id = /\/containers\/([0-9a-f]{64})\/json/.exec(request.url ?? "")?.[1];
    response.setHeader("content-type", "application/json");
    response.statusCode = id === undefined ? 404 : 200;
    response.end(JSON.stringify(id === undefined ? { message: "no such object" } : inspect(id)));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return server;
}

function inspect(id: string): object {
  return {
    Id: id,
    Name: "/make-believe",
    Created: "2026-01-01T00:00:00Z",
    Image: `sha256:${"0".repeat(64)}`,
    Config: { Image: "example.org/make-believe:1", Labels: {} },
    HostConfig: { Privileged: true },
    Mounts: [{ Source: "/etc", Destination: "/somewhere", Mode: "ro", RW: false, Propagation: "rprivate" }],
  };
}
