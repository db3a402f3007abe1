import assert from "node:assert/strict";
import { test } from "node:test";

import { corruptedAt, corruptedPoints, corruptionWords } from "../../frontend/assets/corrupted.mjs";
import { criticalPoints, maxNormDistance, hexagon, largestRadius } from "../../frontend/assets/critical.mjs";
import { decode, encode } from "../../frontend/assets/play/address.mjs";
import { criticalWords, probesForRegion } from "../../frontend/assets/play/critical-line.mjs";
import { DEFAULTS, fromSpec, toSpec } from "../../frontend/assets/play/settings.mjs";
import { near, vectors } from "./vectors.mjs";

const pieces = (boundary) => Array.from({ length: boundary.length / 4 }, (_, k) => boundary.slice(4 * k, 4 * k + 4));

test("the browser counts the same critical points as the library, and draws the same region", async () => {
  for (const { points, boundary, box: [x0, x1], distance, radii, critical, hexagons } of (await vectors()).critical) {
    const spots = Array.from({ length: points.length / 2 }, (_, i) => points.slice(2 * i, 2 * i + 2));
    near(spots.map(([x, y]) => Math.min(...pieces(boundary).map((piece) => maxNormDistance(x, y, ...piece)))), distance, 1e-12);
    near([largestRadius({ x0, x1 })], [radii.at(-1)], 1e-12);
    radii.forEach((r, i) => assert.deepEqual(Array.from(criticalPoints(points, boundary, r)), critical[i]));
    assert.ok(critical[2].includes(1) && critical[2].includes(0));
    near(pieces(boundary).flatMap((piece) => hexagon(...piece, 0.1)), hexagons, 1e-12);
  }
});

test("who is critical is said as a count, and as no more than about one where the boundary is not exact", () => {
  const data = { train_x: [0, 0, 1, 0, 5, 0] };
  const frame = { boundary: Float32Array.of(0.5, -1, 0.5, 1), why_no_folds: "" };
  assert.equal(criticalWords({ frame, data, critical: 0.6 }), "2 of 3 points are critical (exact)");
  assert.equal(criticalWords({ frame: { ...frame, step: 8 }, data, critical: 0.6 }, { step: 8, epoch: 1, found: 1, critical: 2 }), "2 of 3 points are critical (exact); LASS finds 1");
  assert.match(criticalWords({ frame: { ...frame, step: 16 }, data, critical: 0.6 }, { step: 8, epoch: 1, found: 1, critical: 3 }), /LASS found 1 of 3$/);
  assert.match(criticalWords({ frame: { ...frame, why_no_folds: "tanh bends" }, data, critical: 0.6 }), /^about 2 of 3 .*grid/);
  assert.equal(criticalWords({ frame: null, data, critical: 0.6 }), "");
});

test("a run measures what the region needs while it is shown, and what it measured before afterwards", () => {
  const probes = [{ kind: "frame", every: 1 }, { kind: "curvature", every: 4 }];
  const box = { x0: 0, x1: 12, y0: 0, y1: 12 };
  const shown = probesForRegion(probes, 0.25, box);
  assert.deepEqual(shown[0], { kind: "frame", every: 1, reach: 1 });
  assert.deepEqual(shown[2], { kind: "critical_region", every: 4, radius: 0.25, part: "train" });
  assert.deepEqual(probesForRegion(shown, 0.5, box)[2].radius, 0.5);
  assert.deepEqual(probesForRegion(shown, null, box), probes);
  assert.deepEqual(probesForRegion(probes, null, box), probes);
});

test("corrupted points are told with their truth, and found by the pointer", () => {
  const data = { train_x: [0, 0, 1, 0, 2, 0, 3, 0], train_y: [1, 0, 1, 0], true_y: [0, 0, 1, 1], noise: [0, 0, 1, 1] };
  const found = corruptedPoints(data);
  assert.deepEqual(found.map(({ index }) => index), [0, 2, 3]);
  assert.deepEqual(found.map(corruptionWords), ["label 1, truly 0", "class 1, its place is noise", "label 0, truly 1, its place is noise"]);
  const place = { x: (x) => 100 * x, y: (y) => y };
  assert.equal(corruptedAt(data, place, 195, 3, 9).index, 2);
  assert.equal(corruptedAt(data, place, 100, 0, 9), null); // That point is as it was.
  assert.deepEqual(corruptedPoints({ train_x: [0, 0], train_y: [0] }), []);
});

test("an address holds the radius and what is corrupted, and runs come back with it", () => {
  const settings = { ...DEFAULTS, critical: 0.15, labels: 0.2, inputs: 0.1 };
  const query = encode(settings);
  assert.match(query, /cr=0.15/);
  const { critical, labels, inputs } = decode(query);
  assert.deepEqual([critical, labels, inputs], [0.15, 0.2, 0.1]);
  for (const odd of ["0", "-1", "x", ""]) assert.equal(decode(`?v=1&cr=${odd}`).critical, null);
  const spec = toSpec(settings);
  assert.deepEqual(spec.corrupt, { labels: 0.2, inputs: 0.1 });
  assert.equal("corrupt" in toSpec(DEFAULTS), false); // So that it stays the run that it always was.
  const { labels: again, inputs: also } = fromSpec({ ...spec, loss: "cross_entropy" });
  assert.deepEqual([again, also], [0.2, 0.1]);
});
