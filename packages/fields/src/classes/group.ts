import { type FieldSpec, field } from "../field-spec.ts";

/** The group behind the event: the effective one, as Falco has it. */
export const GROUP_FIELDS: readonly FieldSpec[] = [
  field("group.gid", "UINT32", "Id of the group.", (e) => e.record.task.egid),
  field("group.name", "CHARBUF", "Name of the group.", (e) => {
    const { egid, pid } = e.record.task;
    const group = e.services.accounts.group(egid, e.accountSpace, pid);
    return group?.name ?? (egid === 0 ? "root" : "<NA>");
  }),
];
