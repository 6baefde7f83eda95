import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withCommit } from "../src/version.ts";

describe("a version", () => {
  it("stands alone in a checkout", () => {
    assert.equal(withCommit("1.2.3", null), "1.2.3");
  });

  it("has the release's commit behind its first line", () => {
    assert.equal(withCommit("1.2.3", "abc1234"), "1.2.3 (commit abc1234)");
    assert.equal(withCommit("engine 1.2.3\nNode 24", "abc1234"), "engine 1.2.3 (commit abc1234)\nNode 24");
  });
});
