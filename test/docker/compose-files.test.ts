import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lacks, ROOT } from "../support/requirements.ts";
import { cacheFolder } from "./cache-folder.ts";
import { composeProgram } from "./compose.ts";
import { run } from "./run.ts";

interface Service {
  readonly image: string;
  readonly read_only?: boolean;
  readonly cap_add?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly privileged?: boolean;
  readonly mem_limit?: string;
  readonly ports?: readonly { readonly host_ip?: string }[];
}

const PROFILES = ["elastic", "embedded", "elastic,generate", "embedded,generate,slack"];
/** Their start scripts write into their own folders. */
const WRITABLE = ["elasticsearch", "kibana", "falco-generate"];

async function servicesOf(
  profiles: string,
  environment: Record<string, string> = {},
): Promise<Record<string, Service>> {
  const program = await composeProgram(cacheFolder());
  const text = await run(program, ["config", "--format", "json"], {
    cwd: ROOT,
    environment: { COMPOSE_PROFILES: profiles, ...environment },
  });
  return (JSON.parse(text) as { services: Record<string, Service> }).services;
}

describe("compose.yaml", { skip: lacks("go"), timeout: 900_000 }, () => {
  for (const profiles of PROFILES) {
    it(`is valid with the profiles ${profiles}, and every container is fenced in`, async () => {
      for (const [name, service] of Object.entries(await servicesOf(profiles))) {
        assert.match(service.image, /:[^:/]*\d[^:/]*$/, `${name} names a version`);
        assert.ok(!service.image.endsWith(":latest"), `${name} isn't just the latest`);
        assert.ok(service.mem_limit, `${name} has a memory limit`);
        assert.deepEqual(service.cap_drop, ["ALL"], `${name} gives up every capability first`);
        assert.ok(!service.privileged, `${name} isn't privileged`);
        assert.ok(!service.cap_add?.includes("SYS_RESOURCE"), `${name} can't lift its limits`);
        if (!WRITABLE.includes(name)) assert.equal(service.read_only, true, `${name} has a read-only root`);
        for (const port of service.ports ?? []) assert.equal(port.host_ip, "127.0.0.1", `${name} is on loopback`);
      }
    });
  }

  it("starts Elasticsearch and Kibana, or the store and the console in their place", async () => {
    const elastic = Object.keys(await servicesOf("elastic"));
    const embedded = Object.keys(await servicesOf("embedded"));
    assert.ok(elastic.includes("elasticsearch") && elastic.includes("kibana") && !elastic.includes("falco-store"));
    assert.ok(embedded.includes("falco-store") && embedded.includes("falco-console"));
    assert.ok(!embedded.includes("elasticsearch") && !embedded.includes("kibana"));
  });

  it("takes the version of Elasticsearch and Kibana from one variable", async () => {
    const services = await servicesOf("elastic", { STACK_VERSION: "8.19.21" });
    assert.equal(services["elasticsearch"]?.image, "docker.elastic.co/elasticsearch/elasticsearch:8.19.21");
    assert.equal(services["kibana"]?.image, "docker.elastic.co/kibana/kibana:8.19.21");
  });
});
