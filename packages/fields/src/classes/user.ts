import type { FieldValue } from "@falco-efk/event";
import type { User } from "../accounts/account-files.ts";
import type { EventContext } from "../event-context.ts";
import { type FieldSpec, field } from "../field-spec.ts";

const NO_UID = 0xffffffff;

function userOf(event: EventContext, uid: number): User | null {
  return uid === NO_UID ? null : event.services.accounts.user(uid, event.accountSpace, event.record.task.pid);
}

/** A text of the user; uid 0 has a name and a home even where no file says so, as in Falco. */
const text =
  (id: "euid" | "loginUid", read: (user: User) => string, ofRoot: string) =>
  (event: EventContext): FieldValue => {
    const uid = event.record.task[id];
    const user = userOf(event, uid);
    return user !== null ? read(user) : uid === 0 ? ofRoot : "<NA>";
  };

/** The user behind the event: the effective one, as Falco has it. */
export const USER_FIELDS: readonly FieldSpec[] = [
  field("user.uid", "UINT32", "Id of the user.", (e) => e.record.task.euid),
  field(
    "user.name",
    "CHARBUF",
    "Name of the user.",
    text("euid", (user) => user.name, "root"),
  ),
  field(
    "user.homedir",
    "CHARBUF",
    "Home directory of the user.",
    text("euid", (user) => user.home, "/root"),
  ),
  field(
    "user.shell",
    "CHARBUF",
    "Shell of the user.",
    text("euid", (user) => user.shell, "<NA>"),
  ),
  field("user.loginuid", "INT64", "Id of the user who logged in; -1 where nobody did.", (e) =>
    e.record.task.loginUid === NO_UID ? -1 : e.record.task.loginUid,
  ),
  field(
    "user.loginname",
    "CHARBUF",
    "Name of the user who logged in.",
    text("loginUid", (user) => user.name, "root"),
  ),
];
