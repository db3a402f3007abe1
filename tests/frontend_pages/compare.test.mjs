import assert from "node:assert/strict";
import test from "node:test";

import { axisOf, bandTraces, birthTraces, clockAxis, bandExtent, litTrace, rowsOf, wholeBand } from "../../frontend/assets/compare/bands.mjs";
import { frameAt, rangeOf, readingAt, shareOf, updatesAt } from "../../frontend/assets/compare/clock.mjs";
import { classesOf, disagreement, paintDifference, shareWords } from "../../frontend/assets/pair/difference.mjs";
import { dotsOf, ellipse, scatterAxes, scatterTraces } from "../../frontend/assets/compare/scatter.mjs";
import { columnsOf, outcome, oursWords, publishedAccuracy, publishedFlatness, readingCells } from "../../frontend/assets/compare/claims.mjs";
import { exportAddress, fileName } from "../../frontend/assets/exports.mjs";
import { asksNothing, exportOf, needsAnswer, readAddress, START, writeAddress } from "../../frontend/assets/compare/state.mjs";
import { accuracyBy, hasRatios, rankWords, ratioAxes, ratioDots, ratioMeans, ratioStyles, ratioTraces, ratiosOf } from "../../frontend/assets/compare/ratio.mjs";
import { stylesOf } from "../../frontend/assets/pair/styles.mjs";
import { suggestionWords, otherWords, pointWords, ratioWords, pairCountWords, standingWords, verdictSentence } from "../../frontend/assets/compare/words.mjs";
import { learnMeasures } from "../../frontend/assets/measures/declared.mjs";

learnMeasures(JSON.parse(process.env.MEASURES));

const near = (a, b, room = 1e-9) => assert.ok(Math.abs(a - b) <= room, `${a} is not ${b}`);

test("every part of a view survives its address, and nonsense does not", () => {
  const view = { ...START, runs: ["a1", "b2"], tag: "table 1", by: "flops", target: 1e9, measure: "trace", against: "fixed", pair: "x-y", seed: 3, hide: ["k"], at: 0.25, ghost: false, lock: false, log: false, x: "ratio", colour: "ratio" };
  assert.deepEqual(readAddress(writeAddress(view)), view);
  assert.deepEqual(readAddress("?by=colour&target=much&runs=a/b,ok&seed=1.5&at=-1"), { ...START, runs: ["ok"] });
  assert.equal(writeAddress(START), "?v=1");
  assert.equal(readAddress("?measure=nothing").measure, START.measure);
  assert.equal(readAddress("?measure=asam").measure, "asam");
  assert.ok(asksNothing(readAddress("")) && !asksNothing(readAddress("?tag=x")));
  assert.ok(needsAnswer(START, { ...START, by: "updates" }) && !needsAnswer(START, { ...START, hide: ["k"], at: 0.1, seed: 2, lock: false }));
});

test("no two groups look alike, and the two sorts differ in dash and marker too", () => {
  const groups = [true, false, true, false, false].map((grows, i) => ({ key: `g${i}`, grows }));
  const styles = [...stylesOf(groups).values()];
  assert.equal(styles[0].colour, "#009E73");
  assert.equal(styles[1].colour, "#CC79A7");
  for (const part of ["colour", "symbol", "mark"]) assert.equal(new Set(styles.map((style) => style[part])).size, 5);
  assert.deepEqual([styles[0].dash, styles[1].dash], ["solid", "dash"]);
});

test("a place on the line of time and a reading of the clock are one another's inverse", () => {
  for (const [range, by] of [[[2, 0.002], "loss"], [[0, 960], "updates"]]) {
    for (const share of [0, 0.3, 1]) near(shareOf(range, readingAt(range, share, by), by), share);
  }
  near(readingAt([1, 0.01], 0.5, "loss"), 0.1);
  assert.equal(readingAt([2, 8], 0.55, "neurons"), 5);
  assert.deepEqual(rangeOf([{ clock: [null, 0.5, 0.1] }, { clock: [0.9, 0.3] }], "loss"), [0.9, 0.1]);
  assert.equal(rangeOf([{ clock: [null] }], "updates"), null);
});

test("a run is shown where its clock first comes to the reading", () => {
  const run = { updates: [0, 10, 20, 30], clock: [1, 0.5, 0.5, 0.1] };
  assert.deepEqual(updatesAt(run, 0.5, "loss"), { updates: 10, reached: true });
  assert.deepEqual(updatesAt(run, 0.05, "loss"), { updates: 30, reached: false });
  const counted = { updates: [0, 10, 20, 30], clock: [2, 2, 3, 5] };
  assert.deepEqual(updatesAt(counted, 2, "neurons"), { updates: 10, reached: true });
  assert.deepEqual(updatesAt(counted, 4, "neurons"), { updates: 20, reached: false });
  assert.equal(frameAt([{ step: 0 }, { step: 8 }, { step: 16 }], 15), 1);
  assert.equal(frameAt([], 3), -1);
});

const shaped = (values, shape) => Object.assign(Float32Array.from(values), { shape });
const halfPlane = (sign, bias) => ({ weights: [shaped([0, 0, sign, 0], [2, 2])], biases: [shaped([0, bias], [2])], activation: "relu", slope: 0 });
const BOX = { x0: -1, x1: 1, y0: -1, y1: 1 };

test("two half planes disagree on exactly what lies between them", () => {
  const first = classesOf(halfPlane(1, 0), BOX, 40);
  const second = classesOf(halfPlane(1, -0.5), BOX, 40);
  near(disagreement(first, second), 0.25);
  assert.equal(disagreement(first, first), 0);
  near(disagreement(first, classesOf(halfPlane(-1, 0), BOX, 40)), 1);
  const pixels = new Uint32Array(1600);
  paintDifference(first, second, 40, pixels);
  assert.ok(new Set(pixels).size >= 3);
  assert.deepEqual([shareWords(0), shareWords(0.0004), shareWords(0.021), shareWords(0.25)], ["0 %", "under 0.1 %", "2.1 %", "25 %"]);
});

test("the ellipse is the level line of the normal distribution with the points' mean and covariance", () => {
  const points = [[0, 0], [2, 1], [4, 3], [1, 2], [3, 0]];
  const n = points.length;
  const mean = [2, 1.2];
  const c = (a, b) => points.reduce((sum, p) => sum + (p[a] - mean[a]) * (p[b] - mean[b]), 0) / (n - 1);
  const [xx, xy, yy] = [c(0, 0), c(0, 1), c(1, 1)];
  const determinant = xx * yy - xy * xy;
  for (const [x, y] of ellipse(points)) {
    const [dx, dy] = [x - mean[0], y - mean[1]];
    near((yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / determinant, 5.991464547107979, 1e-9);
  }
  assert.equal(ellipse(points.slice(0, 2)), null);
  assert.equal(ellipse([[0, 0], [1, 1], [2, 2]]), null);
});

const band = (each, mean) => ({ x: [0, 1], each, mean, low: mean, high: mean, n: mean.map(() => each.length) });
const GROUPS = [
  { key: "g", name: "grown", grows: true, bands: { trace: band([[1, 2], [null, 4]], [1, 3]) } },
  { key: "f", name: "fixed", grows: false, bands: { trace: band([[100, -5]], [100, null]) } },
];

test("locked axes hold every group, whatever is hidden", () => {
  assert.deepEqual(bandExtent(GROUPS, "trace", true), [1, 100]);
  assert.deepEqual(bandExtent(GROUPS, "trace", false), [-5, 100]);
  assert.equal(bandExtent(GROUPS, "lambda_none", true), null);
  const [low, high] = axisOf(GROUPS, "trace", true).range;
  assert.ok(low < 0 && high > 2);
  assert.ok(axisOf([{ bands: { test_accuracy: band([[0.5, 1]], [0.5, 1]) } }], "test_accuracy", false).range[1] <= 1.01);
  assert.deepEqual(clockAxis([10, 0.1], "loss", true).range, [1, -1]);
});

test("a mean is drawn where every run has a value, so that no run's end bends it", () => {
  assert.deepEqual(wholeBand({ x: [1, 2, 3, 4], n: [2, 3, 3, 1], mean: [1, 2, 3, 4] }), [1, 2]);
  assert.deepEqual(wholeBand({ x: [1], n: [0], mean: [null] }), []);
});

test("a run that is pointed at gets a line of its own", () => {
  const groups = [{ ...GROUPS[0], runs: ["a", "b"] }];
  assert.deepEqual(litTrace(groups, stylesOf(groups), "trace", "b")[0].y, [null, 4]);
  assert.deepEqual(litTrace(groups, stylesOf(groups), "trace", "z"), []);
});

test("hiding a group takes its lines away and leaves those of the others as they are", () => {
  const styles = stylesOf(GROUPS);
  const all = bandTraces(GROUPS, styles, "trace");
  const one = bandTraces(GROUPS, styles, "trace", ["f"]);
  assert.ok(one.length < all.length);
  for (const trace of one) assert.ok(all.some((other) => JSON.stringify(other) === JSON.stringify(trace)));
  assert.deepEqual(rowsOf(GROUPS, "trace").map(({ group, mean }) => [group, mean]), [["grown", 1], ["grown", 3], ["fixed", 100]]);
  const runs = [{ group: "g", births: [{ at: 3 }, { at: null }] }, { group: "f", births: [] }];
  assert.deepEqual(birthTraces(runs)[0].x, [3]);
  assert.deepEqual(birthTraces(runs, ["g"]), []);
  const back = [...runs, { group: "f", births: [], restored: { updates: 40, at: 7 } }];
  assert.deepEqual(birthTraces(back)[0].x, [3, 7]);
  assert.deepEqual(birthTraces(back)[0].marker.symbol, ["triangle-up", "star"]);
});

const run = (id, group, accuracy, trace) => ({ id, group, name: id, seed: 0, values: { test_accuracy: accuracy, trace } });
const SCATTER = { groups: GROUPS, runs: [run("a", "g", 0.9, 1), run("b", "f", 0.8, 10), run("c", "f", 0.7, null)], contrasts: [{ paired: true, pairs: [{ seed: 0, first: "a", second: "b" }, { seed: 1, first: "a", second: "c" }] }] };

test("a dot is a run that has both numbers; pairs with both dots are joined", () => {
  assert.deepEqual(dotsOf(SCATTER.runs, "trace").map((dot) => dot.run.id), ["a", "b"]);
  const traces = scatterTraces(SCATTER, stylesOf(GROUPS), "trace");
  assert.deepEqual(traces[0].x, [0.9, 0.8, null]);
  assert.deepEqual(traces.filter(({ mode }) => mode === "markers").map(({ customdata }) => customdata), [["a"], ["b"]]);
  assert.ok(scatterAxes(traces).y.range[1] > 1);
});

const ROW = { label: "λ raw", ratio: 0.66, low: 0.48, high: 0.9, n: 10, n_second: null, left_out: 0, reading: "flatter", others: [{ by: "updates", same: true, ratio: 0.6, reading: "flatter" }, { by: "flops", same: false, ratio: 0.97, reading: "undecided" }, { by: "neurons", same: null, ratio: null, reading: "undecided" }] };

test("a verdict says its ratio, its size and every other reading", () => {
  assert.equal(ratioWords(ROW), "×0.66 [0.48, 0.9]");
  assert.equal(ratioWords({ ratio: 0.5, low: null, high: null }), "×0.5");
  assert.equal(pairCountWords({ ...ROW, left_out: 2 }), "10 pairs, 2 left out");
  assert.equal(pairCountWords({ n: 3, n_second: 4, left_out: 0 }), "3 v 4 runs");
  assert.deepEqual(ROW.others.map((other) => otherWords(other).words), ["updates ✓", "compute ✗ ×0.97", "neurons –"]);
  assert.equal(verdictSentence(ROW, { name: "grown / fixed" }), "λ raw, grown / fixed: ×0.66 [0.48, 0.9], flatter; the same by updates; not by compute (×0.97).");
  assert.equal(pointWords({ by: "loss", target: 0.01 }), "at equal training loss: 0.01 nats");
  assert.equal(pointWords({ by: "loss", target: 0.01, unit: "of squared error" }), "at equal training loss: 0.01 of squared error");
  assert.equal(pointWords({ by: "updates", target: 1200 }), "at equal updates: 1,200 updates");
});

test("what is missing is counted in words", () => {
  const answer = { going: 2, empty: ["x"], missing: [], groups: [{ repeated: 1 }], runs: [{ plane: true }] };
  assert.equal(standingWords(answer), "2 runs still go on; the numbers follow them. 1 run has measured nothing yet. 1 run is left out because another has its seed. There is one group only: add another to compare it with.");
  assert.equal(suggestionWords({ data: "rings", hidden: [3], batch: 32, seeds: [0, 1], states: { running: 1, done: 1 } }), "rings · hidden 3 · batch 32 · 2 seeds · 1 going on");
});

const reads = (holds, pairs = 6) => ({ holds, pairs });

test("a claim that fails is said to fail as plainly as one that holds", () => {
  assert.equal(outcome([reads("yes"), reads("yes")]).words, "✓ holds");
  assert.equal(outcome([reads("no"), reads("no")]).words, "✗ fails");
  assert.equal(outcome([reads("no"), reads("open")]).key, "fails");
  assert.equal(outcome([reads("yes"), reads("open")]).key, "partly");
  assert.equal(outcome([reads("yes"), reads("no"), reads("open")]).key, "mixed");
  assert.equal(outcome([reads("open"), reads("open")]).key, "open");
  assert.equal(outcome([]).key, "waits");
  assert.equal(outcome([reads("open", 0)]).key, "waits");
});

test("a reading says its measure, clock, place, ratio, p and pairs", () => {
  const one = { measure: "lambda_layer", by: "loss", target: 0.1, settings: { batch: "10" }, ratio: { value: 0.5, low: 0.4, high: 0.62 }, p: 0.03125, pairs: 6, holds: "yes" };
  assert.deepEqual(readingCells(one), ["λ by layer", "training loss, 0.1 nats", "batch 10", "×0.5 [0.4, 0.62]", "0.031", "6", "holds"]);
  const none = { ...one, target: null, settings: {}, ratio: { value: null, low: null, high: null }, p: null, pairs: 0, holds: "open" };
  assert.deepEqual(readingCells(none), ["λ by layer", "loss", "all", "–", "–", "0", "no pair comes there"]);
});

test("our numbers stand beside the published ones, with their runs; the correlation only where it is asked for", () => {
  const told = (mean, sd = null, n = 1) => ({ mean, sd, n });
  const rows = [{ ours: { test_matthews: told(0.4), test_accuracy: told(0.7) } }, { ours: { lambda_layer: told(200) } }];
  assert.deepEqual(columnsOf({ rows, matthews: false }).map(([name]) => name), ["test_accuracy", "lambda_layer"]);
  assert.deepEqual(columnsOf({ rows, matthews: true })[1], ["test_matthews", "Matthews correlation"]);
  assert.equal(oursWords("test_accuracy", told(0.9612, 0.0042, 6)), "0.961 ± 0.004 [6]");
  assert.equal(oursWords("lambda_layer", told(150.4)), "150 [1]");
  assert.equal(oursWords("lambda_layer", undefined), "–");
  assert.deepEqual([0.84, 0.8727, 0.682].map(publishedAccuracy), ["84 %", "87.27 %", "68.2 %"]);
  assert.deepEqual([1030.07, 9.83e-5, 189450, null].map(publishedFlatness), ["1,030.07", "9.8e-5", "189,450", "–"]);
});

test("a sweep alone is exported with its manifest, anything else as it is compared", () => {
  assert.deepEqual(exportOf({ ...START, sweep: "s1", by: "epochs" }), { path: "/api/sweeps/s1/export", query: { by: "epochs", target: null, measure: "lambda_element", against: "" } });
  const { path, body } = exportOf({ ...START, runs: ["a"], sweep: "s1", measure: "trace" });
  assert.deepEqual([path, body.runs, body.sweep, body.measure], ["/api/comparisons/export", ["a"], "s1", "trace"]);
  assert.equal(exportAddress("/x", { by: "loss", target: null, file: "" }), "/x?by=loss");
  assert.equal(exportAddress("/x", { file: "table.tex" }), "/x?file=table.tex");
  assert.deepEqual([fileName('attachment; filename="a.zip"'), fileName(null)], ["a.zip", "foldscape.zip"]);
});

test("runs of a sweep that failed are named", () => {
  const said = standingWords({ going: 2, failed: ["grown · seed 1: it blew up.", "x"], empty: [], missing: [], groups: [], runs: [] });
  assert.equal(said, "2 runs still go on; the numbers follow them. 2 runs failed and are left out: grown · seed 1: it blew up. …");
});

const RATIO_GROUPS = ["a", "b", "c", "adam"].map((key) => ({ key, name: key, grows: false }));
const ratioRun = (group, seed, ratio, trace, more = {}) => ({ id: `${group}${seed}`, name: group, seed, group, values: { lr_batch_ratio: ratio, trace, test_accuracy: 0.9, ...more } });
const RATIO_RUNS = [
  ratioRun("a", 0, 0.01, 2), ratioRun("a", 1, 0.01, 8), ratioRun("b", 0, 0.00999, 3), ratioRun("c", 0, 0.001, 9), ratioRun("c", 1, 0.001, null), ratioRun("adam", 0, null, 5),
];

test("a ratio is one number a group, and what has none is left out", () => {
  const ratios = ratiosOf(RATIO_GROUPS, RATIO_RUNS);
  assert.deepEqual([...ratios.keys()], ["a", "b", "c"]);
  near(ratios.get("a"), 0.01);
  assert.ok(hasRatios(RATIO_GROUPS, RATIO_RUNS));
  assert.ok(!hasRatios(RATIO_GROUPS.slice(0, 2), RATIO_RUNS), "ratios within a hundredth are one");
  assert.ok(!hasRatios(RATIO_GROUPS.slice(3), RATIO_RUNS));
});

test("groups of one ratio have one colour, and differ in dash and mark", () => {
  const plain = stylesOf(RATIO_GROUPS);
  const [a, b, c, adam] = [...ratioStyles(RATIO_GROUPS, RATIO_RUNS, plain).values()];
  assert.equal(a.colour, b.colour);
  assert.notEqual(a.colour, c.colour);
  assert.ok(a.dash !== b.dash && a.symbol !== b.symbol && a.mark !== b.mark);
  assert.deepEqual(adam, plain.get("adam"));
});

test("against the ratio stand the runs that have both numbers, and the means that are ranked", () => {
  assert.deepEqual(ratioDots(RATIO_RUNS, "trace").map(({ run }) => run.id), ["a0", "a1", "b0", "c0"]);
  assert.deepEqual(ratioDots(RATIO_RUNS, "trace", ["a"]).map(({ run }) => run.id), ["b0", "c0"]);
  const means = ratioMeans(RATIO_GROUPS, ratioDots(RATIO_RUNS, "trace"), "trace");
  near(means[0].y, 4, 1e-12); // Geometric: of 2 and 8.
  assert.deepEqual(means.map(({ runs }) => runs), [2, 1, 1]);
  const traces = ratioTraces({ groups: RATIO_GROUPS, runs: RATIO_RUNS }, stylesOf(RATIO_GROUPS), "trace");
  assert.equal(traces.length, 6);
  const axes = ratioAxes(traces, "trace");
  assert.deepEqual([axes.x.type, axes.y.type], ["log", "log"]);
  assert.ok(axes.y.range[0] < Math.log10(2) && axes.y.range[1] > Math.log10(9));
  assert.equal(ratioAxes(traces, "test_accuracy").y.type, "linear");
  assert.deepEqual(ratioAxes([], "trace"), {});
});

test("the correlation is said with its interval, and where there is none that is said", () => {
  assert.equal(rankWords({ value: -0.9, low: -0.96, high: -0.82, p: 0.0013, settings: 10, seeds: 6 }), "Spearman ρ −0.90 [−0.96, −0.82], p 0.0013, 10 groups, 6 shared seeds");
  assert.equal(rankWords({ value: 1, low: null, high: null, p: 0.33, settings: 3, seeds: 1 }), "Spearman ρ +1.00, p 0.33, 3 groups, 1 shared seed");
  assert.match(rankWords(undefined), /no rank correlation/);
});

test("the accuracy drawn is that of the validation points where there are any", () => {
  assert.equal(accuracyBy(RATIO_RUNS), "test_accuracy");
  assert.equal(accuracyBy([ratioRun("a", 0, 0.01, 2, { validation_accuracy: 0.8 })]), "validation_accuracy");
});

test("a claim about many settings says what it stands on", () => {
  const rank = { measure: "lambda_none", by: "loss", target: 0.05, unit: "nats", settings: {}, ratio: { value: -0.9, low: -0.96, high: -0.82 }, is_ratio: false, scale: "rank", p: 0.0013, pairs: 6, counted: "10 settings, 6 seeds", holds: "yes", said: "holds" };
  assert.deepEqual(readingCells(rank).slice(2), ["all", "ρ −0.9 [−0.96, −0.82]", "0.0013", "10 settings, 6 seeds", "holds"]);
});
