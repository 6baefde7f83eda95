import { readFileSync } from "node:fs";
import { join } from "node:path";
import { containerIdOfCgroup } from "../container-id.ts";
import { type DockerContainer, DockerContainers } from "../docker-containers.ts";
import { asText, type EventObject, getField, setField } from "../event.ts";
import type { ProcessorKind } from "../processor.ts";
import { readTls } from "../tls-settings.ts";

/** Adds name, image and labels of the container that an event names, as Docker's socket tells them. */
export const addDockerMetadata: ProcessorKind = (settings, context) => {
  const host = settings.text("host", "unix:///var/run/docker.sock");
  if (!/^(?:unix:\/\/\/|tcp:\/\/|https?:\/\/)/.test(host)) {
    throw settings.error("unix:///path, tcp://host:port or https://host:port is expected", "host");
  }
  const fields = settings.texts("match_fields", ["container.id", "output_fields.container.id"]);
  const pids = settings.texts("match_pids", ["process.pid", "process.parent.pid", "output_fields.proc.pid"]);
  const bySource = settings.flag("match_source", true);
  const sourceIndex = settings.number("match_source_index", 4);
  const dedot = settings.inner("labels").flag("dedot", true);
  const root = settings.text("host_path", "/");
  settings.ignore("match_short_id", "skip_older");
  const tls = settings.has("ssl") ? readTls(settings.inner("ssl")) : undefined;
  const containers = new DockerContainers(
    {
      host,
      timeoutMs: settings.duration("timeout", "2s"),
      cleanupMs: settings.duration("cleanup_timeout", "60s"),
      ...(tls === undefined ? {} : { tls }),
    },
    context,
  );
  return (event, origin) => {
    const id =
      idOfFields(event, fields) ??
      (bySource ? idOfPath(origin.path, sourceIndex) : null) ??
      idOfProcesses(event, pids, root);
    if (id === null) return event;
    const found = containers.find(id);
    if (found instanceof Promise) return found.then((container) => add(event, container, dedot));
    return add(event, found, dedot);
  };
};

const ID = /^[0-9a-f]{12,64}$/;

function idOfFields(event: EventObject, fields: readonly string[]): string | null {
  for (const field of fields) {
    const text = asText(getField(event, field));
    if (text !== null && ID.test(text)) return text;
  }
  return null;
}

/** `/var/lib/docker/containers/<id>/<id>-json.log` */
function idOfPath(path: string, index: number): string | null {
  const part = path.split("/").filter((name) => name !== "")[index] ?? "";
  return /^[0-9a-f]{64}$/.test(part) ? part : null;
}

function idOfProcesses(event: EventObject, fields: readonly string[], root: string): string | null {
  for (const field of fields) {
    const pid = Number(getField(event, field));
    if (!Number.isInteger(pid) || pid <= 0) continue;
    try {
      const id = containerIdOfCgroup(readFileSync(join(root, "proc", String(pid), "cgroup"), "utf8"));
      if (id !== null) return id;
    } catch {
      // The process is gone.
    }
  }
  return null;
}

function add(event: EventObject, container: DockerContainer | null, dedot: boolean): EventObject {
  if (container === null) return event;
  setField(event, "container.id", container.id);
  setField(event, "container.name", container.name);
  setField(event, "container.image.name", container.image);
  const labels = Object.entries(container.labels);
  if (labels.length === 0) return event;
  setField(
    event,
    "container.labels",
    Object.fromEntries(labels.map(([name, value]) => [dedot ? name.replaceAll(".", "_") : name, value])),
  );
  return event;
}
