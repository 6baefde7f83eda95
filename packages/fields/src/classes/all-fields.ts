import type { FieldSpec } from "../field-spec.ts";
import { CONTAINER_FIELDS } from "./container.ts";
import { EVT_FIELDS } from "./evt.ts";
import { EVT_LATENCY_FIELDS, EVT_TIME_FIELDS } from "./evt-time.ts";
import { FD_FIELDS } from "./fd.ts";
import { FDLIST_FIELDS } from "./fdlist.ts";
import { FS_PATH_FIELDS } from "./fs-path.ts";
import { GROUP_FIELDS } from "./group.ts";
import { K8S_FIELDS } from "./k8s.ts";
import { PROC_FIELDS } from "./proc.ts";
import { PROC_EXE_FIELDS } from "./proc-exe.ts";
import { PROC_LEADER_FIELDS } from "./proc-leaders.ts";
import { THREAD_FIELDS } from "./thread.ts";
import { USER_FIELDS } from "./user.ts";
import { UTIL_FIELDS } from "./util.ts";

/** Every field, in the order they are listed to users. */
export const ALL_FIELDS: readonly FieldSpec[] = [
  ...EVT_TIME_FIELDS,
  ...EVT_LATENCY_FIELDS,
  ...EVT_FIELDS,
  ...PROC_FIELDS,
  ...PROC_LEADER_FIELDS,
  ...PROC_EXE_FIELDS,
  ...THREAD_FIELDS,
  ...USER_FIELDS,
  ...GROUP_FIELDS,
  ...CONTAINER_FIELDS,
  ...K8S_FIELDS,
  ...FD_FIELDS,
  ...FS_PATH_FIELDS,
  ...FDLIST_FIELDS,
  ...UTIL_FIELDS,
];
