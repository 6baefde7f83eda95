/** One flag or enumeration value. */
export interface FlagName {
  /** As Falco prints it. */
  readonly name: string;
  /** The kernel's number, or 0 where the name is Falco's own (`O_F_CREATED`). */
  readonly kernel: number;
  /** Falco's number: what `evt.rawarg` shows. */
  readonly falco: number;
}

type Row = readonly [name: string, kernel: number, falco: number];
const rows = (list: readonly Row[]): readonly FlagName[] =>
  list.map(([name, kernel, falco]) => ({ name, kernel, falco }));

/** `open` flags; kernel numbers are those of x86-64. */
export const OPEN: readonly FlagName[] = rows([
  ["O_LARGEFILE", 0o100000, 1 << 11],
  ["O_DIRECTORY", 0o200000, 1 << 10],
  ["O_DIRECT", 0o40000, 1 << 9],
  ["O_TRUNC", 0o1000, 1 << 8],
  ["O_SYNC", 0o4010000, 1 << 7],
  ["O_NONBLOCK", 0o4000, 1 << 6],
  ["O_EXCL", 0o200, 1 << 5],
  ["O_DSYNC", 0o10000, 1 << 4],
  ["O_APPEND", 0o2000, 1 << 3],
  ["O_CREAT", 0o100, 1 << 2],
  ["O_RDWR", 2, 3],
  ["O_WRONLY", 1, 2],
  ["O_RDONLY", 0, 1],
  ["O_CLOEXEC", 0o2000000, 1 << 12],
  ["O_NONE", 0, 0],
  ["O_TMPFILE", 0o20200000, 1 << 13],
  ["O_F_CREATED", 0, 1 << 14],
  ["FD_UPPER_LAYER", 0, 1 << 15],
  ["FD_LOWER_LAYER", 0, 1 << 16],
]);

/** `clone` flags, also of unshare and setns. */
export const CLONE: readonly FlagName[] = rows([
  ["CLONE_FILES", 0x400, 1 << 0],
  ["CLONE_FS", 0x200, 1 << 1],
  ["CLONE_IO", 0x80000000, 1 << 2],
  ["CLONE_NEWIPC", 0x8000000, 1 << 3],
  ["CLONE_NEWNET", 0x40000000, 1 << 4],
  ["CLONE_NEWNS", 0x20000, 1 << 5],
  ["CLONE_NEWPID", 0x20000000, 1 << 6],
  ["CLONE_NEWUTS", 0x4000000, 1 << 7],
  ["CLONE_PARENT", 0x8000, 1 << 8],
  ["CLONE_PARENT_SETTID", 0x100000, 1 << 9],
  ["CLONE_PTRACE", 0x2000, 1 << 10],
  ["CLONE_SIGHAND", 0x800, 1 << 11],
  ["CLONE_SYSVSEM", 0x40000, 1 << 12],
  ["CLONE_THREAD", 0x10000, 1 << 13],
  ["CLONE_UNTRACED", 0x800000, 1 << 14],
  ["CLONE_VM", 0x100, 1 << 15],
  ["CLONE_INVERTED", 0, 1 << 16],
  ["NAME_CHANGED", 0, 1 << 17],
  ["CLOSED", 0, 1 << 18],
  ["CLONE_NEWUSER", 0x10000000, 1 << 20],
  ["CLONE_CHILD_CLEARTID", 0x200000, 1 << 23],
  ["CLONE_CHILD_SETTID", 0x1000000, 1 << 24],
  ["CLONE_SETTLS", 0x80000, 1 << 25],
  ["CLONE_STOPPED", 0, 1 << 26],
  ["CLONE_VFORK", 0x4000, 1 << 27],
  ["CLONE_NEWCGROUP", 0x2000000, 1 << 28],
  ["CLONE_CHILD_IN_PIDNS", 0, 1 << 29],
]);

const families: readonly (readonly [name: string, value: number])[] = [
  ["AF_NFC", 39],
  ["AF_ALG", 38],
  ["AF_CAIF", 37],
  ["AF_IEEE802154", 36],
  ["AF_PHONET", 35],
  ["AF_ISDN", 34],
  ["AF_RXRPC", 33],
  ["AF_IUCV", 32],
  ["AF_BLUETOOTH", 31],
  ["AF_TIPC", 30],
  ["AF_CAN", 29],
  ["AF_LLC", 26],
  ["AF_WANPIPE", 25],
  ["AF_PPPOX", 24],
  ["AF_IRDA", 23],
  ["AF_SNA", 22],
  ["AF_RDS", 21],
  ["AF_ATMSVC", 20],
  ["AF_ECONET", 19],
  ["AF_ASH", 18],
  ["AF_PACKET", 17],
  ["AF_ROUTE", 16],
  ["AF_NETLINK", 16],
  ["AF_KEY", 15],
  ["AF_SECURITY", 14],
  ["AF_NETBEUI", 13],
  ["AF_DECnet", 12],
  ["AF_ROSE", 11],
  ["AF_INET6", 10],
  ["AF_X25", 9],
  ["AF_ATMPVC", 8],
  ["AF_BRIDGE", 7],
  ["AF_NETROM", 6],
  ["AF_APPLETALK", 5],
  ["AF_IPX", 4],
  ["AF_AX25", 3],
  ["AF_INET", 2],
  ["AF_LOCAL", 1],
  ["AF_UNIX", 1],
  ["AF_UNSPEC", 0],
];

/** Socket families (`socket`'s domain). */
export const SOCKET_FAMILIES: readonly FlagName[] = rows(families.map(([name, value]): Row => [name, value, value]));

/** Requests of ptrace. An unknown one is PTRACE_UNKNOWN. */
export const PTRACE_REQUESTS: readonly FlagName[] = rows([
  ["PTRACE_SINGLEBLOCK", 33, 38],
  ["PTRACE_SYSEMU_SINGLESTEP", 32, 37],
  ["PTRACE_SYSEMU", 31, 36],
  ["PTRACE_ARCH_PRCTL", 30, 35],
  ["PTRACE_SET_THREAD_AREA", 26, 34],
  ["PTRACE_GET_THREAD_AREA", 25, 33],
  ["PTRACE_OLDSETOPTIONS", 21, 32],
  ["PTRACE_SETFPXREGS", 19, 31],
  ["PTRACE_GETFPXREGS", 18, 30],
  ["PTRACE_SETFPREGS", 15, 29],
  ["PTRACE_GETFPREGS", 14, 28],
  ["PTRACE_SETREGS", 13, 27],
  ["PTRACE_GETREGS", 12, 26],
  ["PTRACE_SETSIGMASK", 0x420b, 25],
  ["PTRACE_GETSIGMASK", 0x420a, 24],
  ["PTRACE_PEEKSIGINFO", 0x4209, 23],
  ["PTRACE_LISTEN", 0x4208, 22],
  ["PTRACE_INTERRUPT", 0x4207, 21],
  ["PTRACE_SEIZE", 0x4206, 20],
  ["PTRACE_SETREGSET", 0x4205, 19],
  ["PTRACE_GETREGSET", 0x4204, 18],
  ["PTRACE_SETSIGINFO", 0x4203, 17],
  ["PTRACE_GETSIGINFO", 0x4202, 16],
  ["PTRACE_GETEVENTMSG", 0x4201, 15],
  ["PTRACE_SETOPTIONS", 0x4200, 14],
  ["PTRACE_SYSCALL", 24, 13],
  ["PTRACE_DETACH", 17, 12],
  ["PTRACE_ATTACH", 16, 11],
  ["PTRACE_SINGLESTEP", 9, 10],
  ["PTRACE_KILL", 8, 9],
  ["PTRACE_CONT", 7, 8],
  ["PTRACE_POKEUSR", 6, 7],
  ["PTRACE_POKEDATA", 5, 6],
  ["PTRACE_POKETEXT", 4, 5],
  ["PTRACE_PEEKUSR", 3, 4],
  ["PTRACE_PEEKDATA", 2, 3],
  ["PTRACE_PEEKTEXT", 1, 2],
  ["PTRACE_TRACEME", 0, 1],
  ["PTRACE_UNKNOWN", -1, 0],
]);

const commands = (
  "BPF_MAP_CREATE BPF_MAP_LOOKUP_ELEM BPF_MAP_UPDATE_ELEM BPF_MAP_DELETE_ELEM BPF_MAP_GET_NEXT_KEY BPF_PROG_LOAD " +
  "BPF_OBJ_PIN BPF_OBJ_GET BPF_PROG_ATTACH BPF_PROG_DETACH BPF_PROG_TEST_RUN BPF_PROG_GET_NEXT_ID BPF_MAP_GET_NEXT_ID " +
  "BPF_PROG_GET_FD_BY_ID BPF_MAP_GET_FD_BY_ID BPF_OBJ_GET_INFO_BY_FD BPF_PROG_QUERY BPF_RAW_TRACEPOINT_OPEN " +
  "BPF_BTF_LOAD BPF_BTF_GET_FD_BY_ID BPF_TASK_FD_QUERY BPF_MAP_LOOKUP_AND_DELETE_ELEM BPF_MAP_FREEZE " +
  "BPF_BTF_GET_NEXT_ID BPF_MAP_LOOKUP_BATCH BPF_MAP_LOOKUP_AND_DELETE_BATCH BPF_MAP_UPDATE_BATCH " +
  "BPF_MAP_DELETE_BATCH BPF_LINK_CREATE BPF_LINK_UPDATE BPF_LINK_GET_FD_BY_ID BPF_LINK_GET_NEXT_ID BPF_ENABLE_STATS " +
  "BPF_ITER_CREATE BPF_LINK_DETACH BPF_PROG_BIND_MAP"
).split(" ");

/** Commands of bpf(2); BPF_PROG_TEST_RUN has a second name. */
export const BPF_COMMANDS: readonly FlagName[] = rows(
  commands.flatMap((name, value): readonly Row[] =>
    name === "BPF_PROG_TEST_RUN"
      ? [
          [name, value, value],
          ["BPF_PROG_RUN", value, value],
        ]
      : [[name, value, value]],
  ),
);
