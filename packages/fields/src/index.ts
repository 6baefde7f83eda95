export { type AccountFiles, Accounts, type AccountsOptions, HOST_ACCOUNT_FILES } from "./accounts/accounts.ts";
export {
  bareDetails,
  type ContainerDetails,
  type ContainerMetadata,
  type ContainerMount,
  HOST_DETAILS,
  NO_METADATA,
} from "./containers/container-details.ts";
export { type ContainerRef, type ContainerType, containerOf } from "./containers/container-id.ts";
export { type ContainerOrHost, Containers, type ContainersOptions } from "./containers/containers.ts";
export { criRuntime } from "./containers/cri.ts";
export { discoverRuntimes, type FoundSocket, findSockets, type SocketFiles } from "./containers/discover.ts";
export { httpRuntime } from "./containers/http-runtime.ts";
export type { Runtime } from "./containers/runtime.ts";
export { RuntimeMetadata, type RuntimeMetadataOptions } from "./containers/runtime-metadata.ts";
export { EventContext, type EventServices } from "./event-context.ts";
export { DomainNames, type DomainNamesOptions, type ResolveName } from "./network/domain-names.ts";
export { joinPath } from "./paths.ts";
export type { ExecFigures } from "./processes/exec-figures.ts";
export {
  HOST_FILES,
  type ProcFiles,
  readBootTime,
  readCwd,
  readHostNamespaces,
  readParentPid,
  readProcess,
  scanProcesses,
} from "./processes/proc-reader.ts";
export { ProcessInfo, type ProcessOrigin } from "./processes/process-info.ts";
export { type AskedAgain, ProcessSavings } from "./processes/process-savings.ts";
export { ProcessTable } from "./processes/process-table.ts";
export type { ProcessTableCounters, ProcessTableOptions } from "./processes/process-table-options.ts";
export { createFieldResolver, dependsOnEnvironment, dependsOnPath, FIELD_DEFINITIONS } from "./resolver.ts";
