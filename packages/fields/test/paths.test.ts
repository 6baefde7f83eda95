import assert from "node:assert/strict";
import { posix } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { directoryOf, fileNameOf, joinPath, withoutDoubledSlashes } from "../src/paths.ts";

const component = fc.oneof(
  { arbitrary: fc.constantFrom(".", "..", "", "a", "etc", "..a", ".b", "..."), weight: 4 },
  { arbitrary: fc.stringMatching(/^[a-z.]{1,5}$/), weight: 1 },
);
const relative = fc.array(component, { minLength: 1, maxLength: 8 }).map((parts) => parts.join("/"));
const plainDirectory = fc
  .array(fc.stringMatching(/^[a-z]{1,4}$/), { maxLength: 4 })
  .map((parts) => (parts.length === 0 ? "/" : `/${parts.join("/")}/`));

test("an absolute path is normalised as the shell would, whatever the directory", () => {
  fc.assert(
    fc.property(plainDirectory, relative, (directory, rest) => {
      assert.equal(joinPath(directory, `/${rest}`), posix.resolve(`/${rest}`));
    }),
    { numRuns: 2000 },
  );
});

test("a relative path starts from the directory and never leaves the root", () => {
  fc.assert(
    fc.property(plainDirectory, relative, (directory, name) => {
      fc.pre(!name.startsWith("/") && name !== "");
      const joined = joinPath(directory, name);
      const expected = posix.resolve(directory, name);
      assert.equal(joined === "" ? "/" : joined, expected);
    }),
    { numRuns: 2000 },
  );
});

test("joining twice changes nothing", () => {
  fc.assert(
    fc.property(plainDirectory, relative, (directory, name) => {
      const once = joinPath(directory, name);
      assert.equal(joinPath("", once), once);
    }),
  );
});

test("a directory that is unknown stays in front, as Falco prints it", () => {
  assert.equal(joinPath("<UNKNOWN>", "shadow"), "<UNKNOWN>shadow");
  assert.equal(joinPath("", "shadow"), "shadow");
  assert.equal(joinPath(".", "/etc/shadow"), "/etc/shadow");
});

test("a name without slash after going back over the whole base loses its slash", () => {
  assert.equal(joinPath("", "/foo/../a"), "/a");
  assert.equal(joinPath("foo/", "..//a"), "a");
});

test("directory and file name follow Falco at the edges", () => {
  assert.equal(directoryOf("/etc/shadow"), "/etc");
  assert.equal(directoryOf("/shadow"), "/");
  assert.equal(directoryOf("shadow"), "/");
  assert.equal(directoryOf("/etc/"), "/etc/");
  assert.equal(fileNameOf("/etc/shadow"), "shadow");
  assert.equal(fileNameOf("shadow"), "/");
  assert.equal(fileNameOf("/etc/"), "/etc/");
  assert.equal(withoutDoubledSlashes("/etc//../etc///shadow"), "/etc/../etc/shadow");
});

test("a path of four thousand bytes is kept whole", () => {
  const long = `/tmp/${"d/".repeat(2000)}x`;
  assert.equal(joinPath("/", long), long);
});
