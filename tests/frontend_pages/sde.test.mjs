import assert from "node:assert/strict";
import test from "node:test";

import { ellipseOutline, measuredWords, meterWords, phaseWords, reach, readEigenvalues, shape, basinWords, valueWords } from "../../frontend/assets/sde/words.mjs";
import { few } from "../../frontend/assets/words.mjs";

const loss = { name: "hessian", phase: "done", done: 1, updates: 234, settled: true, measured: 0.14596, error: 0.00012, naive: 0.08125, corrected: 0.14606 };
const share = { ...loss, name: "wells", measured: 0.6683, error: 0.0018, naive: 2 / 3, corrected: null };

test("losses stand in few digits, shares in per cent, what is not known is empty", () => {
  assert.equal(measuredWords(loss), "0.146 ± 0.00012");
  assert.equal(measuredWords(share), "66.8 % ± 0.2 %");
  assert.equal(measuredWords({ ...loss, measured: null }), "");
  assert.equal(valueWords(loss, loss.naive), "0.08125");
  assert.equal(valueWords(share, share.corrected), "");
  assert.equal(few(6.7123e-6, 2), "6.7e-6");
  assert.deepEqual(basinWords(share), { measured: "66.8 % ± 0.2 %", naive: "66.7 %", corrected: "not known with momentum or such small steps" });
});

test("a row says what its chains do, and whether they had settled", () => {
  assert.equal(phaseWords({ ...loss, phase: "waiting" }), "234 updates");
  assert.equal(phaseWords({ ...loss, phase: "settling", done: 0.25, updates: 1000 }), "settling, update 250 of 1,000");
  assert.equal(phaseWords(loss), "234 updates");
  assert.equal(phaseWords({ ...loss, settled: false }), "had not settled");
});

test("eigenvalues are read as people write them; what is no number is left to the server to name", () => {
  assert.deepEqual(readEigenvalues("1, 5 20;0.5"), [1, 5, 20, 0.5]);
  assert.deepEqual(readEigenvalues("1, x"), [1, null]);
  assert.deepEqual(readEigenvalues(" "), []);
});

test("the limits of the equation are said for the settings", () => {
  const spec = { lr: 0.05, batch: 4, momentum: 0, eigenvalues: [1, 20], well_curvatures: [1, 4] };
  assert.equal(meterWords(spec), "η/S = 0.0125 · ηλ₁/2 = 0.5: the finite step counts · ηH/2 = 0.1 in the double well");
  assert.match(meterWords({ ...spec, lr: 0.1 }), /ηλ₁\/2 = 1: the chains diverge/);
  assert.match(meterWords({ ...spec, lr: 0.1, momentum: 0.5 }), /^η\/\(S\(1 − μ\)\) = 0.05 · ηλ₁\/2 = 1: the finite step counts/);
  assert.match(meterWords({ ...spec, lr: 0.002 }), /far below 1/);
});

test("an ellipse lies two deviations out in every direction", () => {
  const [xx, xy, yy] = [2, 0.6, 0.5];
  const determinant = xx * yy - xy * xy;
  for (const [x, y] of ellipseOutline([xx, xy, yy])) assert.ok(Math.abs((yy * x * x - 2 * xy * x * y + xx * y * y) / determinant - 4) < 1e-9);
  assert.equal(reach({ naive: [1, 0, 4], corrected: [9, 0, 1] }), 12);
});

test("a study's shape in a few words", () => {
  const spec = { chains: 20000, eigenvalues: [1, 5], lr: 0.05, batch: 4, momentum: 0.9, temperature: 0.25, seed: 3 };
  assert.equal(shape(spec), "20,000 chains · λ 1, 5 · η 0.05 · S 4 · momentum 0.9 · n 0.25 · seed 3");
  assert.ok(!shape({ ...spec, momentum: 0 }).includes("momentum"));
});
