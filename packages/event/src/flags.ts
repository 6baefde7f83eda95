import { BPF_COMMANDS, CLONE, type FlagName, OPEN, PTRACE_REQUESTS, SOCKET_FAMILIES } from "./flags-tables.ts";

/** Names of one kind of parameter, in the order in which Falco prints them. */
export interface FlagTable {
  /** `flags`: bits joined with `|`. `enum`: one value, with all its names. */
  readonly kind: "flags" | "enum";
  readonly names: readonly FlagName[];
}

const row = (name: string, kernel: number, falco: number = kernel): FlagName => ({ name, kernel, falco });
const flags = (...names: readonly FlagName[]): FlagTable => ({ kind: "flags", names });

/** Permission bits, in the order in which Falco prints a `mode`. */
export const MODE_BITS: FlagTable = flags(
  row("S_IXOTH", 0o1),
  row("S_IWOTH", 0o2),
  row("S_IROTH", 0o4),
  row("S_IXGRP", 0o10),
  row("S_IWGRP", 0o20),
  row("S_IRGRP", 0o40),
  row("S_IXUSR", 0o100),
  row("S_IWUSR", 0o200),
  row("S_IRUSR", 0o400),
  row("S_ISVTX", 0o1000),
  row("S_ISGID", 0o2000),
  row("S_ISUID", 0o4000),
);

/** The tables that event-types.ts names in `flags(…)`, `enum(…)` and `mode(…)`. */
export const FLAG_TABLES: Readonly<Record<string, FlagTable>> = {
  open: flags(...OPEN),
  clone: flags(...CLONE),
  creat: flags(row("FD_UPPER_LAYER_CREAT", 0, 1), row("FD_LOWER_LAYER_CREAT", 0, 2)),
  execve: flags(row("EXE_WRITABLE", 1), row("EXE_UPPER_LAYER", 2), row("EXE_FROM_MEMFD", 4), row("EXE_LOWER_LAYER", 8)),
  resolve: flags(
    row("RESOLVE_BENEATH", 8, 1),
    row("RESOLVE_IN_ROOT", 16, 2),
    row("RESOLVE_NO_MAGICLINKS", 2, 4),
    row("RESOLVE_NO_SYMLINKS", 4, 8),
    row("RESOLVE_NO_XDEV", 1, 16),
    row("RESOLVE_CACHED", 32, 32),
  ),
  unlinkat: flags(row("AT_REMOVEDIR", 0x200)),
  linkat: flags(row("AT_SYMLINK_FOLLOW", 0x400), row("AT_EMPTY_PATH", 0x1000)),
  renameat2: flags(row("RENAME_NOREPLACE", 1), row("RENAME_EXCHANGE", 2), row("RENAME_WHITEOUT", 4)),
  finit_module: flags(
    row("MODULE_INIT_IGNORE_MODVERSIONS", 1),
    row("MODULE_INIT_IGNORE_VERMAGIC", 2),
    row("MODULE_INIT_COMPRESSED_FILE", 4),
  ),
  mode: MODE_BITS,
  socket: flags(...OPEN.filter(({ name }) => ["O_NONBLOCK", "O_CLOEXEC", "O_NONE"].includes(name))),
  socket_family: { kind: "enum", names: SOCKET_FAMILIES },
  ptrace: { kind: "enum", names: PTRACE_REQUESTS },
  bpf: { kind: "enum", names: BPF_COMMANDS },
};

/** Falco's bits for a file that the open created, and for the layer of an overlay that it lies in. */
export const O_F_CREATED: number = 1 << 14;
export const FD_UPPER_LAYER: number = 1 << 15;
export const FD_LOWER_LAYER: number = 1 << 16;

/**
 * Turns the kernel's number into Falco's.
 *
 * A kernel flag of several bits counts when any of them is set: so Falco shows O_TMPFILE for every O_DIRECTORY. An
 * unknown enumeration value is kept, except a ptrace request, which is Falco's 0 then.
 */
export function falcoFlags(tableName: string, value: number): number {
  const table = FLAG_TABLES[tableName];
  if (table === undefined) return value;
  if (table.kind === "enum") {
    const known = table.names.find((name) => name.kernel === value && !(tableName === "ptrace" && name.falco === 0));
    return known?.falco ?? (tableName === "ptrace" ? 0 : value);
  }
  if (tableName === "open") return falcoOpenFlags(value);
  let result = 0;
  for (const { kernel, falco } of table.names) if ((value & kernel) !== 0) result |= falco;
  return result >>> 0;
}

function falcoOpenFlags(value: number): number {
  const access = value & 3;
  let result = access === 1 ? 2 : access === 2 ? 3 : 1;
  for (const { kernel, falco } of OPEN) if (falco > 3 && (value & kernel) !== 0) result |= falco;
  return result;
}

/**
 * Names Falco's number, as Falco does: a flag takes its bits away, so that O_RDWR hides O_RDONLY; an enumeration value
 * prints all its names (`AF_LOCAL|AF_UNIX`). Empty when nothing fits.
 */
export function flagText(tableName: string, falcoValue: number): string {
  const table = FLAG_TABLES[tableName];
  if (table === undefined) return "";
  let left = falcoValue;
  let text = "";
  for (const { name, falco } of table.names) {
    const fits =
      table.kind === "enum"
        ? falco === falcoValue
        : falco === 0
          ? falcoValue === 0
          : left !== 0 && (left & falco) === falco;
    if (!fits) continue;
    text = text === "" ? name : `${text}|${name}`;
    if (table.kind === "flags") {
      if (falco === falcoValue) break;
      left &= ~falco;
    }
  }
  return text;
}
