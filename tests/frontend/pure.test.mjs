import assert from "node:assert/strict";
import { test } from "node:test";

import { DIVERGING, MIDDLE, paintClasses, shade } from "../../frontend/assets/colour.mjs";
import { evaluate, gridPoints, gridSide } from "../../frontend/assets/forward.mjs";
import { History } from "../../frontend/assets/history.mjs";
import { decode, encode } from "../../frontend/assets/play/address.mjs";
import { learnRules, rulesOf } from "../../frontend/assets/play/rules.mjs";
import { learnNets } from "../../frontend/assets/nets.mjs";
import { DEFAULTS, canGrow, changesOf, fromSpec, rewired, schedule, toSpec } from "../../frontend/assets/play/settings.mjs";
import { Series, countGaps, decimate } from "../../frontend/assets/series.mjs";
import { figure, functionChange, percent, plateauHint } from "../../frontend/assets/words.mjs";
import { near, vectors } from "./vectors.mjs";
import { learnLosses } from "../../frontend/assets/measures/losses.mjs";

const shaped = ({ data, shape }) => Object.assign(Float32Array.from(data), { shape });
const transposed = (rows, width) => rows.map((_, i) => rows[(i % (rows.length / width)) * width + Math.floor(i / (rows.length / width))]);

test("the forward pass is numpy's", async () => {
  for (const given of (await vectors()).forward) {
    const net = { ...given, weights: given.weights.map(shaped), biases: given.biases.map((bias) => Float32Array.from(bias)) };
    const count = given.points.length / 2;
    const { logits, before, classes } = evaluate(net, Float32Array.from(transposed(given.points, 2)), count);
    near(logits.subarray(0, classes * count), transposed(given.logits, classes));
    given.before.forEach((rows, layer) => {
      const width = rows.length / count;
      near(before[layer].subarray(0, rows.length), transposed(rows, width));
    });
  }
});

test("a grid begins at the top left, with the centres of its cells", () => {
  const points = gridPoints({ x0: 0, x1: 2, y0: 0, y1: 4 }, 2);
  assert.deepEqual([...points.subarray(0, 8)], [0.5, 1.5, 0.5, 1.5, 3, 3, 1, 1]);
});

test("the grid is coarser for a large net, never too coarse", () => {
  const net = (width) => ({ weights: [Object.assign(new Float32Array(2 * width), {}), new Float32Array(width * width)] });
  assert.equal(gridSide(net(4)), 120);
  assert.equal(gridSide(net(2000)), 40);
});

test("the field passes through grey, blue below and orange above", () => {
  assert.deepEqual([...DIVERGING.subarray(128 * 3, 128 * 3 + 3)].map((v, i) => Math.abs(v - MIDDLE[i]) <= 1), [true, true, true]);
  const [r0, , b0] = DIVERGING.subarray(0, 3);
  const [r1, , b1] = DIVERGING.subarray(255 * 3, 255 * 3 + 3);
  assert.ok(b0 > r0 && r1 > b1);
  assert.deepEqual([shade(0), shade(1), shade(-3)], [0, 255, 0]);
});

test("a hard edge has one tint a class", () => {
  const pixels = new Uint32Array(3);
  paintClasses(Float32Array.from([0, 0, 0, -2, 0.1, 3]), 2, 3, pixels, true);
  assert.ok(pixels[1] === pixels[2] && pixels[0] !== pixels[1]);
  const three = new Uint32Array(2);
  paintClasses(Float32Array.from([5, 0, 0, 5, 0, 0]), 3, 2, three, true);
  assert.notEqual(three[0], three[1]);
});

const frame = (step, seq = 0) => ({ step, seq, units: [new Int32Array(3)] });

test("history keeps order, refuses doubles, finds moments and births", () => {
  const history = new History();
  for (const step of [30, 10, 20, 100]) assert.ok(history.add(frame(step)));
  assert.ok(!history.add(frame(20)));
  assert.ok(history.add(frame(20, 3)));
  assert.ok(history.addBirth({ step: 20, seq: 2 }) && !history.addBirth({ step: 20, seq: 2 }));
  assert.deepEqual(history.frames.map(({ step, seq }) => [step, seq]), [[10, 0], [20, 0], [20, 3], [30, 0], [100, 0]]);
  assert.equal(history.indexAt(25), 2);
  assert.equal(history.indexAt(5), 0);
  assert.equal(history.indexOfBirth({ step: 20, seq: 2 }), 2);
  assert.equal(history.before({ step: 20, seq: 2 }).seq, 0);
  assert.equal(history.lastBirth(frame(20)), null);
  assert.equal(history.lastBirth(frame(30)).step, 20);
  assert.equal(history.birthBeside(frame(100), -1).step, 20);
  assert.equal(history.birthBeside(frame(20, 3), 1), null);
  history.cutAfter("20-0");
  assert.deepEqual([history.length, history.births.length], [2, 0]);
});

test("thinning keeps births and both ends", () => {
  const history = new History(12_000);
  history.addBirth({ step: 501, seq: 0 });
  for (let step = 0; step < 1000; step += 1) history.add(frame(step));
  const steps = history.frames.map(({ step }) => step);
  assert.ok(history.bytes <= 12_000 + 64);
  assert.ok([0, 500, 501, 502, 520, 999].every((step) => steps.includes(step)));
});

test("series leave doubles out and find rows", () => {
  const series = new Series(["a", "b"]);
  series.append(Float64Array.from([1, 2, 2, 5]), Float32Array.from([1, 10, 2, 20, 9, 9, 5, 50]));
  assert.deepEqual([series.length, series.duplicates, [...series.column("b")]], [3, 1, [10, 20, 50]]);
  assert.deepEqual(series.at(4), { a: 2, b: 20 });
  assert.equal(series.at(0), null);
  for (let step = 6; step < 2000; step += 1) series.push(step, [step, 0]);
  assert.equal(series.at(1500).a, 1500);
  assert.equal(countGaps([0, 10, 20, 35], () => 10), 1);
});

test("decimation keeps the extremes and the end", () => {
  const xs = Float64Array.from({ length: 5000 }, (_, i) => i);
  const ys = Float32Array.from(xs, (x) => (x === 3210 ? 99 : Math.sin(x)));
  const { x, y } = decimate(xs, ys, 400);
  assert.ok(x.length <= 402 && y.includes(99) && x.at(-1) === 4999);
  assert.deepEqual(decimate([1, 2], [NaN, 3]).y, [null, 3]);
});

test("every setting survives the address", () => {
  assert.equal(encode(DEFAULTS), "?v=1");
  const settings = {
    data: "two_spirals", noise: 0.05, points: 200, test: 0, seed: 0, hidden: [8, 8], activation: "leaky_relu",
    loss: { kind: "cross_entropy", label_smoothing: 0.1 }, optimizer: "adam", lr: 0.0003, decay: 1e-7, batch: 1, speed: null, plateau: false, rule: "gradmax", layer: 1,
    hard: true, showTest: true, view: "sheet", sheet: { layer: 1, rows: [0, 2, 5] }, run: "green-otter-7", at: 0,
    changes: [
      { step: 120, command: { kind: "grow", rule: { kind: "random_direction", layer: 0 } } },
      { step: 130, command: { kind: "set", lr: 1e-7 } },
      { step: 131, command: { kind: "set", weight_decay: 0 } },
      { step: 140, command: { kind: "play" } },
    ],
    criterion: "mix", foldPoint: "author", auto: "until_accuracy", every: 12, patience: 20, target: 0.95, births: 3,
    deepen: "identity_layer", repair: "bias_shift",
  };
  assert.deepEqual(decode(encode({ ...DEFAULTS, ...settings })), { ...DEFAULTS, ...settings });
  assert.deepEqual(decode(encode({ ...DEFAULTS, hidden: [] })).hidden, []);
  assert.match(encode({ ...DEFAULTS, loss: "mse" }), /&lo=mse$/);
  assert.equal(decode("?v=1&lo=mse").loss, "mse");
  assert.equal(decode("?v=1&lo={broken").loss, null);
});

test("a broken address falls back to the defaults", () => {
  assert.deepEqual(decode("?v=1&d=nope&h=a-b&lr=x&s=-3&c=zz*5~q&run=%3Cb%3E"), { ...DEFAULTS });
});

test("settings become the run they ask for, and back", async () => {
  const spec = toSpec({ ...DEFAULTS, hidden: [3, 2], layer: 1 });
  assert.deepEqual(spec.growth.rule, { kind: "folding", layer: 1, criterion: "newton", fold_point: "effective" });
  learnRules(rulesOf({ RunSpec: (await vectors()).schema }));
  learnLosses([{ kind: "cross_entropy" }, { kind: "mse" }], (await vectors()).schema.properties.loss.default);
  for (const loss of ["mse", { kind: "cross_entropy", label_smoothing: 0.1 }]) {
    assert.deepEqual(toSpec({ ...DEFAULTS, loss }).loss, loss);
    assert.deepEqual(fromSpec({ ...(await vectors()).spec, loss }).loss, loss);
  }
  assert.equal("loss" in toSpec(DEFAULTS), false);
  const back = fromSpec((await vectors()).spec);
  const given = Object.fromEntries(Object.keys(back).map((name) => [name, DEFAULTS[name]]));
  assert.deepEqual({ ...back, optimizer: given.optimizer, lr: given.lr }, given);
  assert.equal(fromSpec({ data: { kind: "digits" } }), null);
});

test("a shared view schedules its changes up to its moment", () => {
  const grow = { step: 50, command: { kind: "grow", rule: { kind: "gradmax", layer: 0 } } };
  const commands = schedule({ changes: [grow, { step: 90, command: { kind: "play" } }], at: 60 });
  assert.deepEqual(commands.map(({ step, command }) => [step, command.kind]), [[50, "grow"], [50, "play"], [60, "pause"]]);
  const set = { step: 4, command: { kind: "set", lr: 0.3, weight_decay: null }, refused: "" };
  assert.deepEqual(changesOf(set), [{ step: 4, command: { kind: "set", lr: 0.3 } }]);
  assert.deepEqual(changesOf({ step: 4, command: { kind: "play" }, refused: "" }, false), []);
  assert.deepEqual(changesOf({ step: 4, command: { kind: "grow", rule: {} }, refused: "full" }), []);
});

test("numbers read well", () => {
  assert.deepEqual([0.12345, 12345.6, 1e-9, -2, 0, null].map((value) => figure(value)), ["0.123", "12300", "1.0e-9", "−2", "0", "–"]);
  assert.equal(functionChange(0), "function unchanged (0)");
  assert.equal(functionChange(5.2e-15), "function unchanged (5e-15)");
  assert.deepEqual([functionChange(34.58), functionChange(0.4423), functionChange(0.004)], ["function changed by 35", "function changed by 0.44", "function changed by 4e-3"]);
  assert.deepEqual([0.999, 1, 0.704].map(percent), ["99 %", "100 %", "70 %"]);
  assert.equal(plateauHint(0.704), "stuck at 70 %: give it a fold");
});

test("a net without layers starts without hidden nodes and grows by insertion; it survives address and spec", async () => {
  learnNets((await vectors()).nets);
  const settings = { ...DEFAULTS, ...rewired("dag"), ruleOptions: { init: "identity" } };
  assert.ok(canGrow(settings) && !canGrow({ hidden: [], wiring: "layers" }));
  assert.deepEqual(decode(encode(settings)), settings);
  const spec = toSpec(settings);
  assert.deepEqual(spec.net, { hidden: [], activation: "relu", wiring: "dag" });
  assert.deepEqual(spec.growth.rule, { kind: "random_insertion", init: "identity" });
  assert.deepEqual(rewired("layers").rule, DEFAULTS.rule);
});
