import assert from "node:assert/strict";
import test from "node:test";

import { birthRow, birthWords } from "../../frontend/assets/run/births.mjs";
import { classAccuracy, everyNth, matthews, strengths, worst } from "../../frontend/assets/run/confusion.mjs";
import { Cross } from "../../frontend/assets/run/cross.mjs";
import { facts } from "../../frontend/assets/run/reproduce.mjs";
import { madeOf, progressWords } from "../../frontend/assets/run/head.mjs";
import { actionOf } from "../../frontend/assets/run/keys.mjs";
import { accuracyRange, panelAxis } from "../../frontend/assets/measures/axes.mjs";
import { wholeTicks } from "../../frontend/assets/run/panels.mjs";
import { pictureCaption } from "../../frontend/assets/run/picture.mjs";

function cross(last = 100) {
  const seen = [];
  const frames = [];
  const made = new Cross(() => seen.push(made.step), (call) => frames.push(call));
  made.setRange(0, last);
  return { made, seen, frames };
}

test("the cross-hair follows the newest moment until it is put somewhere", () => {
  const { made } = cross();
  assert.equal(made.step, 100);
  made.setRange(0, 120);
  assert.equal(made.step, 120);
  assert.ok(made.live);
  made.pin(40.4);
  assert.equal(made.step, 40);
  made.setRange(0, 200);
  assert.equal(made.step, 40);
  made.toLive();
  assert.equal(made.step, 200);
});

test("looking is not putting", () => {
  const { made } = cross();
  made.pin(40);
  made.look(70);
  assert.equal(made.step, 70);
  assert.equal(made.kept, 40);
  made.look(null);
  assert.equal(made.step, 40);
  made.look(900);
  assert.equal(made.step, 100);
});

test("pinned at the end it goes live when asked to", () => {
  const { made } = cross();
  made.pin(100, true);
  assert.ok(made.live);
  made.pin(100);
  assert.ok(!made.live);
});

test("the replay takes its time, shows everything and ends live", () => {
  const { made, seen, frames } = cross();
  made.play(1000);
  assert.ok(made.replaying);
  for (const now of [0, 250, 500, 1000]) frames.shift()(now);
  assert.deepEqual(seen, [0, 25, 50, 100]);
  assert.ok(!made.replaying && made.live);
  assert.equal(frames.length, 0);
});

test("a second press or a touch ends the replay where it stands", () => {
  const { made, frames } = cross();
  made.play(1000);
  frames.shift()(0);
  frames.shift()(300);
  made.play(1000);
  assert.ok(!made.replaying);
  assert.equal(made.step, 30);
  frames.shift()(900);
  assert.equal(made.step, 30);
});

test("classes, confusions and their strength", () => {
  const confusion = Int32Array.from([8, 2, 0, 0, 5, 0, 12, 0, 0]);
  const rates = classAccuracy(confusion, 3);
  assert.deepEqual(rates.slice(0, 2), [0.8, 1]);
  assert.equal(rates[2], 0);
  assert.deepEqual(worst(confusion, 3), [[2, 0, 12], [0, 1, 2]]);
  const all = strengths(confusion, 3);
  assert.equal(all[6], 1);
  assert.equal(all[0], 0.8);
  assert.equal(all[2], 0);
  assert.equal(strengths(Int32Array.from([5, 3, 0, 5]), 2)[1], 0.3 + 0.7 * (3 / 6));
  assert.ok(Number.isNaN(classAccuracy(Int32Array.from([0, 0, 0, 1]), 2)[0]));
});

test("of many classes only as many are named as can be read", () => {
  assert.equal(everyNth(30), 1);
  assert.equal(everyNth(3.5), 4);
  assert.equal(everyNth(3.5, 22), 7);
});

test("axes fit what they show", () => {
  assert.deepEqual(accuracyRange([0.93, 1], [NaN]), [0.8, 1.03]);
  assert.equal(panelAxis([1, 0.001]).type, "log");
  assert.equal(panelAxis([1, 0.5, 0, NaN]).type, "linear");
  assert.equal(panelAxis([]).type, "linear");
  const deep = panelAxis([1, 1e-68]);
  assert.ok(deep.range[0] > -9 && deep.dtick >= 2);
  assert.deepEqual(wholeTicks([1, 9]).dtick, 3);
});

test("words about the run", () => {
  const run = { state: "running", epoch: 12, epochs: 100, step: 540, steps_per_epoch: 45, updates: 4500, rate: 351.23, time_left_s: 11, heartbeat_age_s: 1 };
  assert.equal(progressWords(run), "epoch 12 of 100 · 540 of 4,500 updates · 351 updates/s · about 11 s left · heartbeat 1 s ago");
  assert.equal(madeOf({ data: "two_spirals", net: "2-1-2", growth: "by hand", optimizer: "sgd", lr: 0.1, batch: 32, seed: 7 }), "two spirals · 2-1-2 · grown by hand · sgd 0.1 · batch 32 · seed 7");
  assert.deepEqual(facts({ id: "a", parent: "b", parent_step: 3, attempt: 1 }), [["id", "a"], ["forked from", "b, update 3"]]);
});

test("words about a picture and a birth", () => {
  const frame = { kind: "frame", epoch: 20, why_no_folds: "", regions: 4, fold_points: { shape: [1, 2] } };
  assert.equal(pictureCaption(frame), "epoch 20 · 1 fold point · 4 regions");
  assert.equal(pictureCaption({ ...frame, why_no_folds: "tanh has none" }), "epoch 20 · no folds");
  const birth = { epoch: 20, layer: 0, unit: 3, method: "random_direction", kept: 0, lambda_before: 1, lambda_after: 2, loss_change: 0, parameters_before: 7, parameters_after: 12, gradient_norm_new: 0.1, score: 0, step: 160 };
  assert.deepEqual(birthRow(birth, 1), ["▲ 1", "20", "1 · 3", "random unit", "function unchanged (0)", "1 → 2"]);
  assert.match(birthWords(birth), /parameters 7 → 12/);
});

test("keys act unless somebody types", () => {
  const nowhere = { closest: () => null };
  assert.equal(actionOf({ key: " ", target: nowhere }), "replay");
  assert.equal(actionOf({ key: "ArrowLeft", shiftKey: true, target: nowhere }), "birthBack");
  assert.equal(actionOf({ key: " ", target: { closest: (what) => what.includes("input") } }), null);
  assert.equal(actionOf({ key: "l", ctrlKey: true, target: nowhere }), null);
});

test("the Matthews correlation is that of two classes, of many, and 0 where one answer is always given (T-A6-2)", () => {
  const [tn, fp, fn, tp] = [5, 3, 2, 9];
  const two = (tp * tn - fp * fn) / Math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn));
  assert.ok(Math.abs(matthews(Int32Array.from([tn, fp, fn, tp]), 2) - two) < 1e-12);
  assert.ok(Math.abs(matthews(Int32Array.from([5, 1, 0, 2, 6, 1, 0, 3, 7]), 3) - 0.5804947114594262) < 1e-12);
  assert.equal(matthews(Int32Array.from([0, 7, 0, 9]), 2), 0);
});
