import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { assertDiskSpace } from "../src/disk-guard.ts";

test("a disk with room is no trouble, one with less than the reserve is named with what to do", async () => {
  await assertDiskSpace(tmpdir(), 1);
  await assert.rejects(assertDiskSpace(tmpdir(), Number.MAX_SAFE_INTEGER), {
    message: new RegExp(`^the disk is full: \\d+ MiB are left below ${tmpdir()}$`),
    code: "DISK_FULL",
  });
});
