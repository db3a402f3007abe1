import assert from "node:assert/strict";
import { test } from "node:test";

import { unpacked, vary } from "../../frontend/assets/colour.mjs";
import { evaluate } from "../../frontend/assets/forward.mjs";
import { axesOf, projection, turned } from "../../frontend/assets/views/camera.mjs";
import { cornerWords } from "../../frontend/assets/views/corner-list.mjs";
import { chainsOf, cornersByFold, foldName, numbering, orderCorners } from "../../frontend/assets/views/corners.mjs";
import { DepthBuffer, shading } from "../../frontend/assets/views/depth.mjs";
import { graphLift, marginsOf } from "../../frontend/assets/views/graph.mjs";
import { placeLabels } from "../../frontend/assets/views/labels.mjs";
import { meshOf } from "../../frontend/assets/views/mesh.mjs";
import { NAMES, nextView } from "../../frontend/assets/views/names.mjs";
import { patternsOf, signature, turnOf } from "../../frontend/assets/views/pattern.mjs";
import { TABLE, holdNear, holdOf, poseAt } from "../../frontend/assets/views/pose.mjs";
import { crossingsOf, paintRegions } from "../../frontend/assets/views/regions.mjs";
import { sentenceOf } from "../../frontend/assets/views/sentence.mjs";
import { chosenOf, cutOf, isDecisive, pick, sheetLift, slice } from "../../frontend/assets/views/sheet.mjs";
import { near, vectors } from "./vectors.mjs";

const shaped = (values, ...shape) => Object.assign(Float32Array.from(values), { shape });
const whole = (values, ...shape) => Object.assign(Int32Array.from(values), { shape });
const box = { x0: -1, x1: 1, y0: -1, y1: 1 };

/** Two ReLU units, x and y, and the margin x⁺ + y⁺ − ½; its folds are the axes, its boundary has two corners. */
const cross = () => ({
  net: { weights: [shaped([1, 0, 0, 1], 2, 2), shaped([0, 0, 1, 1], 2, 2)], biases: [shaped([0, 0], 2), shaped([0.5, 0], 2)], activation: "relu", slope: 0 },
  frame: {
    why_no_folds: "", regions: 4, units: [Int32Array.of(3, 8)],
    folds: shaped([0, -1, 0, 1, -1, 0, 1, 0], 2, 2, 2), fold_unit: whole([0, 0, 0, 1], 2, 2), fold_normal: shaped([1, 0, 0, 1], 2, 2),
    boundary: shaped([0.5, -1, 0.5, 0, 0, 0.5, 0.5, 0, -1, 0.5, 0, 0.5], 3, 2, 2),
    fold_points: shaped([0.5, 0, 0, 0.5], 2, 2), fold_point_unit: whole([0, 1, 0, 0], 2, 2),
  },
});

test("views follow one another and come round", () => {
  assert.deepEqual(NAMES.map(nextView), [...NAMES.slice(1), NAMES[0]]);
});

test("a camera's axes are at right angles, and the depth grows towards the eye", () => {
  for (const camera of [{ azimuth: 20, elevation: 35 }, { azimuth: -170, elevation: 90 }]) {
    const { right, up, toward } = axesOf(camera);
    const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    near([dot(right, up), dot(up, toward), dot(right, toward), dot(up, up), dot(right, right)], [0, 0, 0, 1, 1], 1e-12);
    assert.ok(projection(camera, 100, 100).point(toward)[2] > projection(camera, 100, 100).point([0, 0, 0])[2]);
  }
  const above = projection({ azimuth: 0, elevation: 90 }, 900, 240);
  near(above.point([1, 1, 0]).slice(0, 2), [550, 20]);
  near(above.all(Float32Array.of(1, 1, 0)), above.point([1, 1, 0]));
});

test("turning goes all the way round and never below the floor", () => {
  assert.deepEqual(turned({ azimuth: 170, elevation: 80 }, 20, 40), { azimuth: -170, elevation: 90 });
  assert.ok(turned({ azimuth: 0, elevation: 10 }, 0, -90).elevation > 0);
});

test("what is nearer hides what lies behind, in any order; glass hides nothing", () => {
  const square = (z) => [0, 0, z, 4, 0, z, 4, 4, z, 0, 4, z];
  const dye = (r) => ({ values: Uint8Array.from([r, 0, 0, r, 0, 0, r, 0, 0, r, 0, 0]), channels: 3 });
  for (const order of [[1, 2], [2, 1]]) {
    const buffer = new DepthBuffer();
    buffer.begin(4, 4);
    for (const z of order) buffer.faces([[0, 1, 2, 3]], square(z), dye(100 * z), [1]);
    assert.deepEqual([buffer.pixels[0], buffer.pixels[4 * 15]], [200, 200]);
    assert.ok(!buffer.sees(1.5, 1.5, 1, 0.1) && buffer.sees(1.5, 1.5, 2, 0.1) && buffer.sees(99, 0, -5, 0));
    buffer.glass([[0, 0, 3], [4, 0, 3], [4, 4, 3], [0, 4, 3]], [0, 0, 0], 0.5);
    assert.equal(buffer.pixels[0], 100);
    assert.ok(buffer.sees(1.5, 1.5, 2, 0));
  }
});

test("a face turned to the light is brighter than one turned away", () => {
  const [flat, steep] = shading([[0, 1, 2], [0, 1, 3]], [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]);
  assert.ok(flat > steep);
});

test("a new unit that is silent leaves keys and tints as they were; one that is active changes both", () => {
  const before = [Float32Array.from([1, -1, 1, 1])]; // Two units at two points.
  const old = patternsOf(before, [Int32Array.of(4, 7)], 2);
  const more = patternsOf([Float32Array.from([1, -1, 1, 1, 2, -2])], [Int32Array.of(4, 7, 9)], 2);
  assert.deepEqual([more.keys[1], more.phases[1]], [old.keys[1], old.phases[1]]);
  assert.notEqual(more.keys[0], old.keys[0]);
  const moved = patternsOf([Float32Array.from([1, 1, 1, -1])], [Int32Array.of(7, 4)], 2);
  assert.deepEqual([...moved.keys], [...old.keys], "order of rows does not matter, ids do");
  const deeper = patternsOf([Float32Array.from([1, -1]), Float32Array.from([1, 1])], [Int32Array.of(4), Int32Array.of(7)], 2);
  assert.deepEqual([...deeper.keys], [...old.keys], "nor does the layer");
});

test("both sides of a fold differ in tint, whichever unit folds", () => {
  const seen = new Set();
  for (let id = 0; id < 200; id += 1) {
    assert.ok(turnOf(id) >= 0.25 && turnOf(id) <= 0.75);
    seen.add(signature(id));
    const [a, b] = [0, turnOf(id)].map((phase) => unpacked(vary(0xff808080, phase)));
    assert.ok(Math.hypot(...a.map((value, i) => value - b[i])) > 15);
  }
  assert.equal(seen.size, 200);
});

test("rows cross the folds where they lie", () => {
  const { first, x, piece } = crossingsOf({ folds: shaped([0.5, -1, 0.5, 1, -0.5, -1, -0.5, 0], 2, 2, 2) }, box, 8);
  assert.deepEqual([...first], [0, 1, 2, 3, 4, 6, 8, 10, 12]);
  near(x.subarray(0, 1), [6]);
  assert.deepEqual([[...x.subarray(10)], [...piece.subarray(10)]], [[2, 6], [1, 0]]);
});

/** The keys of all pixels, asked one by one: what painting by spans must equal. */
function tintsOneByOne({ frame, net }, n) {
  const inputs = new Float32Array(2 * n * n);
  for (let i = 0; i < n * n; i += 1) {
    inputs[i] = box.x0 + (((i % n) + 0.5) / n) * 2;
    inputs[n * n + i] = box.y1 - ((Math.floor(i / n) + 0.5) / n) * 2;
  }
  return patternsOf(evaluate(net, inputs, n * n).before, frame.units, n * n).keys;
}

test("regions are painted as if every pixel had been asked, each with one tint", async () => {
  const drawn = (await vectors()).regions.map((exact) => ({
    net: { ...exact, weights: exact.weights.map(({ data, shape }) => shaped(data, ...shape)), biases: exact.biases.map((bias) => Float32Array.from(bias)) },
    frame: { units: exact.units.map((ids) => Int32Array.from(ids)), folds: shaped(exact.folds.data, ...exact.folds.shape), regions: exact.regions },
  }));
  for (const given of [cross(), ...drawn]) {
    const n = 160;
    const pixels = new Uint32Array(n * n);
    const count = paintRegions(given.frame, given.net, box, n, pixels);
    const keys = tintsOneByOne(given, n);
    const tints = new Map();
    let wrong = 0;
    keys.forEach((key, i) => {
      if (!tints.has(key)) tints.set(key, new Map());
      tints.get(key).set(pixels[i], (tints.get(key).get(pixels[i]) ?? 0) + 1);
    });
    for (const votes of tints.values()) wrong += [...votes.values()].sort((a, b) => b - a).slice(1).reduce((sum, votes_) => sum + votes_, 0);
    assert.ok(wrong <= 0.002 * n * n, `${wrong} pixels of another tint`);
    assert.ok(count <= given.frame.regions && count >= tints.size, `${count} painted, ${tints.size} met, ${given.frame.regions} there`);
  }
});

test("a mesh cut along the folds covers the box, and each face lies in one linear piece", () => {
  const { frame, net } = cross();
  const { points, count, faces } = meshOf(frame, box, 4);
  const { before } = evaluate(net, points, count);
  let area = 0;
  for (const face of faces) {
    for (const layer of [0, 1]) {
      const values = face.map((i) => before[0][layer * count + i]);
      assert.ok(values.every((value) => value >= -1e-6) || values.every((value) => value <= 1e-6));
    }
    face.forEach((i, k) => {
      const j = face[(k + 1) % face.length];
      area -= (points[i] * points[count + j] - points[j] * points[count + i]) / 2;
    });
  }
  near([area], [4]);
  assert.ok(faces.length > 9);
});

test("margins: two classes have a sign, more have best less second", () => {
  assert.deepEqual([...marginsOf({ logits: [1, 5, 3, 4], classes: 2 }, 2)], [2, -1]);
  assert.deepEqual([...marginsOf({ logits: [1, 5, 3, 4, 2, 9], classes: 3 }, 2)], [1, 4]);
});

test("the graph puts the boundary at the height of zero", () => {
  const { net } = cross();
  const mesh = { result: evaluate(net, Float32Array.of(-1, 1, -1, 1), 2), count: 2 };
  const lift = graphLift({ box }, mesh);
  const on = Float32Array.of(0.5, 0, 0, 0.5);
  const spread = lift.spread(on, evaluate(net, on, 2), 2);
  near([spread[2], spread[5]], [lift.zero, lift.zero]);
});

test("neurons are chosen within the net, and picking keeps one to three", () => {
  const { net } = cross();
  assert.deepEqual(chosenOf(net, null), { layer: 0, rows: [0, 1], width: 2, layers: 1, level: "layer" });
  assert.deepEqual(chosenOf(net, { layer: 4, rows: [7] }).rows, [0, 1]);
  assert.deepEqual(chosenOf(net, { layer: 0, rows: [1, 7] }).rows, [1]);
  assert.equal(chosenOf({ weights: [shaped([1, 1, 1, 1], 2, 2)] }, null), null);
  assert.deepEqual(pick({ layer: 0, rows: [0, 2, 5] }, { layer: 0, row: 1 }).rows, [1, 2, 5]);
  assert.deepEqual(pick({ layer: 0, rows: [2] }, { layer: 0, row: 2 }).rows, [2]);
  assert.deepEqual(pick({ layer: 0, rows: [2] }, { layer: 1, row: 3 }), { layer: 1, rows: [3] });
});

test("the sheet goes from the plane to the neurons' outputs, and the boundary lies in the flat cut", () => {
  const { net } = cross();
  const corners = Float32Array.of(-1, 1, 1, -1, 1, -1);
  const passed = (points, count) => ({ points, result: evaluate(net, points, count, "t"), count });
  const range = passed(corners, 3);
  const at = Float32Array.of(0.5, 0, 0, 0.5);
  const bent = sheetLift({ net, box }, { layer: 0, rows: [0, 1] }, { mesh: range, data: passed(corners, 3) }, 1).spread(at, evaluate(net, at, 2), 2);
  near(bent, [0, -1, 0, -1, 0, 0]); // x⁺ = ½ is the middle of 0…1.
  const flat = sheetLift({ net, box }, { layer: 0, rows: [0, 1] }, { mesh: passed(corners, 3), data: passed(corners, 3) }, 0).spread(at, evaluate(net, at, 2), 2);
  near(flat, [0.5, 0, 0, 0, 0.5, 0]);
  const cut = cutOf(net, { layer: 0, rows: [0, 1] }, [{ low: 0, high: 1 }, { low: 0, high: 1 }]);
  for (const [x, y] of cut) near([x + y], [-1]); // x⁺ + y⁺ = ½ in the cube.
  assert.ok(isDecisive(net, { layer: 0, rows: [0, 1] }) && !isDecisive(net, { layer: 0, rows: [1] }));
});

test("in a net with wide layers a cut decides alone when the outputs hear nobody else", () => {
  const { net } = cross();
  const wide = { ...net, weights: [net.weights[0], shaped([0, 0, 0, 0, 0, 0, 1, 1], 2, 4)] };
  const [alone, past] = [wide, { ...wide, weights: [net.weights[0], shaped([0, 0, 0, 0, 0, 0.5, 1, 1], 2, 4)] }];
  const both = { layer: 0, rows: [0, 1] };
  assert.deepEqual([alone, past].map((each) => isDecisive(each, both)), [true, false]);
  const ranges = [{ low: 0, high: 1 }, { low: 0, high: 1 }];
  assert.deepEqual(cutOf(alone, both, ranges), cutOf(net, both, ranges));
});

const columns = (hold) => [[0, 0], [0, 1], [1, 1]].map(([i, j]) => hold.reduce((sum, row) => sum + row[i] * row[j], 0));

test("the plane is held rigidly on its way, also to where it was turned over or half round", () => {
  for (const goal of [TABLE, [[-1, 0], [0, -1], [0, 0]], [[0, 1], [1, 0], [0, 0]], [[0, 0], [0, 1], [-1, 0]]]) {
    for (let t = 0; t <= 1; t += 0.05) near(columns(poseAt(t, goal).hold), [1, 0, 1], 1e-9);
    near(poseAt(1, goal).hold.flat(), goal.flat(), 1e-9);
    near(poseAt(0, goal).hold.flat(), TABLE.flat(), 1e-9);
  }
  assert.deepEqual([poseAt(0, TABLE).bent, poseAt(1, TABLE).bent], [0, 1]);
});

test("a sheet that is only turned is met by its hold", () => {
  const turn = holdOf([[0.6, 0.1], [-0.2, 0.9], [0.7, 0.3]]);
  const flat = Float32Array.of(1, 0, -1, 0.5, 0, -0.5);
  const bent = Float32Array.from({ length: 9 }, (_, i) => turn[i % 3][0] * flat[2 * Math.floor(i / 3)] + turn[i % 3][1] * flat[2 * Math.floor(i / 3) + 1] + 0.4);
  const found = holdNear(flat, bent);
  near(found.flat(), turn.flat(), 1e-5);
  near(columns(found), [1, 0, 1], 1e-6);
});

test("a plane cuts the cube in a convex polygon, or not at all", () => {
  assert.equal(slice([1, 1, 1], 0).length, 6);
  assert.equal(slice([0, 0, 1], 0.5).length, 4);
  assert.equal(slice([0, 0, 1], 2), null);
});

test("the boundary is one chain, and corners are numbered along it", () => {
  const { frame } = cross();
  assert.deepEqual(chainsOf(frame).map(({ closed, points }) => [closed, points.length]), [[false, 4]]);
  assert.deepEqual(orderCorners(frame), [1, 0]); // From the left end.
  assert.deepEqual(cornersByFold(frame, orderCorners(frame)), [{ layer: 0, row: 0, numbers: [1] }, { layer: 0, row: 1, numbers: [2] }]);
  const shuffled = { ...frame, boundary: shaped([0, 0.5, -1, 0.5, 0.5, 0, 0, 0.5, 0.5, 0, 0.5, -1], 3, 2, 2) };
  assert.deepEqual(orderCorners(shuffled), [1, 0]);
});

test("a closed boundary is numbered counter-clockwise from the eldest fold, however it is given", () => {
  const square = [[1, 0], [0, 1], [-1, 0], [0, -1]];
  const ring = (order) => ({
    boundary: shaped(order.flatMap((i) => [...square[i], ...square[(i + 1) % 4]]), 4, 2, 2),
    fold_points: shaped(square.flat(), 4, 2), fold_point_unit: whole([0, 1, 0, 0, 0, 1, 0, 2], 4, 2),
  });
  for (const order of [[0, 1, 2, 3], [2, 0, 3, 1]]) assert.deepEqual(orderCorners(ring(order)), [1, 2, 3, 0]);
});

test("too many corners are counted but not numbered", () => {
  const many = { why_no_folds: "", fold_points: shaped(new Array(50).fill(0), 25, 2), boundary: shaped([], 0, 2, 2) };
  assert.equal(numbering(many), null);
  assert.deepEqual(cornerWords(many)[0], "25 fold points");
  assert.deepEqual(cornerWords(cross().frame), ["2 fold points", ""]);
  assert.equal(cornerWords({ ...many, why_no_folds: "tanh bends" })[0], "no fold points");
  assert.deepEqual([foldName({ layer: 1, row: 0 }, 1), foldName({ layer: 1, row: 0 }, 2)], ["fold 1", "fold 2.1"]);
});

test("a number keeps clear of dots and other numbers, and its side while that is as good", () => {
  const [free] = placeLabels([[50, 50]], { dots: [[63, 50], [60, 58]] });
  assert.ok(Math.hypot(free.x - 63, free.y - 50) > 9);
  const [a, b] = placeLabels([[50, 50], [56, 50]], {});
  assert.ok(Math.hypot(a.x - b.x, a.y - b.y) > 12);
  assert.equal(placeLabels([[50, 50]], { sides: [5] })[0].side, 5);
});

test("each view says what it shows", () => {
  const { frame, net } = cross();
  const about = (view, more = {}) => sentenceOf({ frame, net, view, data: { classes: 2 }, ...more }, chosenOf(net, null), true);
  assert.match(about("regions"), /^4 regions/);
  assert.match(about("regions", { frame: { ...frame, why_no_folds: "tanh" } }), /^no regions: tanh/);
  assert.match(about("sheet"), /neurons 1 and 2 see it; one flat cut/);
  assert.match(about("graph"), /logit 1 − logit 0/);
  assert.equal(about("field", { frame: null }), "");
});
