import assert from "node:assert/strict";
import test from "node:test";

import { axisTitle } from "../../frontend/assets/compare/clock.mjs";
import { ruleName } from "../../frontend/assets/play/rules.mjs";
import { ACTIONS, CLOCKS, METHODS, PARTS, STATES } from "../../frontend/assets/vocabulary.mjs";
import { functionChange } from "../../frontend/assets/words.mjs";
import { vectors } from "./vectors.mjs";

test("what a birth did to the function is said as in the terminal", async () => {
  const { words } = await vectors();
  for (const [value, said] of words.changes) assert.equal(functionChange(value), said);
  assert.equal(functionChange(undefined), "–");
});

test("a clock's axis has the title that exported figures have", async () => {
  const { words } = await vectors();
  assert.deepEqual(Object.fromEntries(Object.keys(CLOCKS).map((by) => [by, axisTitle(by)])), words.axes);
});

test("a rule is called alike on its button, in its menu and in the table of births", () => {
  assert.equal(ruleName("north"), "NORTH*");
  assert.equal(ruleName("of_a_plugin"), "of a plugin");
});

test("no word is empty", () => {
  for (const table of [ACTIONS, METHODS, PARTS, STATES]) assert.ok(Object.values(table).every((word) => word.length > 1));
});
