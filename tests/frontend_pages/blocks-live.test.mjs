import assert from "node:assert/strict";
import test from "node:test";

import { deadOf, stagesOf } from "../../frontend/assets/blocks/live.mjs";
import { netOfVector } from "../../frontend/assets/landscape/weights.mjs";
import { outputsOf, evaluate, gridPoints, netOfFrame, sizes } from "../../frontend/assets/forward.mjs";
import { birthWords, noBirths } from "../../frontend/assets/run/births.mjs";
import { madeOf } from "../../frontend/assets/run/head.mjs";
import { canNeverGrow, hasBlocks, learnNets, ruleOnPage, wirings } from "../../frontend/assets/nets.mjs";
import { decode, encode } from "../../frontend/assets/play/address.mjs";
import { DEFAULTS, fromGrowth, ruleSpec, withFittingRule } from "../../frontend/assets/play/settings.mjs";
import { suggestionWords } from "../../frontend/assets/compare/words.mjs";
import { sentenceOf } from "../../frontend/assets/views/sentence.mjs";
import { describe } from "../../frontend/assets/words.mjs";

const shaped = (values, ...shape) => Object.assign(Float32Array.from(values), { shape });
const kind = (wiring, more) => ({ wiring, title: wiring, words: `a ${wiring}`, plural: `${wiring} nets`, layered: false, single: false, drawn: "blocks", samples: ["pictures"], ungrown: [], rules: [], activations: {}, folds: [], ...more });
const known = () => learnNets([
  kind("layers", { layered: true, drawn: "layers", samples: ["points", "numbers", "pictures"], rules: ["folding", "gradmax"], folds: ["relu"] }),
  kind("resnet"), kind("cnn", { rules: ["gradmax", "random"] }), kind("res_mlp", { samples: ["points", "numbers", "pictures"] }),
]);

test("the structure of a frame is read stage by stage, and its dead units block by block", () => {
  assert.deepEqual(stagesOf(Int32Array.from([8, 9, 0, 16, 0])), [[8, 9], [16]]);
  assert.deepEqual(deadOf([[0, 0.5, 0], [1]]), [2, 0]);
  assert.deepEqual(deadOf(undefined), []);
});

test("outputs on a lattice are taken as linear between its nodes, and as those of the edge beyond", () => {
  const box = { x0: 0, x1: 2, y0: 0, y1: 2 };
  // Rows from the top down: the first output is x, the second y.
  const outputs = shaped([0, 1, 2, 0, 1, 2, 0, 1, 2, 2, 2, 2, 1, 1, 1, 0, 0, 0], 2, 3, 3);
  const net = netOfFrame({ weights: [], biases: [], outputs }, { activation: "relu", negative_slope: 0, wiring: "res_mlp" }, box);
  assert.equal(outputsOf(net), 2);
  assert.deepEqual(sizes(net), [2, 2]);
  const points = Float32Array.from([0.5, 2, 1.25, 9, 1.75, 0, 1.25, -4]); // x of all, y of all
  assert.deepEqual([...evaluate(net, points, 4, "test").logits.subarray(0, 8)], [0.5, 2, 1.25, 2, 1.75, 0, 1.25, 0]);
  const grid = gridPoints(box, 4, "test");
  assert.deepEqual([...evaluate(net, grid, 16, "test").logits.subarray(0, 4)], [0.25, 0.75, 1.25, 1.75]);
});

test("a vector that is no net of layers gives no net to draw", () => {
  assert.equal(netOfVector(new Float64Array(7), { sizes: [2, 8, 2], activation: "relu", slope: 0 }), null);
  assert.ok(netOfVector(new Float64Array(42), { sizes: [2, 8, 2], activation: "relu", slope: 0 }));
});

test("Play offers kinds that read points, and knows those of blocks", () => {
  known();
  assert.deepEqual(Object.keys(wirings()), ["layers", "res_mlp"]);
  assert.deepEqual(["layers", "resnet"].map((wiring) => hasBlocks({ wiring })), [false, true]);
});

test("a button of the run page grows by what can grow the net", () => {
  known();
  const growth = { rule: { kind: "gradmax", layer: 0 } };
  assert.deepEqual(ruleOnPage({ net: { wiring: "layers" }, growth }), { kind: "folding" });
  assert.deepEqual(ruleOnPage({ net: { wiring: "cnn" }, growth }), growth.rule);
  assert.deepEqual(ruleOnPage({ net: { wiring: "cnn" }, growth: { rule: { kind: "folding" } } }), { kind: "gradmax", layer: "auto" });
  assert.equal(ruleOnPage({ net: { wiring: "resnet" }, growth }), null);
  assert.deepEqual(ruleSpec(withFittingRule({ ...DEFAULTS, wiring: "cnn", hidden: [] })), { kind: "gradmax", layer: "auto" });
  assert.deepEqual(fromGrowth({ rule: { kind: "gradmax", layer: "auto" }, schedule: { kind: "by_hand" } }).layer, -1);
  assert.equal(withFittingRule(DEFAULTS), DEFAULTS);
  assert.equal(decode(encode({ ...DEFAULTS, wiring: "cnn", hidden: [], rule: "gradmax", layer: -1 })).layer, -1);
  assert.deepEqual(["cnn", "resnet"].map((wiring) => canNeverGrow({ wiring })), [false, true]);
});

test("what cannot grow is not said to be grown by hand", () => {
  known();
  const run = { data: "digits", net: "ResNet-8, width 16", growth: "by hand", optimizer: "adam", lr: 0.03, batch: 32, seed: 7, wiring: "resnet", state: "running" };
  assert.equal(madeOf(run), "digits · ResNet-8, width 16 · adam 0.03 · batch 32 · seed 7");
  assert.equal(noBirths(run), "No growth rule grows resnet nets.");
  assert.match(madeOf({ ...run, wiring: "layers" }), /grown by hand/);
});

test("a birth says which block it joined", () => {
  const birth = { unit: 7, layer: 1, step: 20, epoch: 1, method: "gradmax", loss_change: 0, parameters_before: 10, parameters_after: 12, gradient_norm_new: 1, score: 1 };
  assert.match(birthWords(birth, "stage2_1"), /^Unit 7 joined stage 2.1 after update 20/);
  assert.match(birthWords(birth), /^Unit 7 joined hidden layer 2/);
});

test("words of a net of blocks speak of blocks", () => {
  const frame = { epoch: 3, units: [[0, 1], [2]], structure: Int32Array.from([2, 1, 0]), why_no_folds: "the folds of a dense residual net cannot be computed", weights: [], edges: [] };
  assert.match(describe({ frame, row: null, births: [], live: true }), /3 hidden neurons in 2 blocks; no folds/);
  const net = { outputs: shaped([0, 0], 2, 1, 1), weights: [] };
  assert.match(sentenceOf({ frame, net, view: "sheet", data: { classes: 2 } }, null, false), /units of a net of blocks are not shown/);
  assert.match(suggestionWords({ data: "digits", net: "CNN 4-8", drawn: "blocks", hidden: [], batch: 32, seeds: [7], states: {} }), /^digits · CNN 4-8 · batch 32/);
});
