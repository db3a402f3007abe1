// Vectors written by the Python side (tests/frontend/vectors.py); VECTORS names the file.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

export const vectors = async () => JSON.parse(await readFile(process.env.VECTORS, "utf8"));

export function near(got, expected, tolerance = 1e-5) {
  assert.equal(got.length, expected.length);
  for (let i = 0; i < got.length; i += 1) {
    const scale = Math.max(1, Math.abs(expected[i]));
    assert.ok(Math.abs(got[i] - expected[i]) <= tolerance * scale, `${i}: ${got[i]} is not ${expected[i]}`);
  }
}
