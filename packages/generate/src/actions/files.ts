import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Action } from "../action.ts";
import type { Workshop } from "../workshop.ts";

/** A shell below the shell we start makes the empty file: the writer's parent is a shell, as it would be for a person. */
async function touchFromShell(workshop: Workshop, path: string): Promise<void> {
  await workshop.run("sh", "-c", '(: >"$1"); true', "sh", workshop.removeAfterwards(path));
}

export const FILE_ACTIONS: readonly Action[] = [
  {
    rule: "Read sensitive file untrusted",
    summary: "A copy of cat reads /etc/shadow; what it reads goes nowhere.",
    needs: ["root"],
    async perform(workshop) {
      const reader = await workshop.copyProgram("cat", "falco-cat");
      await workshop.run(reader, "/etc/shadow");
    },
  },
  {
    rule: "Write below etc",
    summary: "An empty file is made below /etc and removed.",
    needs: ["root"],
    perform: (workshop) => touchFromShell(workshop, join("/etc", workshop.uniqueName)),
  },
  {
    rule: "Write below root",
    summary: "An empty file is made in /root and removed.",
    needs: ["root"],
    perform: (workshop) => touchFromShell(workshop, join("/root", workshop.uniqueName)),
  },
  {
    rule: "Write below binary dir",
    summary: "An empty file, not executable, is made in /usr/local/bin and removed.",
    needs: ["root"],
    perform: (workshop) => touchFromShell(workshop, join("/usr/local/bin", workshop.uniqueName)),
  },
  {
    rule: "Modify binary dirs",
    summary: "An empty file in /usr/local/bin is renamed and removed.",
    needs: ["root"],
    async perform(workshop) {
      const file = workshop.removeAfterwards(join("/usr/local/bin", workshop.uniqueName));
      await writeFile(file, "");
      await workshop.run("mv", file, workshop.removeAfterwards(`${file}.old`));
    },
  },
  {
    rule: "Clear Log Activities",
    summary: "A log file of our own in /var/log is emptied and removed.",
    needs: ["root"],
    async perform(workshop) {
      const log = workshop.removeAfterwards(join("/var/log", `audit-${workshop.uniqueName}`));
      await writeFile(log, "one line\n");
      await workshop.run("sh", "-c", ': >"$1"', "sh", log);
    },
  },
  {
    rule: "Delete or rename shell history",
    summary: "A shell history of our own, in a temporary folder, is removed.",
    needs: [],
    async perform(workshop) {
      const history = join(workshop.folder, ".bash_history");
      await writeFile(history, "true\n");
      await workshop.run("rm", history);
    },
  },
  {
    rule: "Create Symlink Over Sensitive Files",
    summary: "A symbolic link to /etc/shadow is made in a temporary folder.",
    needs: [],
    async perform(workshop) {
      await workshop.run("ln", "-s", "/etc/shadow", join(workshop.folder, "link"));
    },
  },
  {
    rule: "Create Hardlink Over Sensitive Files",
    summary: "A second name is given to /etc/shadow, beside it, and removed at once.",
    needs: ["root"],
    async perform(workshop) {
      // A hard link can't leave its file system, so it must be made where the file is.
      await workshop.run("ln", "/etc/shadow", workshop.removeAfterwards(join("/etc", `.${workshop.uniqueName}`)));
    },
  },
];
