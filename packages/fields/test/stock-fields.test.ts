import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { isFieldError } from "@falco-efk/event";
import { createFieldResolver, dependsOnPath, FIELD_DEFINITIONS } from "@falco-efk/fields";

const resolver = createFieldResolver();

function resolves(text: string): void {
  const [, name = "", argument = null] = /^([\w.]+?)(?:\[([^\]]*)\])?$/.exec(text) ?? [];
  const access = resolver.resolve(name, argument);
  assert.ok(!isFieldError(access), `${text}: ${isFieldError(access) ? access.message : ""}`);
}

/** The fields that Falco's rule files use, as conditions and outputs write them. */
const STOCK =
  "container.id container.image.repository container.mount.dest[/etc*] container.privileged container.mounts container.start_ts " +
  "evt.arg.cmd evt.arg.domain evt.arg.filename evt.arg.flags evt.arg.mode evt.arg.name evt.arg.newpath evt.arg.oldpath " +
  "evt.arg.path evt.arg.request evt.arg.target evt.arg.uid evt.arg.fd evt.arg.linkpath evt.args evt.buffer evt.is_open_exec " +
  "evt.is_open_read evt.is_open_write evt.num evt.rawres evt.res evt.type fd.cip fd.cip.name fd.cnet fd.connected " +
  "fd.directory fd.filename fd.ip fd.l4proto fd.name fd.name_changed fd.nameraw fd.net fd.num fd.port fd.rnet fd.sip " +
  "fd.sip.name fd.snet fd.sockfamily fd.sport fd.type fd.typechar fd.lip.name fd.lport fd.rip fd.rip.name fd.rport " +
  "k8s.ns.name k8s.pod.name proc.aexe[2] proc.aexepath[2] proc.aname proc.aname[1] proc.aname[7] proc.args proc.cmdline " +
  "proc.cwd proc.duration proc.env proc.env[HOME] proc.exe proc.exepath proc.is_exe_from_memfd proc.is_exe_upper_layer " +
  "proc.is_vpgid_leader proc.name proc.pcmdline proc.pexe proc.pexepath proc.pname proc.sname proc.tty proc.vpid " +
  "proc.exe_ino.ctime proc.exe_ino.ctime_duration_proc_start proc.exe_ino.mtime thread.cap_effective thread.cap_permitted " +
  "user.loginname user.loginuid user.name user.uid group.gid group.name";

test("every field of Falco's rule files resolves and is filled", () => {
  for (const name of STOCK.split(" ")) resolves(name);
});

test("Falco's 233 fields, the container plugin's 61 and two of our own are known", () => {
  assert.equal(FIELD_DEFINITIONS.length, 233 + 61 + 2);
  assert.equal(new Set(FIELD_DEFINITIONS.map((definition) => definition.name)).size, FIELD_DEFINITIONS.length);
  for (const definition of FIELD_DEFINITIONS) {
    assert.match(definition.description, /\.$/, definition.name);
    assert.ok(definition.class !== "", definition.name);
  }
});

test("a field that can't be filled refuses with the reason", () => {
  const refused = FIELD_DEFINITIONS.filter((definition) => definition.unsupported !== undefined);
  assert.ok(refused.length > 0);
  for (const { name, argument } of refused) {
    const access = resolver.resolve(name, argument.startsWith("required") ? "0" : null);
    assert.ok(isFieldError(access) && access.code === "unsupported", name);
    assert.ok(access.message.length > name.length + 20, access.message);
  }
});

test("a misspelt field is answered with the nearest name", () => {
  const access = resolver.resolve("proc.nmae", null);
  assert.ok(isFieldError(access));
  assert.equal(access.code, "unknown-field");
  assert.equal(access.suggestion, "proc.name");
  const stranger = resolver.resolve("zzzzzzzzzzzz", null);
  assert.ok(isFieldError(stranger) && stranger.suggestion === undefined);
});

test("arguments are checked by kind", () => {
  const codeOf = (name: string, argument: string | null): string => {
    const access = resolver.resolve(name, argument);
    return isFieldError(access) ? access.code : "ok";
  };
  assert.equal(codeOf("proc.name", "1"), "unexpected-argument");
  assert.equal(codeOf("proc.aname", "one"), "bad-argument");
  assert.equal(codeOf("proc.aname", "-1"), "bad-argument");
  assert.equal(codeOf("evt.arg", null), "missing-argument");
  assert.equal(codeOf("evt.arg", "flgs"), "bad-argument");
  assert.equal(codeOf("evt.arg.flgs", null), "bad-argument");
  assert.equal(codeOf("evt.arg", "0"), "ok");
  assert.equal(codeOf("evt.type.is.open", null), "ok");
  assert.equal(codeOf("evt.type.is.opne", null), "bad-argument");
  assert.equal(codeOf("container.label.app.kubernetes.io/name", null), "ok");
  assert.equal(codeOf("evt.abspath.dst", null), "ok");
  assert.equal(codeOf("evt.abspath", "x"), "bad-argument");
  assert.equal(codeOf("proc.name.x", null), "unknown-field");
});

test("the type of a raw argument follows the parameter", () => {
  const typeOf = (name: string): string => {
    const access = resolver.resolve(name, null);
    return isFieldError(access) ? access.code : access.definition.type;
  };
  assert.equal(typeOf("evt.rawarg.flags"), "UINT32");
  assert.equal(typeOf("evt.rawarg.fd"), "INT64");
  assert.equal(typeOf("evt.rawarg.name"), "FSPATH");
  assert.equal(typeOf("evt.rawarg.data"), "BYTEBUF");
});

test("fields that show a path are told from those that don't", () => {
  for (const name of [
    "fd.name",
    "fd.directory",
    "fd.filename",
    "fs.path.name",
    "evt.arg.name",
    "evt.args",
    "evt.abspath.src",
  ]) {
    assert.equal(dependsOnPath(name), true, name);
  }
  for (const name of ["proc.name", "fd.nameraw", "fs.path.nameraw", "fd.realpath", "evt.type", "nonsense"]) {
    assert.equal(dependsOnPath(name), false, name);
  }
});

const rules = new URL("../../../../shared/stock-rules/", import.meta.url);

test("every field named in Falco's own rule files resolves", {
  skip: existsSync(rules) ? false : "../shared/stock-rules is not there",
}, (t) => {
  const names = new Set<string>();
  for (const file of readdirSync(rules)) {
    const text = readFileSync(new URL(file, rules), "utf8").replace(/^\s*#.*$/gm, "");
    for (const [name] of text.matchAll(
      /(?<=%|\b)(?:evt|proc|fd|user|group|thread|container|k8s|fs\.path)\.[a-z][\w.]*[\w](?:\[[^\]\n]*\])?/g,
    )) {
      names.add(name);
    }
  }
  const unknown = [...names].filter((name) => {
    const [, field = "", argument = null] = /^([\w.]+?)(?:\[([^\]]*)\])?$/.exec(name) ?? [];
    return isFieldError(resolver.resolve(field, argument));
  });
  t.diagnostic(`${names.size} distinct fields read from ../shared/stock-rules`);
  // The files also hold a log file of this name, and a parameter in a sentence.
  const texts = new Set(["user.log", "evt.arg.res_or_fd"]);
  assert.deepEqual(
    unknown.filter((name) => !texts.has(name) && !/\.(?:io|yaml|service|sh|py)\b/.test(name)),
    [],
  );
});
