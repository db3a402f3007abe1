import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";

import { asInputs, evaluate } from "../../frontend/assets/forward.mjs";
import { boundaryOf } from "../../frontend/assets/landscape/beside.mjs";
import { readSample } from "../../frontend/assets/landscape/sample.mjs";
import { BROKEN, Cells, FINE, joined, nearest, thinned, UNKNOWN } from "../../frontend/assets/landscape/cells.mjs";
import { contour } from "../../frontend/assets/landscape/contours.mjs";
import { freest } from "../../frontend/assets/landscape/curve.mjs";
import { layOut, powers } from "../../frontend/assets/landscape/frame.mjs";
import { Known, readRow } from "../../frontend/assets/landscape/job.mjs";
import { extent, extents, oneHigh, pairsOf } from "../../frontend/assets/landscape/spectrum.mjs";
import { outliersSay, spectrumSays } from "../../frontend/assets/landscape/spectrum-words.mjs";
import { eigenvalue } from "../../frontend/assets/words.mjs";
import { colourAt, levels, scaleOf } from "../../frontend/assets/landscape/tone.mjs";
import { cellsOf, complaint, directionOf, planeAddress, readAddress, specOf, START, towardsOf, writeAddress } from "../../frontend/assets/landscape/view.mjs";
import { heightAt, lifted, tops } from "../../frontend/assets/landscape/hills.mjs";
import { netAt, netOfVector, netOnWay } from "../../frontend/assets/landscape/weights.mjs";
import { learnLosses, lossUnit } from "../../frontend/assets/measures/losses.mjs";
import { ballWords, connectionSays, directionName, lossName, pathSays, saysOf, standing, whatIs } from "../../frontend/assets/landscape/words.mjs";

const { random, sin, hypot, abs } = Math;
const block = (index, value) => [Uint32Array.from(index), Float32Array.from([0, 1, 2, 3].flatMap((k) => index.map((cell) => value(cell, k))))];

test("an address says the whole view, and comes back as it was", () => {
  const state = { ...START, run: "a1", at: 40, view: "slice", x: "r7", scale: "unit", range: 0.05, ghost: "b2", lock: false, log: false, points: 500 };
  assert.deepEqual(readAddress(writeAddress(state)), state);
  assert.equal(writeAddress({ ...START, run: "a1" }), "?run=a1&view=plane");
});

test("an address with nonsense shows what is there at first", () => {
  const state = readAddress("?view=cube&x=v99&y=to:&range=-2&side=5000&at=x&scale=big");
  assert.deepEqual(state, START);
});

test("a view becomes the spec that the API takes", () => {
  const state = { ...START, run: "a1", x: "r3", y: "to:b2", at: 20, range: 2 };
  assert.deepEqual(specOf(state), {
    view: "plane", run: "a1", step: 20,
    plane: {
      first: { kind: "random", seed: 3 }, second: { kind: "towards", run: "b2", aligned: true }, scale: "neuron-relative",
      x_reach: [-2, 2], y_reach: [-2, 2], resolution: 51, stages: [15], data: { split: "both", points: null },
    },
  });
  assert.deepEqual(specOf({ ...state, side: 15 }).plane.stages, []);
  assert.deepEqual(specOf(state, { run: "b2" }).step, null);
  assert.deepEqual(directionOf("v3"), { kind: "eigenvector", index: 3 });
  assert.equal(specOf({ ...state, view: "connection" }), null);
  assert.equal(specOf({ ...START }), null);
});

test("what cannot be asked for is said before asking", () => {
  assert.match(complaint({ ...START, run: "a", y: "v1" }), /same direction/);
  assert.match(complaint({ ...START, run: "a", side: 1001 }), /1,002,001 cells are too many/);
  assert.match(complaint({ ...START, run: "a", view: "connection" }), /second run/);
  assert.equal(complaint({ ...START, run: "a" }), "");
  assert.equal(cellsOf({ view: "plane", side: 51 }), 2601);
});

test("a cell that is not finite is shown as such and leaves the scale alone", () => {
  const cells = new Cells(3, 3);
  cells.add(...block([0, 4, 8], (cell) => (cell === 4 ? Infinity : cell)));
  assert.deepEqual(cells.limits("train_loss"), [0, 8]);
  assert.equal(cells.broken("train_loss"), 1);
  const { state } = cells.filled("train_loss");
  assert.equal(state[4], BROKEN);
  assert.equal(state[0], FINE);
});

test("coarse cells stand for the finer ones until those are known", () => {
  const cells = new Cells(9, 9);
  assert.deepEqual(new Set(cells.filled("train_loss").state), new Set([UNKNOWN]));
  const coarse = [0, 4, 8].flatMap((row) => [0, 4, 8].map((column) => 9 * row + column));
  cells.add(...block(coarse, (cell) => cell));
  const { values, state } = cells.filled("test_loss");
  assert.ok(state.every((one) => one === FINE));
  for (let cell = 0; cell < 81; cell += 1) {
    const distance = (other) => abs((other % 9) - (cell % 9)) + abs(Math.floor(other / 9) - Math.floor(cell / 9));
    const closest = Math.min(...coarse.map(distance));
    assert.equal(distance(values[cell]), closest);
  }
});

test("saying a cell twice changes nothing", () => {
  const cells = new Cells(4, 4);
  cells.add(...block([1, 2], (cell, k) => 10 * k + cell));
  cells.add(...block([2], (cell, k) => 10 * k + cell));
  assert.equal(cells.count, 2);
  assert.deepEqual(cells.at(2), { train_loss: 2, train_accuracy: 12, test_loss: 22, test_accuracy: 32 });
  assert.equal(cells.at(0), null);
});

test("a large grid is thinned for its lines, places kept", () => {
  const n = 801;
  const values = Float32Array.from({ length: n * n }, (_, i) => i % n);
  const grid = thinned({ values, state: new Uint8Array(n * n).fill(FINE) }, n, n);
  assert.ok(grid.columns <= 251 && grid.columns === grid.rows);
  const line = contour(grid, grid.columns, grid.rows, 400.5).map((at) => at * grid.stride);
  for (let i = 0; i < line.length; i += 2) assert.ok(abs(line[i] - 400.5) < 1e-3);
  assert.equal(thinned({ values: [1], state: [1] }, 1, 1).stride, 1);
});

test("ranges join, and a value finds its cell", () => {
  assert.deepEqual(joined([1, 2], null, [0, 1.5]), [0, 2]);
  assert.equal(joined(null, null), null);
  assert.equal(nearest([-1, -0.5, 0, 0.5, 1], 0.2), 2);
  assert.equal(nearest([-1, 0, 1], 99), 2);
});

test("contours of a cone are circles, of a plane straight lines", () => {
  const n = 41;
  const values = Float64Array.from({ length: n * n }, (_, i) => hypot((i % n) - 20, Math.floor(i / n) - 20));
  const circle = contour({ values }, n, n, 12.3);
  assert.ok(circle.length > 100);
  for (let i = 0; i < circle.length; i += 2) assert.ok(abs(hypot(circle[i] - 20, circle[i + 1] - 20) - 12.3) < 0.05);
  const tilted = Float64Array.from({ length: n * n }, (_, i) => 2 * (i % n) + 3 * Math.floor(i / n));
  const line = contour({ values: tilted }, n, n, 55.5);
  for (let i = 0; i < line.length; i += 2) assert.ok(abs(2 * line[i] + 3 * line[i + 1] - 55.5) < 1e-9);
});

test("every contour is closed or ends at the edge, saddles included", () => {
  const n = 30;
  const values = Float64Array.from({ length: n * n }, (_, i) => sin(0.7 * (i % n)) * sin(0.9 * Math.floor(i / n)));
  const lines = contour({ values }, n, n, 0.01);
  const ends = new Map();
  for (let i = 0; i < lines.length; i += 2) {
    const name = `${lines[i].toFixed(9)},${lines[i + 1].toFixed(9)}`;
    ends.set(name, (ends.get(name) ?? 0) + 1);
  }
  for (const [name, count] of ends) {
    const inside = name.split(",").every((value) => Number(value) > 1e-9 && Number(value) < n - 1 - 1e-9);
    assert.equal(count, inside ? 2 : 1, name);
  }
});

test("squares with a cell that is not finite have no contour", () => {
  const values = Float64Array.from([0, 1, 0, 1]);
  assert.equal(contour({ values, state: Uint8Array.from([1, 1, 1, 2]) }, 2, 2, 0.5).length, 0);
  assert.equal(contour({ values, state: Uint8Array.from([1, 1, 1, 1]) }, 2, 2, 0.5).length, 4);
});

test("a scale goes from 0 to 1 and back, linear or logarithmic", () => {
  for (const log of [false, true]) {
    const scale = scaleOf([0.01, 10], log);
    assert.ok(abs(scale.at(0.01)) < 1e-12 && abs(scale.at(10) - 1) < 1e-12);
    for (const level of levels(scale)) assert.ok(abs(scale.value(scale.at(level)) - level) < 1e-9);
  }
  assert.equal(scaleOf(null), null);
  assert.ok(abs(scaleOf([0, 10], true).low - 1e-5) < 1e-12);
  assert.ok(Number.isFinite(scaleOf([2, 2], false).at(2)));
  assert.deepEqual([colourAt(-1), colourAt(2)], [[68, 1, 84], [253, 231, 37]]);
});

test("a net is cut out of a vector layer by layer, and moved along the directions", () => {
  const sizes = [2, 3, 2];
  const count = 2 * 3 + 3 + 3 * 2 + 2;
  const theta = Float64Array.from({ length: count }, (_, i) => i);
  const first = Float64Array.from({ length: count }, () => random());
  const second = Float64Array.from({ length: count }, () => random());
  const ground = { sizes, activation: "relu", slope: 0, arrays: { theta, first, second } };
  const net = netOfVector(theta, ground);
  assert.deepEqual([...net.weights[0]], [0, 1, 2, 3, 4, 5]);
  assert.deepEqual([...net.biases[0]], [6, 7, 8]);
  assert.deepEqual(net.weights[1].shape, [2, 3]);
  assert.deepEqual([...net.biases[1]], [15, 16]);
  const moved = netAt(ground, 2, -1);
  assert.ok(abs(moved.weights[0][3] - (3 + 2 * first[3] - second[3])) < 1e-6);
  assert.deepEqual(netAt({ ...ground, arrays: { theta, first } }, 0), net);
});

test("a graph's vector holds its edges, which lie scattered in its wide layers", () => {
  const shapes = [[1, 2], [1, 3]];
  const ground = { shapes, index: [0, 2, 5, 6], sizes: [2, 1, 1], activation: "relu", slope: 0 };
  const net = netOfVector(Float64Array.of(2, -1, 3, 0.5), ground);
  assert.deepEqual(net.weights.map((weight) => [[...weight], weight.shape]), [[[2, 0], [1, 2]], [[0, 0, 3], [1, 3]]]);
  assert.deepEqual(net.biases.map((bias) => [...bias]), [[-1], [0.5]]);
  const { logits } = evaluate(net, Float32Array.of(1, 0, 7, 7), 2, "graph");
  assert.deepEqual([...logits.subarray(0, 2)], [3 * (2 - 1) + 0.5, 0.5]);
});

test("a legend stands where it covers no line, in the middle above if it can", () => {
  const place = { left: 0, top: 0, width: 300, height: 200 };
  assert.deepEqual(freest(place, 80, 40, []), { left: 110, top: 8 });
  const over = [[0, 20], [300, 20]];
  assert.deepEqual(freest(place, 80, 40, [over]), { left: 110, top: 152 });
  assert.deepEqual(freest(place, 80, 40, [over, [[100, 160], [200, 170], null, [0, 170]]]), { left: 8, top: 152 });
});

test("a loss is told in its own unit", () => {
  learnLosses([
    { kind: "cross_entropy", name: "cross-entropy", unit: "nats", axis: "loss, nats", about: "Minus a logarithm." },
    { kind: "mse", name: "half squared error", unit: "of squared error", axis: "loss, half squared error", about: "Half the squared distance of the outputs." },
  ], "cross_entropy");
  const shown = { view: "connection", ways: { linear: { train: { barrier: 1, accuracy_drop: 0.1 } } }, ground: { loss: "mse", index: [0] }, shown: "train" };
  assert.match(saysOf(shown), /climbs 1(\.0+)? of squared error;.*weights of its edges.*half the squared distance/);
  assert.match(saysOf({ ...shown, ground: {} }), /nats;/);
  assert.doesNotMatch(saysOf({ ...shown, ground: { loss: "cross_entropy" } }), /logarithm/);
  const smoothed = { kind: "cross_entropy", label_smoothing: 0.1 };
  assert.match(saysOf({ ...shown, ground: { loss: smoothed } }), /nats;.*that of training, cross-entropy, label smoothing 0.1: minus a logarithm/);
  assert.equal(lossName({ loss: smoothed }), "loss, nats (label smoothing 0.1)");
  assert.equal(lossName({ loss: "mse" }), "loss, half squared error");
  assert.equal(lossUnit({ loss: "mse" }), "of squared error");
});

test("ways end at their nets, curved or straight", () => {
  const theta = Float64Array.from({ length: 6 }, (_, i) => i);
  const other = theta.map((value) => value + 5);
  const ground = { sizes: [2, 2], activation: "relu", slope: 0, arrays: { theta, other, ordered: other } };
  const bend = theta.map(() => 100);
  assert.deepEqual(netOnWay(ground, "curve", 0, { bend }), netOfVector(theta, ground));
  assert.deepEqual(netOnWay(ground, "curve", 1, { bend }), netOfVector(other, ground));
  const middle = theta.map((value, i) => (value + other[i]) / 2);
  assert.deepEqual(netOnWay(ground, "curve", 0.3, { bend: middle }).weights, netOnWay(ground, "linear", 0.3).weights);
});

const encode = (array) => ({ dtype: { Float64Array: "f8", Float32Array: "f4", Uint32Array: "u4" }[array.constructor.name], shape: String(array.length), bdata: Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("base64") });

test("rows lay the ground, then fill the cells", () => {
  const known = new Known();
  const axis = Float64Array.from([-1, 0, 1]);
  known.take({ key: "ground", arrays: { axis_x: encode(axis), axis_y: encode(axis) } });
  const [index, values] = block([4, 5], (cell, k) => cell + k);
  known.take({ key: "cells.2", done: 2, arrays: { index: encode(index), values: encode(values) } });
  assert.equal(known.cells.total, 9);
  assert.equal(known.cells.at(5).test_accuracy, 8);
  known.take({ key: "way.linear", train: { barrier: 0 }, arrays: { t: encode(axis) } });
  assert.deepEqual([...known.ways.linear.arrays.t], [-1, 0, 1]);
  assert.equal(readRow({ key: "x", arrays: {} }).key, "x");
});

test("a picture maps there and back, and powers of ten stand on a logarithmic axis", () => {
  const place = layOut(400, 300, [-2, 2], [0, 5]);
  assert.ok(abs(place.toX(place.x(0.7)) - 0.7) < 1e-9 && abs(place.toY(place.y(3.1)) - 3.1) < 1e-9);
  assert.deepEqual(powers(0.01, 100).map((value) => Number(value.toPrecision(3))), [0.01, 0.1, 1, 10, 100]);
});

test("the page says what it shows and how far it is", () => {
  assert.equal(directionName("v12"), "sharpest v₁₂");
  assert.equal(directionName("to:b2", { b2: "moons" }), "towards moons");
  for (const view of ["slice", "plane", "path", "connection"]) assert.ok(whatIs({ ...START, view }).length > 80);
  assert.match(standing({ state: "queued", place: 2 }, 9), /2 before it/);
  assert.match(standing({ state: "running", doing: "225 of 2,601 cells", estimate_s: 1.26 }, 9), /225 of 2,601 cells · estimated 1.3 s/);
  assert.match(standing({ state: "done", started: 0, ended: 500 }, 2601), /2,601 cells in 0.50 s/);
  assert.match(standing({ state: "stopped", message: "Stopped.", share: 0.314 }, 9), /31 % are known/);
});

test("the share of movement is printed, with a warning where the path misleads", () => {
  assert.match(pathSays({ movement: { share: 0.96, births: [3, 9] } }), /shows 96 % of the movement of training; 2 moments with births/);
  assert.match(pathSays({ movement: { share: 0.01, births: [] } }), /misleads/);
  assert.match(pathSays({ no_path: "It lost a layer." }), /not drawn: It lost a layer/);
});

test("a value that did not converge is never told as if it had", () => {
  const ground = { x: { name: "v1", norm: 1, curvature: 3, believed: false } };
  assert.match(saysOf({ view: "slice", ground }), /not converged, so not believed/);
});

test("three ways are told in words", () => {
  const ways = Object.fromEntries([["linear", 0.61], ["ordered", 0.036], ["curve", 0]].map(([key, barrier]) => [key, { train: { barrier, accuracy_drop: 0.2 } }]));
  const words = connectionSays(ways);
  assert.match(words, /climbs 0.61 nats; accuracy falls by up to 20 %/);
  assert.match(words, /only the order of the neurons/);
  assert.match(words, /a low way exists/);
});

test("the ball says where it is and what the net does there", () => {
  const cell = { train_loss: 0.5, train_accuracy: 0.9, test_loss: Infinity, test_accuracy: NaN };
  assert.equal(ballWords({ view: "plane", at: [0.1, -0.2], cell }), "→ 0.1, ↑ −0.2 · training loss 0.5, accuracy 90 % · test: no finite loss");
  assert.match(ballWords({ view: "slice", at: [0.1], cell: null, unit: "neuron sizes" }), /0.1 neuron sizes · not measured yet/);
});

const sample = JSON.parse(await readFile(new URL("../../frontend/assets/landscape/sample.json", import.meta.url), "utf8"));

/** Mean cross-entropy and accuracy of a net over points, by the browser's own forward pass. */
function scored(net, points, labels) {
  const count = labels.length;
  const { logits, classes } = evaluate(net, asInputs(points, "test"), count, "test");
  let [loss, right] = [0, 0];
  for (let i = 0; i < count; i += 1) {
    const own = Array.from({ length: classes }, (_, k) => logits[k * count + i]);
    const top = Math.max(...own);
    loss += top + Math.log(own.reduce((sum, value) => sum + Math.exp(value - top), 0)) - own[labels[i]];
    right += own.indexOf(top) === labels[i] ? 1 : 0;
  }
  return [loss / count, right / count];
}

for (const view of ["slice", "plane", "path"]) {
  test(`in the shipped ${view} the net that the browser builds has the loss of its cell`, () => {
    const { known, data } = readSample(sample, view);
    const { ground, cells } = known;
    const { t, axis_x: x, axis_y: y } = ground.arrays;
    assert.equal(cells.count, cells.total);
    for (const cell of [0, Math.floor(cells.total / 3), cells.total >> 1, cells.total - 1]) {
      const [row, column] = [Math.floor(cell / cells.columns), cell % cells.columns];
      const net = t ? netAt(ground, t[column]) : netAt(ground, x[column], y[row]);
      const found = cells.at(cell);
      for (const split of ["train", "test"]) {
        const [loss, accuracy] = scored(net, data[`${split}_x`], data[`${split}_y`]);
        assert.ok(abs(loss - found[`${split}_loss`]) <= 1e-4 * Math.max(1, loss), `${loss} ${found[`${split}_loss`]}`);
        assert.ok(abs(accuracy - found[`${split}_accuracy`]) < 1e-6);
      }
    }
  });
}

test("the boundary of a net is where its classes tie, for two classes and for more", () => {
  const { known } = readSample(sample, "plane");
  const box = { x0: -3, x1: 3, y0: -3, y1: 3 };
  const net = netOfVector(known.ground.arrays.theta, known.ground);
  const edge = boundaryOf(net, box, 200);
  assert.ok(edge.length > 100);
  const { logits } = evaluate(net, asInputs(Float64Array.from(edge)), edge.length / 2);
  const margins = Array.from({ length: edge.length / 2 }, (_, i) => abs(logits[edge.length / 2 + i] - logits[i]));
  assert.ok(margins.sort((a, b) => a - b)[margins.length >> 1] < 0.1);
  const three = { weights: [Object.assign(Float32Array.from([1, 0, -1, 0, 0, 1]), { shape: [3, 2] })], biases: [new Float32Array(3)], activation: "relu", slope: 0 };
  const parts = boundaryOf(three, box, 60);
  for (let i = 0; i < parts.length; i += 2) {
    const values = [parts[i], -parts[i], parts[i + 1]].sort((a, b) => b - a);
    assert.ok(values[0] - values[1] < 0.15);
  }
});

const spectrum = (change = {}, arrays = {}) => ({
  parameters: 100, classes: 3, runs: 4, steps: 80, width: 0.01, bulk_edge: 0.2, lowest: -0.2, negative_mass: 0.25, effective_rank: 4.2, trace: 10,
  outliers: 2, all_outliers: true, rest_share: 0, ...change,
  arrays: { at: Float64Array.of(-0.3, 0, 5), density: Float64Array.of(0, 9, 1), error: Float64Array.of(0, 1, 0), values: Float64Array.of(4, 1, 0.1), residuals: Float64Array.of(1e-4, 1e-4, 0.5), believed: Uint8Array.of(1, 1, 0), gauss_newton: Float64Array.of(4, 0.9, 0.1), ...arrays },
});

test("a spectrum is asked for and laid out so that one eigenvalue is seen", () => {
  assert.deepEqual(specOf({ ...START, run: "a1", view: "spectrum" }), { view: "spectrum", run: "a1", step: null, effort: 1, data: { split: "both", points: null } });
  assert.equal(cellsOf({ view: "spectrum", on: "both" }), 16);
  const { x, y } = extent(spectrum());
  assert.deepEqual(x, [-0.3, 5]);
  assert.ok(y[0] < oneHigh(spectrum()) && y[1] > 9);
  assert.ok(abs(oneHigh(spectrum()) * 100 * 0.01 * Math.sqrt(2 * Math.PI) - 1) < 1e-12);
  assert.deepEqual(extents([null]), { x: null, y: null });
});

test("an eigenvalue that did not converge is never told as if it had", () => {
  const known = pairsOf(spectrum());
  assert.deepEqual(known.map(({ believed }) => believed), [true, true, false]);
  assert.match(spectrumSays(spectrum()), /4, is 40 % of the trace/);
  const doubtful = spectrum({}, { believed: Uint8Array.of(0, 1, 0) });
  assert.match(spectrumSays(doubtful), /did not converge: 4 with a residual/);
  assert.doesNotMatch(spectrumSays(doubtful), /of the trace/);
  assert.equal(outliersSay({ outliers: 3, all_outliers: false }), "at least 3");
  assert.equal(outliersSay({}), "–");
  assert.match(spectrumSays(spectrum({ runs: 1 })), /one random vector only/);
});

test("curvature that rounding hides is told by its bound", () => {
  const hidden = spectrum({}, { values: Float64Array.of(0, 0, 0), residuals: Float64Array.of(4e-17, 1e-17, 1e-17) });
  assert.match(spectrumSays(hidden), /Curvature: none above 4\.0e-17/);
  assert.doesNotMatch(spectrumSays(hidden), /of the trace/);
  assert.equal(eigenvalue(0.25, 1e-4), "0.25");
  assert.equal(eigenvalue(0, 0), "0");
});

test("a hub is asked for, drawn and told", () => {
  const state = { ...START, run: "a", view: "connection", to: "b", third: "c" };
  assert.equal(specOf(state).third, "c");
  assert.match(complaint({ ...state, third: "b" }), /three different runs/);
  const leg = (barrier, straight) => ({ train: { barrier }, straight: { train: straight }, arrays: { train_loss: Float32Array.of(0, 0.25) } });
  const words = saysOf({ view: "connection", shown: "test", ways: { hub0: leg(0.01, 1), hub1: leg(0.02, 3), hub2: leg(0.03, 2) } });
  assert.match(words, /climbs up to 3 nats\. At the hub it is 0\.25, .* up to 0\.03: so low ways meet/);
  const ground = { sizes: [1, 1], activation: "relu", slope: 0, arrays: { theta: Float64Array.of(0, 0), other: Float64Array.of(2, 4) } };
  assert.deepEqual([...netOnWay(ground, "hub1", 0.5, { centre: Float64Array.of(0, 0) }).weights[0]], [1]);
});

test("hills lift the losses of cells and nothing else, by their closed form", () => {
  const hills = { strength: 2, kernel: "rbf", form: { xx: 1, xy: 0, yy: 4 }, tops: [{ number: 0, sigma: 1, at: 1, x: -1, y: 0, foot: [1, 0], off: 0 }, { number: 3, sigma: 0.5, at: 9, x: 0, y: 0, foot: [0, 0], off: 3 }] };
  const by = (x, y) => 2 * (Math.exp(-((x - 1) ** 2 + 4 * y * y) / 2) + Math.exp(-(9 + x * x + 4 * y * y) / 0.5));
  assert.ok(Math.abs(heightAt(hills, 0.3, 0.2) - by(0.3, 0.2)) < 1e-12);
  const cells = new Cells(2, 2);
  cells.add(Uint32Array.from([0, 3]), Float32Array.from([1, 2, 0.5, 0.6, 3, 4, 0.7, 0.8]));
  const found = lifted(cells, hills, [0, 1], [0, 2]);
  assert.ok(Math.abs(found.at(3).train_loss - 2 - by(1, 2)) < 1e-6);
  assert.ok(Math.abs(found.at(0).test_loss - 3 - by(0, 0)) < 1e-6);
  assert.deepEqual([found.at(3).train_accuracy, found.at(1), cells.at(0).train_loss], [Math.fround(0.6), null, 1]);
  assert.deepEqual(tops(hills).map(({ x, name }) => [x, name]), [[1, "hill 1"], [0, "hill 4, 3 off"]]);
  assert.ok(Math.abs(heightAt({ ...hills, kernel: "l2", tops: hills.tops.slice(0, 1) }, 1)) < 1e-12);
});

test("the switch of the hills stands in the address", () => {
  assert.equal(readAddress("?run=a1&hills=0").hills, false);
  assert.equal(readAddress("?run=a1").hills, true);
  assert.match(writeAddress({ ...START, run: "a1", hills: false }), /hills=0/);
});

test("a direction leads to another net at a step of it, and the plane through three nets has an address", () => {
  assert.deepEqual(towardsOf("to:b2@40"), { run: "b2", step: 40 });
  assert.deepEqual(towardsOf("to:b2"), { run: "b2", step: null });
  assert.equal(towardsOf("r3"), null);
  assert.equal(directionName("to:b2@40", { b2: "moons" }), "towards moons@40");
  assert.deepEqual(directionOf("to:b2@40", false), { kind: "towards", run: "b2", step: 40, aligned: false });
  const address = planeAddress([{ run: "a", step: 4 }, { run: "b2", step: 40 }, { run: "a", step: 8 }]);
  const state = readAddress(address.slice(address.indexOf("?")));
  assert.deepEqual([state.run, state.at, state.view, state.x, state.y, state.scale, state.order], ["a", 4, "plane", "to:b2@40", "to:a@8", "own", false]);
  const { plane } = specOf(state);
  assert.deepEqual(plane.first, { kind: "towards", run: "b2", step: 40, aligned: false });
  assert.equal(readAddress("?x=to:b2@x").x, START.x);
});
