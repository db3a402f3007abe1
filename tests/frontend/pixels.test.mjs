import assert from "node:assert/strict";
import { test } from "node:test";

import { pixelsOf } from "../../frontend/assets/pixels.mjs";

const colours = ({ data }) => Array.from({ length: data.length / 4 }, (_, i) => [...data.subarray(4 * i, 4 * i + 4)]);

test("grey pictures are ink on paper, from any row of many", () => {
  const two = Float32Array.from([0, 0, 0, 0, 0, 0, 1, 0.2, 2, -1, 0, 1]);
  const { width, height, ...rest } = pixelsOf(two, [2, 3], { from: 6 });
  assert.deepEqual([width, height], [3, 2]);
  assert.deepEqual(colours(rest), [0, 204, 0, 255, 255, 0].map((grey) => [grey, grey, grey, 255]));
});

test("photographs are as light as they are", () => {
  assert.deepEqual(colours(pixelsOf([0, 0.2, 1], [1, 3], { ink: false })), [0, 51, 255].map((grey) => [grey, grey, grey, 255]));
});

test("colours come from three planes", () => {
  const values = [1, 0, 0.2, 0.4, 0, 0.6];
  assert.deepEqual(colours(pixelsOf(values, [3, 1, 2])), [[255, 51, 0, 255], [0, 102, 153, 255]]);
  assert.deepEqual(colours(pixelsOf([9, ...values], [3, 1, 2], { from: 1, ink: false })), [[255, 51, 0, 255], [0, 102, 153, 255]]);
});

test("a picture may be shown up to its brightest place", () => {
  assert.deepEqual(colours(pixelsOf([2, 4], [1, 2], { most: 4 })).map(([grey]) => grey), [127, 0]);
});
