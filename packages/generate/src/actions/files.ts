import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Action, BOTH } from "../action.ts";
import type { Workshop } from "../workshop.ts";

/** A shell below the shell we start makes the empty file: the writer's parent is a shell, as it would be for a person. */
async function touchFromShell(workshop: Workshop, path: string): Promise<void> {
  await workshop.run("sh", "-c", '(: >"$1"); true', "sh", workshop.removeAfterwards(path));
}

/** Makes the .ssh folder of a home that nobody has. */
async function makeSshFolder(workshop: Workshop): Promise<string> {
  const home = await workshop.makeFolder(join("/home", workshop.uniqueName));
  return workshop.makeFolder(join(home, ".ssh"));
}

export const FILE_ACTIONS: readonly Action[] = [
  {
    rule: "Read sensitive file untrusted",
    sets: BOTH,
    summary: "A copy of cat reads /etc/shadow; what it reads goes nowhere.",
    needs: ["root"],
    async perform(workshop) {
      const reader = await workshop.copyProgram("cat", "falco-cat");
      await workshop.run(reader, "/etc/shadow");
    },
  },
  {
    rule: "Write below etc",
    sets: BOTH,
    summary: "An empty file is made below /etc and removed.",
    needs: ["root"],
    perform: (workshop) => touchFromShell(workshop, join("/etc", workshop.uniqueName)),
  },
  {
    rule: "Write below root",
    sets: BOTH,
    summary: "An empty file is made in /root and removed.",
    needs: ["root"],
    perform: (workshop) => touchFromShell(workshop, join("/root", workshop.uniqueName)),
  },
  {
    rule: "Write below binary dir",
    sets: BOTH,
    summary: "An empty file, not executable, is made in /usr/bin and removed.",
    needs: ["root"],
    perform: (workshop) => touchFromShell(workshop, join("/usr/bin", workshop.uniqueName)),
  },
  {
    rule: "Modify binary dirs",
    sets: BOTH,
    summary: "An empty file in /usr/bin is renamed and removed.",
    needs: ["root"],
    async perform(workshop) {
      const file = workshop.removeAfterwards(join("/usr/bin", workshop.uniqueName));
      await writeFile(file, "");
      await workshop.run("mv", file, workshop.removeAfterwards(`${file}.old`));
    },
  },
  {
    rule: "Clear Log Activities",
    sets: BOTH,
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
    sets: BOTH,
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
    sets: BOTH,
    summary: "A symbolic link to /etc/shadow is made in a temporary folder.",
    needs: [],
    async perform(workshop) {
      await workshop.run("ln", "-s", "/etc/shadow", join(workshop.folder, "link"));
    },
  },
  {
    rule: "Create Hardlink Over Sensitive Files",
    sets: BOTH,
    summary: "A second name is given to /etc/shadow, beside it, and removed at once.",
    needs: ["root"],
    async perform(workshop) {
      // A hard link can't leave its file system, so it must be made where the file is.
      await workshop.run("ln", "/etc/shadow", workshop.removeAfterwards(join("/etc", `.${workshop.uniqueName}`)));
    },
  },
  {
    rule: "Directory traversal monitored file read",
    sets: BOTH,
    summary: "A file below /etc that everybody may read is read by a path full of dots.",
    needs: [],
    perform: (workshop) => workshop.run("cat", "/etc/../etc/../etc/passwd"),
  },
  {
    rule: "Read sensitive file trusted after startup",
    sets: BOTH,
    summary: "A program named nginx waits until it is five seconds old and opens /etc/shadow.",
    needs: ["root"],
    async perform(workshop) {
      const server = await workshop.copyProgram("perl", "nginx");
      await workshop.run(
        server,
        "-e",
        'select(undef, undef, undef, 5.2); open(my $f, "<", "/etc/shadow") or die "$!";',
      );
    },
  },
  {
    rule: "Modify Shell Configuration File",
    sets: BOTH,
    summary: "An empty .bashrc is made in a temporary folder.",
    needs: [],
    perform: (workshop) => workshop.run("touch", join(workshop.folder, ".bashrc")),
  },
  {
    rule: "Read Shell Configuration File",
    sets: BOTH,
    summary: "An empty .profile in a temporary folder is read.",
    needs: [],
    async perform(workshop) {
      const profile = join(workshop.folder, ".profile");
      await writeFile(profile, "");
      await workshop.run("cat", profile);
    },
  },
  {
    rule: "Read ssh information",
    sets: BOTH,
    summary: "An empty file in the .ssh folder of a home that nobody has is read.",
    needs: ["root"],
    async perform(workshop) {
      const file = join(await makeSshFolder(workshop), "id_ed25519");
      await writeFile(file, "");
      await workshop.run("cat", file);
    },
  },
  {
    rule: "Adding ssh keys to authorized_keys",
    sets: BOTH,
    summary: "An empty authorized_keys is made in a home that nobody has.",
    needs: ["root"],
    perform: async (workshop) => workshop.run("touch", join(await makeSshFolder(workshop), "authorized_keys")),
  },
  {
    rule: "Create files below dev",
    sets: BOTH,
    summary: "An empty file is made in /dev and removed.",
    needs: ["root"],
    perform: (workshop) => workshop.run("touch", workshop.removeAfterwards(join("/dev", workshop.uniqueName))),
  },
  {
    rule: "Update Package Repository",
    sets: BOTH,
    summary: "An empty list of package sources is made in /etc/apt/sources.list.d and removed.",
    needs: ["root"],
    async perform(workshop) {
      const list = join("/etc/apt/sources.list.d", `${workshop.uniqueName}.list`);
      await workshop.run("touch", workshop.removeAfterwards(list));
    },
  },
  {
    rule: "Write below monitored dir",
    sets: BOTH,
    summary: "An empty file is made in /usr/lib and removed.",
    needs: ["root"],
    perform: (workshop) => touchFromShell(workshop, join("/usr/lib", workshop.uniqueName)),
  },
  {
    rule: "Write below rpm database",
    sets: BOTH,
    summary: "An empty file whose path begins like the rpm database's is made in /var/lib and removed.",
    needs: ["root"],
    perform: (workshop) => touchFromShell(workshop, join("/var/lib", `rpm-${workshop.uniqueName}`)),
  },
  {
    rule: "Mkdir binary dirs",
    sets: BOTH,
    summary: "An empty folder is made in /usr/bin and removed.",
    needs: ["root"],
    perform: (workshop) => workshop.run("mkdir", workshop.removeAfterwards(join("/usr/bin", workshop.uniqueName))),
  },
  {
    rule: "Create Hidden Files or Directories",
    sets: BOTH,
    summary: "An empty hidden file is made in a temporary folder.",
    needs: [],
    perform: (workshop) => workshop.run("touch", join(workshop.folder, ".hidden")),
  },
  {
    rule: "Set Setuid or Setgid bit",
    sets: BOTH,
    summary: "An empty file in a temporary folder gets the setuid bit.",
    needs: [],
    async perform(workshop) {
      const file = join(workshop.folder, "setuid");
      await writeFile(file, "");
      await workshop.run("chmod", "4700", file);
    },
  },
  {
    rule: "Remove Bulk Data from Disk",
    sets: BOTH,
    summary: "shred overwrites a file of one byte in a temporary folder.",
    needs: [],
    async perform(workshop) {
      const file = join(workshop.folder, "shredded");
      await writeFile(file, "x");
      await workshop.run("shred", "-n", "1", file);
    },
  },
  {
    rule: "Backdoored library loaded into SSHD (CVE-2024-3094)",
    sets: BOTH,
    summary: "A copy of cat named sshd reads an empty file named like the library.",
    needs: [],
    async perform(workshop) {
      const library = join(workshop.folder, "liblzma.so.5.6.1");
      await writeFile(library, "");
      await workshop.run(await workshop.copyProgram("cat", "sshd"), library);
    },
  },
];
