import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Action } from "../action.ts";

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

export const PROCESS_ACTIONS: readonly Action[] = [
  {
    rule: "Run shell untrusted",
    summary: "A program named nginx starts a shell that does nothing.",
    needs: [],
    async perform(workshop) {
      const server = await workshop.copyProgram("timeout", "nginx");
      await workshop.run(server, "5", "sh", "-c", "true");
    },
  },
  {
    rule: "Execution from /dev/shm",
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
    summary: "A copy of /bin/true is run from anonymous memory.",
    needs: [],
    async perform(workshop) {
      await workshop.run("perl", "-MIO::Handle", "-e", RUN_FROM_MEMORY);
    },
  },
  {
    rule: "PTRACE attached to process",
    summary: "A process attaches to its own child and lets go of it.",
    needs: [],
    async perform(workshop) {
      await workshop.run("perl", "-e", ATTACH_TO_CHILD);
    },
  },
];
