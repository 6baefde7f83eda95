/** ECS objects that are made from `output_fields`. */
export const ECS_OBJECTS = ["container", "process", "user", "file", "orchestrator"] as const;

/** A value of `output_fields` and where it goes. */
export interface EcsField {
  readonly falco: string;
  /** Position in `ECS_OBJECTS`. */
  readonly object: number;
  /** What stands before the value when it is the first of its object, and when it follows another. */
  readonly first: Uint8Array;
  readonly next: Uint8Array;
}

/** Fields of one object stand together. */
const FIELDS: readonly (readonly [falco: string, object: (typeof ECS_OBJECTS)[number], name: string])[] = [
  ["container.id", "container", "id"],
  ["container.name", "container", "name"],
  ["container.image.repository", "container", "image.name"],
  ["container.image.tag", "container", "image.tag"],
  ["proc.name", "process", "name"],
  ["proc.cmdline", "process", "command_line"],
  ["proc.exepath", "process", "executable"],
  ["proc.pid", "process", "pid"],
  ["proc.pname", "process", "parent.name"],
  ["user.name", "user", "name"],
  ["fd.name", "file", "path"],
  ["k8s.ns.name", "orchestrator", "namespace"],
  ["k8s.pod.name", "orchestrator", "resource.name"],
];

/** The values of `output_fields` that get an ECS name, in the order in which they are written. */
export const ECS_FIELDS: readonly EcsField[] = FIELDS.map(([falco, object, name]) => ({
  falco,
  object: ECS_OBJECTS.indexOf(object),
  first: Buffer.from(`"${object}":{"${name}":`),
  next: Buffer.from(`,"${name}":`),
}));

/** Position of `file.path` in `ECS_FIELDS`: a descriptor's name is one only when it is a path. */
export const FILE_PATH: number = FIELDS.findIndex(([falco]) => falco === "fd.name");
