import assert from "node:assert/strict";
import test from "node:test";

import { birthRow, birthWords } from "../../frontend/assets/run/births.mjs";
import { blockChoices, chosenRule } from "../../frontend/assets/run/block-choice.mjs";

test("a block is named by its number, and what is not chosen is left to the rule", () => {
  assert.deepEqual(chosenRule("gradmax", ""), { kind: "gradmax", layer: "auto" });
  assert.deepEqual(chosenRule("gradmax", "2"), { kind: "gradmax", layer: 2 });
  assert.deepEqual(chosenRule("firefly", ""), { kind: "firefly" });
  assert.deepEqual(chosenRule("firefly", "0"), { kind: "firefly", layer: 0 });
  assert.deepEqual(chosenRule("identity_layer", "1"), { kind: "identity_layer", after: 1 });
});

test("blocks stand under their names; a block that is added has to know behind which", () => {
  const names = ["stage1_1", "stage2_1"];
  assert.deepEqual(Object.keys(blockChoices("gradmax", names)).sort(), ["", "0", "1"]);
  assert.deepEqual(Object.keys(blockChoices("identity_layer", names)), ["0", "1"]);
});

test("a birth in a block says what a sample costs since, how long growing took, and what a batch in training sees", () => {
  const birth = {
    epoch: 2, layer: 1, unit: 28, method: "gradmax", kept: 0, lambda_before: null, lambda_after: null, loss_change: 0, score: 1,
    parameters_before: 10, parameters_after: 20, gradient_norm_new: 0.1, step: 9,
    flops_before: 288_000, flops_after: 318_000, seconds: 0.31, kept_in_training: 0.02,
  };
  assert.equal(birthRow(birth, 1).at(-1), "288,000 → 318,000");
  const words = birthWords(birth, "stage2_1");
  assert.match(words, /growing took 0\.31 s/);
  assert.match(words, /function changed by 0\.02\d* as batches are normalised in training/);
});
