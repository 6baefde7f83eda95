import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Action } from "../action.ts";

/** Mounts an overlay in the container's own mount namespace, adds a program to it and runs it. */
const DROP_AND_RUN =
  'cd "$1" && mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work merged && cp /bin/true merged/dropped && merged/dropped';

export const CONTAINER_ACTIONS: readonly Action[] = [
  {
    rule: "Terminal shell in container",
    summary: "A shell with a terminal starts in a make-believe container and ends.",
    needs: ["root", "container"],
    async perform(workshop) {
      await workshop.runInContainer("script", "--quiet", "--command", "true", "/dev/null");
    },
  },
  {
    rule: "Drop and execute new binary in container",
    summary: "A program is copied into a make-believe container's upper layer and run.",
    needs: ["root", "container"],
    async perform(workshop) {
      for (const folder of ["lower", "upper", "work", "merged"]) await mkdir(join(workshop.folder, folder));
      await workshop.runInContainer("sh", "-c", DROP_AND_RUN, "sh", workshop.folder);
    },
  },
  {
    rule: "Netcat Remote Code Execution in Container",
    summary: "A copy of /bin/true named nc is started with netcat's -e option.",
    needs: ["root", "container"],
    async perform(workshop) {
      const netcat = await workshop.copyProgram("true", "nc");
      await workshop.runInContainer(netcat, "-e", "/bin/sh", "127.0.0.1", "9");
    },
  },
  {
    rule: "Launch Package Management Process in Container",
    summary: "A copy of /bin/true named apk is started in a make-believe container.",
    needs: ["root", "container"],
    async perform(workshop) {
      const manager = await workshop.copyProgram("true", "apk");
      await workshop.runInContainer(manager, "add", "nothing");
    },
  },
  {
    rule: "System procs network activity",
    summary: "A shell named cat asks for a datagram socket to a documentation address; nothing is sent.",
    needs: ["root", "container"],
    async perform(workshop) {
      const disguise = await workshop.copyProgram("bash", "cat");
      await workshop.runInContainer(disguise, "-c", "exec 3<>/dev/udp/192.0.2.1/9");
    },
  },
  {
    rule: "Packet socket created in container",
    summary: "A packet socket is opened in a make-believe container and closed unread.",
    needs: ["root", "container"],
    async perform(workshop) {
      const script = join(workshop.folder, "packet.pl");
      await writeFile(script, "socket(my $s, 17, 3, 0) or die;\n");
      await workshop.runInContainer("perl", script);
    },
  },
];
