import assert from "node:assert/strict";
import test from "node:test";

import { inStages, unrolledOf, withErrors } from "../../frontend/assets/measures/blocks.mjs";
import { CATALOGUE } from "../../frontend/assets/measures/catalogue.mjs";
import { Measured } from "../../frontend/assets/measures/measured.mjs";
import { BLOCK_PANELS } from "../../frontend/assets/run/block-panels.mjs";

globalThis.document ??= { documentElement: { dataset: {} } };
globalThis.getComputedStyle ??= () => ({ getPropertyValue: () => "#000" });

const half = (values) => Float64Array.from([...values, ...values.map(() => 0.01)]);
const event = {
  kind: "iterative", step: 9, epoch: 1, part: "test", points: 360, names: ["stage1_1", "stage1_2", "stage2_2"], stages: [0, 0, 1],
  cosine: half([-0.2, -0.1, -0.3]), ratio: half([0.5, 0.4, 0.3]), norm: half([1, 2, 3, 4]), accuracy: half([0.1, 0.5, 0.8, 0.9]),
  predicted: half([-0.3, -0.2, -0.1]), actual: half([0.1, 0, -0.1]), borderline: 4, borderline_right: half([0, 0.25, 0.5, 0.75]),
  corrected: half([0.25, 0.25, 0.5]), spoiled: half([0, 0, 0.25]), extra: 2,
  unrolled_accuracy: half([0.9, 0.8, 0.6, 0.9, 0.91, 0.92]), unrolled_loss: half([1, 2, 3, 1, 1, 1]), unrolled_norm: half([4, 8, 16, 4, 4, 4]),
};

test("a mean stands with its standard error, and what is no number is a gap", () => {
  assert.deepEqual(withErrors(Float64Array.from([1, NaN, 0.1, NaN])), [{ value: 1, error: 0.1 }, { value: null, error: 0 }]);
});

test("curves of features break where a stage ends", () => {
  const places = inStages(event.stages, withErrors(event.cosine));
  assert.deepEqual(places.map(({ x }) => x), [1, 2, 2.5, 3]);
  assert.deepEqual(places.map(({ value }) => value), [-0.2, -0.1, null, -0.3]);
});

test("rows of ways hold all extra times", () => {
  const [plain, shared] = unrolledOf(event);
  assert.deepEqual(plain.accuracy.map(({ value }) => value), [0.9, 0.8, 0.6]);
  assert.deepEqual(shared.accuracy.map(({ value }) => value), [0.9, 0.91, 0.92]);
  assert.deepEqual(plain.norm.map(({ value }) => value), [4, 8, 16]);
});

test("every panel draws an event, says it in its head, and is explained", () => {
  for (const [key, panel] of Object.entries(BLOCK_PANELS)) {
    const { lines, axes } = panel.cut(event);
    assert.ok(lines.some(({ x }) => x.length > 1), key);
    assert.ok(axes.x, key);
    assert.ok(panel.now(event).length, key);
    assert.equal(panel.now(null), null, key);
    assert.ok(CATALOGUE[panel.means].about, key);
  }
});

test("heads name the block that goes least downhill, and both ends", () => {
  assert.deepEqual(BLOCK_PANELS.block_cosine.now(event), [["style-0", "highest", "−0.1 at stage1_2"]]);
  assert.deepEqual(BLOCK_PANELS.block_accuracy.now(event)[0], ["style-0", "", "0.100 → 0.900"]);
  assert.deepEqual(BLOCK_PANELS.unrolled.now(event)[0], ["style-0", "plain", "0.900 → 0.600"]);
  assert.deepEqual(BLOCK_PANELS.block_borderline.now(event)[1], ["style-0", "corrected by the last", "0.500"]);
});

test("a net that is no number is told as not known", () => {
  const lost = { ...event, cosine: half([NaN, NaN, NaN]), accuracy: half([NaN, NaN, NaN, NaN]) };
  assert.deepEqual(BLOCK_PANELS.block_cosine.now(lost), [["style-0", "highest", "not known"]]);
  assert.equal(BLOCK_PANELS.block_accuracy.now(lost)[0][2], "not known → not known");
});

test("nothing borderline is no panel of it", () => {
  const measured = new Measured();
  measured.add({ ...event, borderline: 0 });
  assert.equal(BLOCK_PANELS.block_borderline.wanted(measured), false);
  measured.add({ ...event, step: 10 });
  assert.equal(BLOCK_PANELS.block_borderline.wanted(measured), true);
});

test("measurements on other points are panels of their own", () => {
  const measured = new Measured();
  measured.add(event);
  measured.add({ ...event, part: "train", points: 64 });
  assert.deepEqual(measured.variants("iterative"), ["360 test points", "64 training points"]);
});
