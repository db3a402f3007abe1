import assert from "node:assert/strict";
import test from "node:test";

import { addressOf } from "../../frontend/assets/compare/halves.mjs";
import { framed } from "../../frontend/assets/ensemble/curves.mjs";
import { cellAt, cellWords, isBright, measureOut, heatRange } from "../../frontend/assets/ensemble/heat.mjs";
import { KnownEnsemble } from "../../frontend/assets/ensemble/known.mjs";
import { memberOf, memberWord, reordered, readAddress, ensembleSpec, START, withRuns, writeAddress } from "../../frontend/assets/ensemble/state.mjs";
import { actionWords, beyondWords, countWords, gainWords, memberName, pairWords, scoreWords, shape } from "../../frontend/assets/ensemble/words.mjs";

const score = (accuracy) => ({ accuracy, nll: 0.5, ece: 0.1 });
const member = (run, step, accuracy) => ({ run, step, name: `${run}@${step}`, ...score(accuracy) });
const ROWS = [
  { key: "members", plane: true, members: [member("a", 4, 0.8), member("b", 8, 0.9), member("b", 4, 0.7)] },
  { key: "added.1", members: 1, ...score(0.8) }, { key: "added.2", members: 2, ...score(0.9) },
  { key: "pair.0-2", first: 0, second: 2, distance: 3, barrier: null },
];

test("members are written as people write them, and what is none is left out", () => {
  for (const word of ["quiet-heron", "quiet-heron@800", "quiet-heron@cycles"]) assert.equal(memberWord(memberOf(word)), word);
  assert.deepEqual(memberOf("a@0"), { run: "a", step: 0 });
  for (const word of ["", "@3", "a@-1", "a@last", "a b"]) assert.equal(memberOf(word), null);
});

test("an address brings the view back, and what it says wrongly is as at first", () => {
  const state = { members: [{ run: "a", step: 4 }, { run: "b", step: "cycles" }, { run: "b", step: null }], weights: "validation_accuracy", ensemble: "f00d", matrix: "barrier" };
  assert.equal(writeAddress(state), "?members=a@4,b@cycles,b&weights=validation_accuracy&ensemble=f00d&matrix=barrier");
  assert.deepEqual(readAddress(writeAddress(state)), state);
  assert.equal(writeAddress(START), "");
  assert.deepEqual(readAddress("?members=a@x,,&weights=mine&ensemble=../x&matrix=none"), { ...START });
  assert.deepEqual(ensembleSpec(state), { members: ["a@4", "b@cycles", "b"], weights: "validation_accuracy" });
});

test("members are put in order, and runs that stay keep their moments", () => {
  assert.deepEqual(reordered(["a", "b", "c"], 0, 1), ["b", "a", "c"]);
  assert.deepEqual(reordered(["a", "b", "c"], 2, 1), ["a", "b", "c"]);
  assert.deepEqual(reordered(["a", "b", "c"], 2, -1), ["a", "c", "b"]);
  const members = [{ run: "a", step: 4 }, { run: "b", step: 8 }, { run: "a", step: 9 }];
  assert.deepEqual(withRuns(members, ["c", "a"]), [members[0], members[2], { run: "c", step: null }]);
});

test("what is known grows row by row; together only when all are added", () => {
  const known = new KnownEnsemble(ROWS);
  assert.equal(known.together, null);
  assert.ok(Math.abs(known.each("accuracy") - 0.8) < 1e-12);
  known.take({ key: "added.3", members: 3, ...score(0.95) });
  assert.deepEqual([known.together.accuracy, known.added.length, known.meanWeights, known.box], [0.95, 3, null, null]);
  assert.deepEqual(known.matrix("distance"), [[undefined, undefined, 3], [undefined, undefined, undefined], [3, undefined, undefined]]);
  assert.equal(known.matrix("barrier")[2][0], null);
  const lines = { dtype: "f8", shape: "1,2,2", bdata: Buffer.from(new Float64Array([0, 1, 2, 3]).buffer).toString("base64") };
  known.take({ key: "boundary.ensemble", box: [-1, 1, -2, 2], arrays: { lines } });
  assert.deepEqual(known.box, { x0: -1, x1: 1, y0: -2, y1: 2 });
  assert.deepEqual([...known.boundary("ensemble").lines], [0, 1, 2, 3]);
  assert.deepEqual([new KnownEnsemble().members, new KnownEnsemble().together], [[], null]);
  assert.ok(Number.isNaN(new KnownEnsemble().each("accuracy")));
});

test("cells with numbers never shrink below what holds one; many members leave the numbers to the table", () => {
  assert.deepEqual(measureOut(5, 400), { cell: 72, side: 382, written: true });
  assert.deepEqual(measureOut(5, 262), { cell: 48, side: 262, written: true });
  assert.deepEqual(measureOut(16, 330), { cell: 40, side: 662, written: true });
  assert.equal(measureOut(64, 400).written, false);
  assert.ok(measureOut(64, 480).side <= 480);
  const sizes = measureOut(3, 400);
  assert.deepEqual(cellAt(22, 22, sizes, 3), [0, 0]);
  assert.deepEqual(cellAt(22 + 72, 22, sizes, 3), [0, 1]);
  assert.equal(cellAt(10, 40, sizes, 3), null);
});

test("colours run from 0 to the largest value off the diagonal", () => {
  assert.deepEqual(heatRange([[9, 2], [2, 9]]), [0, 2]);
  assert.deepEqual(heatRange([[9, -0.5], [-0.5, 9]]), [-0.5, 0]);
  assert.equal(heatRange([[undefined, null], [null, undefined]]), null);
  assert.deepEqual([isBright([253, 231, 37]), isBright([68, 1, 84])], [true, false]);
  assert.deepEqual([cellWords(undefined), cellWords(null), cellWords(0.1234), cellWords(0)], ["", "–", "0.12", "0"]);
});

test("the mean of weights does not squash the curves: far off it is said in words", () => {
  const near = framed([0.9, 0.95], 0.92);
  assert.ok(near[0] > 0.88 && near[1] < 0.97);
  const far = framed([0.9, 0.95], 0.13);
  assert.deepEqual(far, near);
  assert.equal(beyondWords(0.13, far), "mean of weights 0.13, below");
  assert.equal(beyondWords(0.92, near), "");
  assert.equal(beyondWords(NaN, near), "");
  assert.equal(framed([NaN], 0.4), null);
  const flat = framed([0.9, 0.9], NaN);
  assert.ok(flat[0] < 0.9 && flat[1] > 0.9);
});

test("numbers and pairs are said in words", () => {
  assert.deepEqual([gainWords(0.006), gainWords(-0.004), gainWords(NaN)], ["+0.006", "−0.004", "–"]);
  assert.deepEqual([scoreWords("nll", 0.1084), scoreWords("ece", 0.0301), scoreWords("nll", null)], ["0.108", "0.030", "–"]);
  assert.equal(pairWords("distance", 3.14159, "a", "b"), "a and b: 3.142");
  assert.equal(pairWords("barrier", undefined, "a", "b"), "a and b: not measured yet");
  assert.match(pairWords("barrier", null, "a", "b"), /^a and b: – They have other layers/);
  assert.deepEqual([actionWords(0), actionWords(1), actionWords(5)], ["Measure an ensemble", "Measure 1 member", "Measure 5 members"]);
  assert.equal(countWords([{ run: "a", step: "cycles" }, { run: "b", step: null }]), "1 member and the ends of the cycles of 1 run");
  const names = new Map([["a", { name: "heron" }]]);
  assert.equal(memberName({ run: "a", step: 40 }, names), "heron@40");
  assert.equal(memberName({ run: "a", step: "cycles" }, names), "heron, ends of its cycles");
  assert.equal(shape({ spec: { weights: "equal", members: ["a", "b", "c", "d"].map((run) => ({ run, step: 1 })) } }, names), "heron, b, c and 1 more");
});

test("each half of Compare has an address with the runs, at most as many as an ensemble takes", () => {
  assert.equal(addressOf.ensemble(["a", "b", "a"]), "/compare/ensemble?members=a,b");
  assert.equal(addressOf.groups([]), "/compare");
  assert.equal(addressOf.ensemble(Array.from({ length: 90 }, (_, i) => `r${i}`)).split(",").length, 64);
});
