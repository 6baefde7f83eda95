import { addCloudMetadata } from "./kinds/cloud.ts";
import { decodeJsonFields, fingerprint } from "./kinds/decode.ts";
import { dissect } from "./kinds/dissect.ts";
import { dns } from "./kinds/dns.ts";
import { addDockerMetadata } from "./kinds/docker.ts";
import { addHostMetadata } from "./kinds/host.ts";
import { addKubernetesMetadata } from "./kinds/kubernetes.ts";
import { addProcessMetadata } from "./kinds/process.ts";
import { addFields, addId, addLabels, addLocale, addTags } from "./kinds/put.ts";
import { rateLimit } from "./kinds/rate-limit.ts";
import { script } from "./kinds/script.ts";
import { copyFields, dropEvent, dropFields, includeFields, rename } from "./kinds/select.ts";
import { timestamp } from "./kinds/timestamp.ts";
import { convert, replace, truncateFields } from "./kinds/values.ts";
import type { ProcessorKind } from "./processor.ts";

/** The processors by their names in the configuration. A new one is a function and a line here. */
export const PROCESSORS: Readonly<Record<string, ProcessorKind>> = {
  add_cloud_metadata: addCloudMetadata,
  add_docker_metadata: addDockerMetadata,
  add_fields: addFields,
  add_host_metadata: addHostMetadata,
  add_id: addId,
  add_kubernetes_metadata: addKubernetesMetadata,
  add_labels: addLabels,
  add_locale: addLocale,
  add_process_metadata: addProcessMetadata,
  add_tags: addTags,
  convert,
  copy_fields: copyFields,
  decode_json_fields: decodeJsonFields,
  dissect,
  dns,
  drop_event: dropEvent,
  drop_fields: dropFields,
  fingerprint,
  include_fields: includeFields,
  rate_limit: rateLimit,
  rename,
  replace,
  script,
  timestamp,
  truncate_fields: truncateFields,
};
