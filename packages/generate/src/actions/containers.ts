import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Action, BOTH } from "../action.ts";
import { BECOME_DAEMON } from "../become-daemon.ts";

/** Mounts an overlay in the container's own mount namespace, adds a program to it and runs it. */
const DROP_AND_RUN =
  'cd "$1" && mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged && cp /bin/true merged/dropped && merged/dropped';

/** Opens its own program for writing, which the kernel refuses, then a file of ours by the name of its descriptor. */
const WRITE_BY_DESCRIPTOR = `
  open(my $self, "+<", "/proc/self/exe"); open(my $f, ">", $ARGV[0]) or die "$!";
  open(my $g, ">", "/proc/self/fd/" . fileno($f)) or die "$!";
`;

export const CONTAINER_ACTIONS: readonly Action[] = [
  {
    rule: "Terminal shell in container",
    sets: BOTH,
    summary: "A shell with a terminal starts in a make-believe container and ends.",
    needs: ["root", "container"],
    async perform(workshop) {
      // The shell's parent has the name of a runtime, as it would where somebody enters a container.
      const runtime = await workshop.copyProgram("script", "runc");
      await workshop.runInContainer("env", "SHELL=/bin/sh", runtime, "--quiet", "--command", "true", "/dev/null");
    },
  },
  {
    rule: "Drop and execute new binary in container",
    sets: BOTH,
    summary: "A program is copied into a make-believe container's upper layer and run.",
    needs: ["root", "container"],
    async perform(workshop) {
      for (const folder of ["lower", "upper", "work", "merged"]) await mkdir(join(workshop.folder, folder));
      await workshop.runInContainer("sh", "-c", DROP_AND_RUN, "sh", workshop.folder);
    },
  },
  {
    rule: "Packet socket created in container",
    sets: BOTH,
    summary: "A packet socket is opened in a make-believe container and closed unread.",
    needs: ["root", "container"],
    async perform(workshop) {
      const script = join(workshop.folder, "packet.pl");
      await writeFile(script, "socket(my $s, 17, 3, 0) or die;\n");
      await workshop.runInContainer("perl", script);
    },
  },
  {
    rule: "Linux Kernel Module Injection Detected",
    sets: BOTH,
    summary: "The kernel is asked to load a module from a descriptor that isn't open, and refuses.",
    needs: ["root", "container", "modules"],
    async perform(workshop) {
      // A user namespace has every capability, of which none counts here; the rules ask for the one for modules.
      const ask = ["perl", "-e", 'my $none = ""; syscall(313, -1, $none, 0);'];
      await workshop.runInContainer("unshare", "--user", "--map-root-user", "--", ...ask);
    },
  },
  {
    rule: "Detect release_agent File Container Escapes",
    sets: BOTH,
    summary: "An empty file named release_agent is made in a temporary folder.",
    needs: ["root", "container"],
    perform: (workshop) => workshop.runInContainer("touch", join(workshop.folder, "release_agent")),
  },
  {
    rule: "Change namespace privileges via unshare",
    sets: BOTH,
    summary: "A process without privileges asks for a mount namespace of its own and is refused.",
    needs: ["root", "container"],
    perform: (workshop) => workshop.perlInContainer(`${BECOME_DAEMON} syscall(272, 0x20000);`),
  },
  {
    rule: "Read environment variable from /proc files",
    sets: BOTH,
    summary: "A process in a make-believe container reads the environment of the first one.",
    needs: ["root", "container"],
    perform: (workshop) => workshop.runInContainer("cat", "/proc/1/environ"),
  },
  {
    rule: "Exfiltrating Artifacts via Kubernetes Control Plane",
    sets: BOTH,
    summary: "tar, started by a program named like a runtime, packs a file in a temporary folder.",
    needs: ["root", "container"],
    async perform(workshop) {
      const file = join(workshop.folder, "packed");
      await writeFile(file, "one line\n");
      const runtime = await workshop.copyProgram("timeout", "runc");
      const pack = ["tar", "-cf", join(workshop.folder, "archive.tar"), file];
      await workshop.runInContainer("setsid", "--wait", runtime, "5", ...pack);
    },
  },
  {
    rule: "BPF Program Not Profiled",
    sets: BOTH,
    summary: "The kernel is asked to load a BPF program that isn't there, and refuses.",
    needs: ["root", "container"],
    perform: (workshop) => workshop.perlInContainer("syscall(321, 5, 0, 0);"),
  },
  {
    rule: "Container Drift Detected (chmod)",
    sets: BOTH,
    summary: "An empty file is made executable in a make-believe container.",
    needs: ["root", "container"],
    async perform(workshop) {
      const file = join(workshop.folder, "drift");
      await writeFile(file, "");
      await workshop.runInContainer("chmod", "u+x", file);
    },
  },
  {
    rule: "Container Drift Detected (open+create)",
    sets: BOTH,
    summary: "An empty file is made as a program in a make-believe container.",
    needs: ["root", "container"],
    perform: (workshop) =>
      workshop.perlInContainer(
        'use Fcntl; sysopen(my $f, $ARGV[0], O_CREAT | O_WRONLY, 0755) or die "$!";',
        join(workshop.folder, "drift"),
      ),
  },
  {
    rule: "Modify Container Entrypoint",
    sets: BOTH,
    summary: "A process asks to write to its own program, which is refused, and to a temporary file by its descriptor.",
    needs: ["root", "container"],
    perform: (workshop) => workshop.perlInContainer(WRITE_BY_DESCRIPTOR, join(workshop.folder, "target")),
  },
  {
    rule: "Basic Interactive Reconnaissance",
    sets: BOTH,
    summary: "id is run at a terminal in a make-believe container.",
    needs: ["root", "container"],
    perform: (workshop) =>
      workshop.runInContainer("env", "SHELL=/bin/sh", "script", "--quiet", "--command", "exec id", "/dev/null"),
  },
  {
    rule: "Network Tool Executed During NPM Package Install",
    sets: BOTH,
    summary: "A program named npm starts a copy of /bin/true named nmap in a make-believe container.",
    needs: ["root", "container"],
    async perform(workshop) {
      const npm = await workshop.copyProgram("timeout", "npm");
      const nmap = await workshop.copyProgram("true", "nmap");
      await workshop.runInContainer("env", "npm_lifecycle_event=postinstall", npm, "5", nmap);
    },
  },
  {
    rule: "Privileged Container Device Access",
    sets: BOTH,
    summary: "An empty file named like a disk is read in a /dev of its own, which is gone with its mount namespace.",
    needs: ["root", "container"],
    perform: (workshop) =>
      workshop.runInContainer("sh", "-c", "mount -t tmpfs none /dev && : >/dev/sda-empty && cat /dev/sda-empty"),
  },
  {
    rule: "Container Access to Host Sensitive Paths",
    sets: BOTH,
    summary: "An empty file below /host is opened for writing, in a root directory of our own.",
    needs: ["root", "container"],
    async perform(workshop) {
      await mkdir(join(workshop.folder, "host"));
      await workshop.perlInContainer(
        'chroot($ARGV[0]) or die; open(my $f, ">", "/host/file") or die "$!";',
        workshop.folder,
      );
    },
  },
];
