export { bootstrap, destroyBootstrap, planBootstrap, planDestroy, type Report } from "./bootstrap.ts";
export { type Difference, differences } from "./canonical.ts";
export type { Cluster, Flavour, Progress } from "./cluster/inspect-cluster.ts";
export { exportToFolder } from "./export-objects.ts";
export { readKeystore, type Secrets, updateKeystore } from "./keystore-file.ts";
export { checkSavedObjects } from "./kibana/check-objects.ts";
export type { KibanaFlavour, KibanaServer } from "./kibana/inspect-kibana.ts";
export {
  parseSavedObjects,
  type Reference,
  readSavedObjects,
  type SavedObject,
  type SourceObject,
} from "./kibana/saved-object.ts";
export type { BootstrapOptions, Credentials } from "./options.ts";
export type { Action, Item, State, Step } from "./plan/resource.ts";
export { dayTemplate, mappingsTemplate, NAMES, settingsTemplate, streamTemplate } from "./templates/event-templates.ts";
export { mappedType } from "./templates/mapped-field.ts";
export { eventMappings } from "./templates/mappings.ts";
export type { Threshold } from "./threshold.ts";
