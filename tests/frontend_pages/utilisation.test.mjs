import assert from "node:assert/strict";
import test from "node:test";

import { leftWords, standing } from "../../frontend/assets/studies/words.mjs";
import { bySet, stripCells, headline, stripLevels, phaseWords, shape } from "../../frontend/assets/utilisation/words.mjs";
import { tenths } from "../../frontend/assets/words.mjs";

const row = (within, nets = 1000, more = {}) => ({ key: "sine.newton", data: "sine", nets, phase: "training", done: 0.5, without_fold: 0, tally: within && { within }, ...more });

test("cells are filled in proportion, whatever the number of nets", () => {
  assert.deepEqual(stripLevels(row([146, 193, 214, 274]), 1000), [146, 214, 1000]);
  assert.deepEqual(stripLevels(row([1460, 1930, 2140, 2740], 10_000), stripCells(10_000)), [146, 214, 1000]);
  assert.deepEqual(stripLevels(row([3, 4, 5, 6], 20), stripCells(20)), [3, 5, 20]);
  assert.deepEqual(stripLevels(row(null), 1000), [0, 0, 1000]);
});

test("rows stand under their data set in their order", () => {
  const rows = [{ data: "sine", key: 1 }, { data: "sine15", key: 2 }, { data: "sine", key: 3 }];
  assert.deepEqual(bySet(rows).map(([data, own]) => [data, own.map(({ key }) => key)]), [["sine", [1, 3]], ["sine15", [2]]]);
});

test("a count says how many of how many", () => {
  assert.deepEqual(headline(row([146, 193, 214, 274])), { number: "146", words: "of 1,000 · 14.6 %" });
  assert.deepEqual(headline(row(null)), { number: "", words: "" });
  assert.equal(tenths(65, 1000), "6.5 %");
});

test("a row says what is done with it", () => {
  assert.equal(phaseWords(row([1, 1, 1, 1]), 2000), "update 1,000 of 2,000");
  assert.equal(phaseWords(row(null, 1000, { phase: "growing" }), 2000), "growing…");
  assert.equal(phaseWords(row(null, 1000, { phase: "done", without_fold: 3 }), 2000), "3 found no fold and got a random one");
});

test("a study says where it stands", () => {
  assert.equal(standing({ state: "queued", place: 0, message: "" }), "Waiting: next in the queue.");
  assert.equal(standing({ state: "queued", place: 2, message: "Its worker died; it begins again from the start." }), "Its worker died; it begins again from the start. (2 before it)");
  assert.equal(standing({ state: "running", stopping: true }), "Stopping…");
  assert.equal(standing({ state: "done", started: 0, ended: 17_000 }), "Done in 17 s.");
  assert.equal(standing({ state: "failed", message: "by nothing" }), "by nothing");
  assert.equal(leftWords(12.4), "about 12 s left");
  assert.equal(leftWords(NaN), "");
});

test("a study's shape in a few words", () => {
  const spec = { rows: ["a", "b"], nets: 1000, sets: ["sine"], draws: 10, steps: 2000, seed: 0 };
  assert.equal(shape(spec), "2 × 1,000 nets · sine · 10 draws · 2,000 updates · seed 0");
});
