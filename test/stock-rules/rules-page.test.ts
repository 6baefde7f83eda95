import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { RULES_PAGE, rulesPage } from "../../scripts/rules-page.ts";

test("docs/rules.md is what scripts/rules-page.ts writes", () => {
  assert.equal(readFileSync(RULES_PAGE, "utf8"), rulesPage());
});
