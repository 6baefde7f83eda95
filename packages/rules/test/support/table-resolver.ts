import type { FieldAccess, FieldDefinition, FieldError, FieldResolver, FieldType, FieldValue } from "@falco-efk/event";

/** A test's event: values by field text, such as `proc.aname[2]`. */
export type TableEvent = Readonly<Record<string, FieldValue>>;

type Spec = readonly [name: string, type: FieldType, argument?: FieldDefinition["argument"], list?: boolean];

// The fields of Falco's stock rules with Falco's types, and some of each other type.
const SPECS: readonly Spec[] = [
  ...texts(`evt.type syscall.type evt.res evt.args evt.time evt.time.iso8601 evt.category proc.name proc.exe proc.exepath
    proc.cmdline proc.pname proc.pexe proc.pexepath proc.pcmdline proc.cwd proc.sname proc.env proc.args user.name user.loginname
    group.name fd.name fd.nameraw fd.directory fd.filename fd.type fd.typechar fd.l4proto fd.sockfamily fd.cip.name
    fd.sip.name fd.lip.name fd.rip.name container.id container.name container.image.repository container.image.tag
    container.mounts k8s.ns.name k8s.pod.name thread.cap_permitted thread.cap_effective ka.verb`),
  ["proc.aname", "CHARBUF", "optional-index"],
  ["proc.aexe", "CHARBUF", "optional-index"],
  ["proc.aexepath", "CHARBUF", "optional-index"],
  ["evt.arg", "CHARBUF", "required-key"],
  ["container.mount.dest", "CHARBUF", "required-key"],
  ["proc.arglist", "CHARBUF", "none", true],
  ...of("INT64", "evt.rawres user.loginuid proc.vpid proc.pid proc.duration proc.apid fd.num group.lid"),
  ...of("UINT32", "user.uid group.gid proc.tty evt.cpu"),
  ...of("UINT64", "evt.num proc.nthreads"),
  ...of(
    "BOOL",
    `evt.is_open_read evt.is_open_write evt.is_open_exec proc.is_exe_upper_layer proc.is_exe_from_memfd
    proc.is_vpgid_leader container.privileged fd.connected fd.name_changed`,
  ),
  ...of("PORT", "fd.port fd.sport fd.cport fd.lport fd.rport"),
  ...of("IPADDR", "fd.ip fd.cip fd.sip fd.lip fd.rip"),
  ...of("IPNET", "fd.net fd.cnet fd.snet fd.lnet fd.rnet"),
  ...of("BYTEBUF", "evt.buffer"),
  ...of("DOUBLE", "thread.cpu"),
  ...of("RELTIME", "container.start_ts proc.exe_ino.ctime_duration_proc_start"),
  ...of("ABSTIME", "proc.exe_ino.ctime proc.exe_ino.mtime"),
];

function texts(names: string): Spec[] {
  return of("CHARBUF", names);
}

function of(type: FieldType, names: string): Spec[] {
  return names
    .trim()
    .split(/\s+/)
    .map((name) => [name, type]);
}

const DEFINITIONS: readonly FieldDefinition[] = SPECS.map(([name, type, argument = "none", list = false]) => ({
  name,
  type,
  list,
  argument,
  description: name,
  class: name.slice(0, name.indexOf(".")),
}));

const BY_NAME = new Map(DEFINITIONS.map((definition) => [definition.name, definition]));

function resolve(name: string, argument: string | null): FieldAccess<TableEvent> | FieldError {
  const dotted = name.startsWith("evt.arg.") && argument === null;
  const definition = BY_NAME.get(dotted ? "evt.arg" : name);
  if (definition === undefined) return { code: "unknown-field", message: `unknown field '${name}'` };
  if (definition.argument === "none" && argument !== null) {
    return { code: "unexpected-argument", message: `the field ${name} takes no argument` };
  }
  if (definition.argument.startsWith("required") && argument === null && !dotted) {
    return { code: "missing-argument", message: `the field ${name} needs an argument` };
  }
  if (definition.argument.endsWith("index") && argument !== null && !/^[0-9]+$/.test(argument)) {
    return { code: "bad-argument", message: `the argument of ${name} must be a number` };
  }
  const key = argument === null ? name : `${name}[${argument}]`;
  return { definition, argument, extract: (event) => event[key] ?? null };
}

/** Resolves fields over plain objects. */
export const tableResolver: FieldResolver<TableEvent> = { definitions: DEFINITIONS, resolve };

/** The fields whose value is a path the event may show in two ways. */
export const dependsOnPath = (name: string): boolean => ["fd.name", "fd.directory", "fd.filename"].includes(name);
