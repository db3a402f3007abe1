import assert from "node:assert/strict";
import test from "node:test";

import { excessWords, shape, sortedCurve } from "../../frontend/assets/learnt-first/words.mjs";

test("points are sorted by how often they were right", () => {
  assert.deepEqual(sortedCurve([1, 0, 3]), [[0, 0], [0.25, 0], [0.25, 1], [1, 1]]);
  assert.deepEqual(sortedCurve([0, 2]), [[0, 1], [1, 1]]);
  assert.deepEqual(sortedCurve([4, 0.001]).at(-1)[1], 0); // a thousandth of a point is nowhere
});

test("an excess that is not known is no number", () => {
  assert.equal(excessWords(null), "–");
  assert.equal(excessWords(12.345), "×12.3");
});

test("a study is told by what it trains", () => {
  const base = { data: { kind: "digits" }, net: { hidden: [64, 64] }, corrupt: { labels: 0.5 }, seed: 3 };
  assert.equal(shape({ base, runs: 30, epochs: 1 }), "digits · net 64-64 · 30 runs of an epoch · random labels 0.5 · seed 3");
});
