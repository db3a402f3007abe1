// The sweep half of Launch: the draft's few changes, the words, the dots of the scatter.

import assert from "node:assert/strict";
import test from "node:test";

import { addAxis, addValue, sweptAxes, draftOf, removeAxis, seedsText, settingsOf, tick, widths } from "../../frontend/assets/launch/sweep/draft.mjs";
import { sweepDots, limitsOf, logTicksOf, othersOf, dotPairs, ticksOf } from "../../frontend/assets/launch/sweep/dots.mjs";
import { byGroup, canGoOn, sweepCompareAddress, sweepCostWords, deciding, drawnMeasure, granularityWords, floorWords, presetWords, standing } from "../../frontend/assets/launch/sweep/words.mjs";
import { GRANULARITIES } from "../../frontend/assets/vocabulary.mjs";
import { learnMeasures } from "../../frontend/assets/measures/declared.mjs";

learnMeasures(JSON.parse(process.env.MEASURES));

const SPEC = {
  base: { batch: 10, optimizer: { lr: 0.05 }, net: { hidden: [10] }, stop: { epochs: 5 } },
  primary: { measure: "lambda_layer", align: "loss", compare: "model" },
  vary: { model: { grown: { "net.hidden": [1] }, fixed: {} }, batch: { 10: { batch: 10 }, 100: { batch: 100 } } },
  seeds: [0, 1, 2],
  measure: { flatness: ["layer"], every: 10 },
};

test("a setting that is unticked leaves the sweep and comes back", () => {
  const without = tick(draftOf(SPEC), "batch", "100", false);
  assert.deepEqual(without.spec.vary.batch, { 10: { batch: 10 } });
  assert.deepEqual(settingsOf(without, "batch").map(([name, , on]) => [name, on]), [["10", true], ["100", false]]);
  const none = tick(without, "batch", "10", false);
  assert.equal("batch" in none.spec.vary, false);
  assert.deepEqual(sweptAxes(none), ["model", "batch"]);
  assert.deepEqual(tick(tick(none, "batch", "10", true), "batch", "100", true).spec.vary.batch, SPEC.vary.batch);
});

test("the side that is compared has to vary", () => {
  assert.equal(removeAxis(draftOf(SPEC), "model").spec.primary.compare, "");
  assert.equal(removeAxis(draftOf(SPEC), "batch").spec.primary.compare, "model");
});

test("values are read as the field takes them, or not at all", () => {
  assert.deepEqual(addValue(draftOf(SPEC), "batch", " 32 ").spec.vary.batch["32"], { batch: 32 });
  assert.deepEqual(addValue(draftOf(SPEC), "size", "64-32").spec.vary.size, { "64-32": { "net.hidden": [64, 32] } });
  assert.deepEqual(addValue(draftOf(SPEC), "lr", "0,1").spec.vary.lr, { 0.1: { "optimizer.lr": 0.1 } });
  for (const [axis, text] of [["batch", "1.5"], ["batch", "x"], ["size", "a"], ["lr", ""]]) assert.equal(addValue(draftOf(SPEC), axis, text), null);
  assert.equal(widths(""), undefined);
});

test("a new axis begins with what all runs have", () => {
  assert.deepEqual(addValue(addAxis(draftOf(SPEC), "schedule"), "schedule", "cosine").spec.vary.schedule, { constant: { lr_schedule: { kind: "constant" } }, cosine: { lr_schedule: { kind: "cosine" } } });
  assert.equal(addValue(draftOf(SPEC), "schedule", "two words"), null);
  assert.deepEqual(addAxis(draftOf(SPEC), "lr").spec.vary.lr, { 0.05: { "optimizer.lr": 0.05 } });
  const model = { grown: { net: { hidden: [] } }, fixed: {} };
  const { vary } = addAxis(removeAxis(draftOf(SPEC), "model"), "model", model).spec;
  assert.deepEqual([Object.keys(vary), vary.model], [["model", "batch"], model]);
});

test("the draft that was given never changes", () => {
  const before = JSON.stringify(SPEC);
  addAxis(tick(draftOf(SPEC), "model", "fixed", false), "epochs");
  assert.equal(JSON.stringify(SPEC), before);
});

test("seeds are said as people write them", () => {
  assert.equal(seedsText([0, 1, 2, 3]), "0-3");
  assert.equal(seedsText([0, 2]), "0, 2");
  assert.equal(seedsText([0, 1]), "0, 1");
  assert.equal(seedsText("0-"), "0-");
});

test("what it costs and what its test could show", () => {
  assert.equal(sweepCostWords({ runs: 1200, updates: 5_000_000, seconds: 1300, threads: 2 }), "1,200 runs · 5,000,000 updates · about 22 min");
  assert.equal(floorWords({ pairs: 10, floor: 2 / 1024, threads: 2, memory_mb: 12.4 }), "2 processors, 12 MB. 10 pairs: p can reach 0.002.");
  assert.match(floorWords({ pairs: 5, floor: 0.0625, threads: 1, memory_mb: 0 }), /MB\. 5 pairs: p cannot go below 0.063, so nothing can be decided/);
});

test("where it stands, in one sentence", () => {
  assert.equal(standing({ state: "queued", place: 2 }), "Waiting: 2 before it.");
  assert.equal(standing({ state: "queued", place: 0, message: "Its worker died; another goes on." }), "Its worker died; another goes on. Waiting: next in the queue.");
  assert.equal(standing({ state: "running", doing: "3 of 40 runs" }), "3 of 40 runs");
  assert.equal(standing({ state: "running", stopping: true }), "Stopping…");
  assert.equal(standing({ state: "done", doing: "40 of 40 runs", started: 0, ended: 12_000 }), "Done: 40 of 40 runs, in 12 s.");
  const few = { state: "done", doing: "4 of 4 runs", started: 0, ended: 12_000, spec: { seeds: [0, 1], vary: { lr: {} }, primary: {} } };
  assert.match(standing(few), /in 12 s\. 2 pairs: p cannot go below 0\.50, so nothing can be decided/);
  assert.equal(standing({ ...few, spec: { ...few.spec, seeds: [0, 1, 2, 3, 4, 5] } }), "Done: 4 of 4 runs, in 12 s.");
  assert.deepEqual(["stopped", "failed", "done", "running"].map((state) => canGoOn({ state })), [true, true, false, false]);
});

test("a sweep is compared as its question says", () => {
  assert.equal(sweepCompareAddress({ id: "x1", spec: SPEC }), "/compare?sweep=x1&by=loss&measure=lambda_layer&contrast=net.hidden");
  const two = { ...SPEC, vary: { model: { grown: { "net.hidden": [1], growth: {} }, fixed: {} } } };
  assert.equal(sweepCompareAddress({ id: "x1", spec: two }), "/compare?sweep=x1&by=loss&measure=lambda_layer");
});

test("the measure that is drawn is a curvature", () => {
  assert.equal(drawnMeasure(SPEC), "lambda_layer");
  assert.equal(drawnMeasure({ ...SPEC, primary: { measure: "test_accuracy" } }), "lambda_layer");
});

const row = (model, batch, seed, accuracy, flatness, state = "done") => ({
  name: `${model} ${batch} ${seed}`, settings: { model, batch }, seed, state,
  curve: { columns: { test_accuracy: [0.1, accuracy], lambda_layer: [1, flatness, null] } },
});

test("pairs join once the second of them lands", () => {
  const rows = [row("grown", "10", 0, 0.9, 100), row("grown", "100", 0, 0.8, 90), row("fixed", "10", 0, 0.95, 300)];
  const dots = sweepDots(SPEC, rows, "lambda_layer");
  assert.deepEqual(dots.map(({ x, y, side, shade }) => [x, y, side, shade]), [[0.9, 100, 0, 0], [0.8, 90, 0, 1], [0.95, 300, 1, 0]]);
  assert.deepEqual(dotPairs(dots, SPEC).map(([a, b]) => [a.row.name, b.row.name]), [["grown 10 0", "fixed 10 0"]]);
  assert.deepEqual(othersOf(SPEC), ["batch 10", "batch 100"]);
});

test("a run that failed, or whose number is not known, has no dot", () => {
  assert.equal(sweepDots(SPEC, [row("grown", "10", 0, 0.9, 100, "failed"), row("grown", "10", 1, 0.9, 0)], "lambda_layer").length, 0);
});

test("axes have room and round ticks", () => {
  assert.equal(limitsOf([]), null);
  const [low, high] = limitsOf([0.9, 0.9]);
  assert.ok(low < 0.9 && high > 0.9);
  assert.deepEqual(ticksOf([0.88, 1.02], 4).map((value) => value.toFixed(2)), ["0.90", "0.95", "1.00"]);
  assert.deepEqual(logTicksOf([0, 2]), [1, 2, 5, 10, 20, 50, 100]);
  assert.deepEqual(logTicksOf([-4.5, 1.5]).map((value) => Number(value.toPrecision(3))), [1e-4, 1e-3, 1e-2, 0.1, 1, 10]);
});

test("presets stand under their headings and say what they take and need", () => {
  const one = (group, ...needs) => ({ title: "Table 1: digits", group, runs: 40, seconds: 35, needs });
  assert.equal(presetWords(one("a")), "Table 1: digits · 40 runs, about 35 s");
  assert.equal(presetWords(one("a", { what: "mnist", comes: true })), "Table 1: digits · 40 runs, about 35 s · downloads mnist");
  assert.match(presetWords(one("a", { what: "cola", comes: true }, { what: "encoder transformer", comes: false })), / · needs encoder transformer · downloads cola$/);
  assert.deepEqual(byGroup({ x: one("a"), y: one("b"), z: one("a") }).map(([label, members]) => [label, members.map(([key]) => key)]), [["a", ["x", "z"]], ["b", ["y"]]]);
});

test("what decides is a loss, a score, or what the sweep can measure, called as it is declared", () => {
  const options = new Map(deciding({ ...SPEC, measure: { ...SPEC.measure, probes: [{ kind: "sharpness" }] } }));
  assert.equal(options.get("lambda_layer"), "λ by layer");
  assert.equal(options.get("asam"), "ASAM");
  for (const name of ["train_loss", "test_accuracy", "test_matthews", "trace"]) assert.ok(options.has(name), name);
  for (const name of ["noise_scale", "frobenius", "flops", "gradient_norm"]) assert.ok(!options.has(name), name);
  assert.deepEqual(GRANULARITIES.map(granularityWords), ["raw", "by tensor", "by layer", "by block", "by element"]);
  const bare = { ...SPEC, primary: { measure: "test_accuracy" }, measure: { flatness: [], probes: [{ kind: "noise" }] } };
  assert.equal(drawnMeasure(bare), "noise_scale");
});
