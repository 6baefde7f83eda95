import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startEngine } from "../support/engine.ts";
import { live } from "../support/suite.ts";

const SOURCE = fileURLToPath(new URL("../../packages/probe/test/calls.c", import.meta.url));

/** `evt.args` of each call as Falco prints it; `<dir>` is the folder, `<n>` a number that differs from run to run. Modules may be missing from the kernel: then the call's answer is ENOSYS. */
const EXPECTED: Readonly<Record<string, string>> = {
  open: "fd=8(<f><dir>/file) name=file(<dir>/file) flags=3(O_RDWR) mode=0 dev=<n> ino=<n>",
  openat: "fd=8(<f><dir>/file) dirfd=3(<d><dir>) name=file(<dir>/file) flags=1(O_RDONLY) mode=0 dev=<n> ino=<n>",
  openat2:
    "fd=8(<f><dir>/made) dirfd=3(<d><dir>) name=made(<dir>/made) flags=16391(O_CREAT|O_RDWR|O_F_CREATED) mode=0600 resolve=1(RESOLVE_BENEATH) dev=<n> ino=<n>",
  creat: "fd=8(<f><dir>/created) name=created(<dir>/created) mode=0600 dev=<n> ino=<n> creat_flags=0",
  listen: "res=0 fd=7(<4t>127.0.0.1:<n>) backlog=7",
  sendto: "res=11 data=hello world fd=5(<4u>0.0.0.0:<n>->127.0.0.1:<n>) size=11 tuple=0.0.0.0:<n>->127.0.0.1:<n>",
  sendmsg: "res=11 data=hello  fd=5(<4u>0.0.0.0:<n>->127.0.0.1:<n>) size=11 tuple=0.0.0.0:<n>->127.0.0.1:<n>",
  recvfrom: "res=4 data=ping tuple=127.0.0.1:<n>->127.0.0.1:<n> fd=6(<4u>127.0.0.1:<n>->127.0.0.1:<n>) size=64",
  recvmsg:
    "res=4 size=64 data=ping tuple=127.0.0.1:<n>->127.0.0.1:<n> msgcontrol=NULL fd=6(<4u>127.0.0.1:<n>->127.0.0.1:<n>)",
  socket: "fd=8(<6>) domain=10(AF_INET6) type=2 proto=17 flags=0(O_NONE)",
  dup: "res=8(<f><dir>/file) oldfd=4(<f><dir>/file)",
  dup2: "res=60(<4t>127.0.0.1:<n>) oldfd=7(<4t>127.0.0.1:<n>) newfd=60(<4t>127.0.0.1:<n>)",
  dup3: "res=61(<f><dir>/file) oldfd=4(<f><dir>/file) newfd=61(<f><dir>/file) flags=4097(O_RDONLY|O_CLOEXEC)",
  symlink: "res=0 target=the target linkpath=a-symlink(<dir>/a-symlink)",
  symlinkat: "res=0 target=the target linkdirfd=3(<d><dir>) linkpath=another-symlink(<dir>/another-symlink)",
  link: "res=0 oldpath=file(<dir>/file) newpath=a-link(<dir>/a-link)",
  linkat:
    "res=0 olddir=3(<d><dir>) oldpath=file(<dir>/file) newdir=-100(AT_FDCWD) newpath=another-link(<dir>/another-link) flags=0",
  unlink: "res=-2(ENOENT) path=missing(<dir>/missing)",
  unlinkat: "res=-2(ENOENT) dirfd=3(<d><dir>) name=missing(<dir>/missing) flags=512(AT_REMOVEDIR)",
  rmdir: "res=-2(ENOENT) path=missing(<dir>/missing)",
  rename: "res=-2(ENOENT) oldpath=missing(<dir>/missing) newpath=other(<dir>/other)",
  renameat:
    "res=-2(ENOENT) olddirfd=3(<d><dir>) oldpath=missing(<dir>/missing) newdirfd=-100(AT_FDCWD) newpath=other(<dir>/other)",
  renameat2:
    "res=-2(ENOENT) olddirfd=3(<d><dir>) oldpath=missing(<dir>/missing) newdirfd=3(<d><dir>) newpath=other(<dir>/other) flags=1(RENAME_NOREPLACE)",
  mkdir: "res=0 path=a-directory(<dir>/a-directory) mode=1C0",
  mkdirat: "res=0 dirfd=3(<d><dir>) path=another-directory(<dir>/another-directory) mode=1C9",
  chmod: "res=0 filename=file(<dir>/file) mode=0755(S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR)",
  fchmod: "res=0 fd=4(<f><dir>/file) mode=04755(S_IXOTH|S_IROTH|S_IXGRP|S_IRGRP|S_IXUSR|S_IWUSR|S_IRUSR|S_ISUID)",
  fchmodat: "res=0 dirfd=3(<d><dir>) filename=file(<dir>/file) mode=0600(S_IWUSR|S_IRUSR)",
  setuid: "res=0 uid=0(root)",
  setns: "res=-22(EINVAL) fd=4(<f><dir>/file) nstype=32(CLONE_NEWNS)",
  unshare: "res=0 flags=0",
  ptrace: "res=-3(ESRCH) addr=1234 data=5678 request=11(PTRACE_ATTACH) pid=999999",
  bpf: "fd=-22(EINVAL) cmd=999",
  init_module: "res=-38(ENOSYS) img=not a module length=12 uargs=some=argument",
  finit_module:
    "res=-38(ENOSYS) fd=4(<f><dir>/file) uargs=some=argument flags=3(MODULE_INIT_IGNORE_MODVERSIONS|MODULE_INIT_IGNORE_VERMAGIC)",
  userfaultfd: "res=8 flags=4098(O_WRONLY|O_CLOEXEC)",
};

/** What a kernel that was built without the call answers; there is no event then. */
const ENOSYS = "-38";

test("each call's arguments are printed as Falco prints them", {
  skip: live ? false : "needs root: the live kernel is watched",
}, async (t) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "efk-arguments-")));
  const program = join(folder, "ar-calls");
  execFileSync("cc", ["-O1", "-o", program, SOURCE]);
  const types = Object.keys(EXPECTED).join(", ");
  const condition = `evt.type in (${types}) and proc.name = ar-calls`;
  const rules = [{ rule: "Call", condition, output: "%evt.type %proc.cmdline %evt.args" }];
  const engine = await startEngine({ folder, rules });
  t.after(() => engine.end().then(() => rmSync(folder, { recursive: true, force: true })));
  for (const call of Object.keys(EXPECTED)) {
    const work = join(folder, call);
    mkdirSync(work);
    const answer = execFileSync(program, [call, work], { encoding: "utf8" }).trim();
    if (answer === ENOSYS) {
      t.diagnostic(`this kernel was built without ${call}`);
      continue;
    }
    await t.test(call, async () => {
      const seen = (): string[] =>
        engine
          .alerts()
          .map(({ output_fields: fields }) => fields)
          .filter((fields) => fields["evt.type"] === call && fields["proc.cmdline"] === `ar-calls ${call} ${work}`)
          .map((fields) => normalised(String(fields["evt.args"]), work));
      // The program makes some of the same calls beforehand.
      const expected = EXPECTED[call] ?? "";
      await engine.alert(call, () => seen().includes(expected)).catch(() => assert.equal(seen().at(-1), expected));
    });
  }
});

function normalised(text: string, folder: string): string {
  return text
    .replaceAll(folder, "<dir>")
    .replace(/\b(dev|ino)=[0-9A-F]+/g, "$1=<n>")
    .replace(/(127\.0\.0\.1|0\.0\.0\.0):[1-9]\d*/g, "$1:<n>");
}
