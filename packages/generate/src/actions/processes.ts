import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Action, BOTH, STOCK } from "../action.ts";
import { BECOME_DAEMON } from "../become-daemon.ts";
import type { Workshop } from "../workshop.ts";

/** Puts /bin/true into anonymous memory and runs it from there; perl is on every Debian and can make raw system calls. */
const RUN_FROM_MEMORY = `
  my $name = "falco-generate"; my $fd = syscall(319, $name, 0); $fd >= 0 or die;
  open(my $in, "<", "/bin/true") or die; binmode $in; local $/; my $program = <$in>;
  open(my $out, ">&=", $fd) or die; binmode $out; print $out $program; $out->flush();
  exec { "/proc/self/fd/$fd" } "from-memory";
`;

/** Attaches to a child of its own, lets go of it and ends it. */
const ATTACH_TO_CHILD = `
  my $child = fork(); if ($child == 0) { sleep 5; exit }
  syscall(101, 16, $child, 0, 0) == 0 or die "ptrace: $!"; waitpid($child, 2);
  syscall(101, 17, $child, 0, 0); kill "KILL", $child;
`;

/** Runs /bin/true as the user daemon, as a login would. */
const RUN_AS_DAEMON = `
  my $child = fork(); if ($child == 0) { ${BECOME_DAEMON} exec { "/bin/true" } "true" } waitpid($child, 0);
`;

/** Runs a program as if nobody, or somebody else than root, had logged in: the rules pass over what root did at a login. */
function runAsNobodysLogin(workshop: Workshop, program: string, ...args: string[]): Promise<void> {
  const login =
    'read -r u </proc/self/loginuid; [ "$u" != 0 ] || echo 1 2>/dev/null >/proc/self/loginuid || :; exec "$@"';
  return workshop.run("sh", "-c", login, "sh", program, ...args);
}

export const PROCESS_ACTIONS: readonly Action[] = [
  {
    rule: "Run shell untrusted",
    sets: BOTH,
    summary: "A program named nginx starts a shell that does nothing.",
    needs: [],
    async perform(workshop) {
      const server = await workshop.copyProgram("timeout", "nginx");
      await workshop.run(server, "5", "sh", "-c", "true");
    },
  },
  {
    rule: "Execution from /dev/shm",
    sets: BOTH,
    summary: "A shell runs an empty script that lies in /dev/shm.",
    needs: [],
    async perform(workshop) {
      const folder = await workshop.makeFolder(join("/dev/shm", workshop.uniqueName));
      const script = join(folder, "nothing.sh");
      await writeFile(script, "true\n");
      await workshop.run("sh", script);
    },
  },
  {
    rule: "Fileless execution via memfd_create",
    sets: BOTH,
    summary: "A copy of /bin/true is run from anonymous memory.",
    needs: [],
    async perform(workshop) {
      await workshop.run("perl", "-MIO::Handle", "-e", RUN_FROM_MEMORY);
    },
  },
  {
    rule: "PTRACE attached to process",
    sets: BOTH,
    summary: "A process attaches to its own child and lets go of it.",
    needs: [],
    async perform(workshop) {
      await workshop.run("perl", "-e", ATTACH_TO_CHILD);
    },
  },
  {
    rule: "PTRACE anti-debug attempt",
    sets: BOTH,
    summary: "A process asks to be traced by its parent and ends.",
    needs: [],
    perform: (workshop) =>
      workshop.perl("my $child = fork(); if ($child == 0) { syscall(101, 0, 0, 0, 0); exit } waitpid($child, 0);"),
  },
  {
    rule: "Search Private Keys or Passwords",
    sets: BOTH,
    summary: "find looks for a private key in a temporary folder, where there is none.",
    needs: [],
    perform: (workshop) => workshop.run("find", workshop.folder, "-name", "id_rsa"),
  },
  {
    rule: "Find AWS Credentials",
    sets: BOTH,
    summary: "find looks for credentials in a temporary folder, where there are none.",
    needs: [],
    perform: (workshop) => workshop.run("find", workshop.folder, "-path", "*/.aws/credentials"),
  },
  {
    rule: "System user interactive",
    sets: BOTH,
    summary: "A program named sshd runs /bin/true as the user daemon.",
    needs: ["root"],
    async perform(workshop) {
      const server = await workshop.copyProgram("perl", "sshd");
      await workshop.run(server, "-e", RUN_AS_DAEMON);
    },
  },
  {
    rule: "DB program spawned process",
    sets: BOTH,
    summary: "A program named mysqld starts /bin/true.",
    needs: [],
    async perform(workshop) {
      await workshop.run(await workshop.copyProgram("timeout", "mysqld"), "5", "true");
    },
  },
  {
    rule: "Change thread namespace",
    sets: BOTH,
    summary: "A process joins the host name's namespace that it is in already.",
    needs: ["root"],
    perform: (workshop) =>
      workshop.perl('open(my $n, "<", "/proc/self/ns/uts") or die "$!"; syscall(308, fileno($n), 0) == 0 or die "$!";'),
  },
  {
    rule: "Program run with disallowed http proxy env",
    sets: BOTH,
    summary: "A copy of /bin/true named curl is started with HTTP_PROXY in its environment.",
    needs: [],
    async perform(workshop) {
      const curl = await workshop.copyProgram("true", "curl");
      await workshop.run("env", "HTTP_PROXY=http://192.0.2.1:3128", curl);
    },
  },
  {
    rule: "Potential Local Privilege Escalation via Environment Variables Misuse",
    sets: BOTH,
    summary: "/bin/true is started with GLIBC_TUNABLES in its environment.",
    needs: [],
    perform: (workshop) => workshop.run("env", "GLIBC_TUNABLES=glibc.malloc.check=0", "true"),
  },
  {
    rule: "Non sudo setuid",
    sets: BOTH,
    summary: "A process of the user daemon asks to become root and is refused.",
    needs: ["root"],
    perform: (workshop) => workshop.perl(`${BECOME_DAEMON} POSIX::setuid(0);`),
  },
  {
    rule: "Unprivileged Delegation of Page Faults Handling to a Userspace Process",
    sets: BOTH,
    summary: "A process of the user daemon asks to handle its own page faults and ends.",
    needs: ["root"],
    perform: (workshop) => workshop.perl(`${BECOME_DAEMON} syscall(323, 1);`),
  },
  {
    rule: "Sudo Potential Privilege Escalation",
    sets: BOTH,
    summary: "A copy of /bin/true named sudoedit is started with the arguments of CVE-2021-3156.",
    needs: [],
    perform: async (workshop) =>
      runAsNobodysLogin(workshop, await workshop.copyProgram("true", "sudoedit"), "-s", "\\"),
  },
  {
    rule: "Polkit Local Privilege Escalation Vulnerability (CVE-2021-4034)",
    sets: BOTH,
    summary: "A copy of /bin/true named pkexec is started without arguments.",
    needs: [],
    perform: async (workshop) => runAsNobodysLogin(workshop, await workshop.copyProgram("true", "pkexec")),
  },
  {
    rule: "Web Server Spawned Shell",
    sets: STOCK,
    summary: "A program named nginx starts a shell that does nothing.",
    needs: [],
    async perform(workshop) {
      await workshop.run(await workshop.copyProgram("timeout", "nginx"), "5", "sh", "-c", "true");
    },
  },
  {
    rule: "Web Server Spawned Suspicious Child Process",
    sets: BOTH,
    summary: "A program named nginx starts id.",
    needs: [],
    async perform(workshop) {
      await workshop.run(await workshop.copyProgram("timeout", "nginx"), "5", "id");
    },
  },
  {
    rule: "Reverse Shell from Web Server",
    sets: BOTH,
    summary: "A program named nginx starts /bin/true with the words of a reverse shell.",
    needs: [],
    async perform(workshop) {
      await workshop.run(await workshop.copyProgram("timeout", "nginx"), "5", "true", "/dev/tcp/192.0.2.1/9");
    },
  },
];
