import { type Action, STOCK, type Unprovoked } from "../action.ts";
import { CONTAINER_ACTIONS } from "./containers.ts";
import { DISGUISE_ACTIONS } from "./disguises.ts";
import { FILE_ACTIONS } from "./files.ts";
import { NETWORK_ACTIONS } from "./network.ts";
import { PROCESS_ACTIONS } from "./processes.ts";

/** Every action, in the order in which they are performed. */
export const ACTIONS: readonly Action[] = [
  ...FILE_ACTIONS,
  ...PROCESS_ACTIONS,
  ...DISGUISE_ACTIONS,
  ...CONTAINER_ACTIONS,
  ...NETWORK_ACTIONS,
];

/** Rules without an action. */
export const UNPROVOKED: readonly Unprovoked[] = [
  {
    rule: "Contact K8S API Server From Container",
    sets: STOCK,
    reason: "kubernetes.default.svc.cluster.local must have an address, which it has inside a Kubernetes cluster only",
  },
  {
    rule: "Detect outbound connections to common miner pool ports",
    sets: STOCK,
    reason: "the address must be one that a mining pool's name has, and nothing here connects to other hosts",
  },
  {
    rule: "Launch Disallowed Container",
    sets: STOCK,
    reason: "as published, the rule allows every container until its macro allowed_containers is replaced",
  },
  {
    rule: "Network Connection outside Local Subnet",
    sets: STOCK,
    reason: "as published, the list of Kubernetes namespaces that it watches is empty",
  },
];
