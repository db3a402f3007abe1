// Several planes: their cells come as one tall grid; their directions and their spec come from the view.

import assert from "node:assert/strict";
import test from "node:test";
import { PlaneCells } from "../../frontend/assets/landscape/plane-cells.mjs";
import { cellsOf, complaint, directionsOf, readAddress, specOf, writeAddress } from "../../frontend/assets/landscape/view.mjs";

test("cells of a tall grid find their plane, and limits are those of all", () => {
  const cells = new PlaneCells(2, 3);
  cells.add(Uint32Array.of(0, 5, 11), Float32Array.of(1, 2, 3, ...Array(9).fill(0.5)));
  assert.deepEqual([cells.total, cells.count], [12, 3]);
  assert.equal(cells.planes[0].at(0).train_loss, 1);
  assert.equal(cells.planes[1].at(1).train_loss, 2);
  assert.equal(cells.planes[2].at(3).train_loss, 3);
  assert.equal(cells.planes[0].at(1), null);
  assert.deepEqual(cells.limits("train_loss"), [1, 3]);
  cells.add(Uint32Array.of(4), Float32Array.of(NaN, 0, 0, 0));
  assert.equal(cells.broken("train_loss"), 1);
});

test("a view of planes survives its address and becomes a spec", () => {
  const state = readAddress("?run=a&view=planes&k=4&along=r&side=31&range=1");
  assert.deepEqual(directionsOf(state), ["r0", "r1", "r2", "r3"]);
  assert.deepEqual(readAddress(writeAddress(state)), state);
  assert.equal(cellsOf(state), 6 * 31 * 31);
  const { planes } = specOf(state);
  assert.deepEqual(planes.directions[3], { kind: "random", seed: 3 });
  assert.deepEqual([planes.reach, planes.scale, planes.resolution], [[-1, 1], "neuron-relative", 31]);
  const fitted = specOf({ ...state, along: "p", k: 3 }).planes;
  assert.deepEqual([fitted.reach, fitted.scale, fitted.directions[2]], [null, "own", { kind: "path", index: 3 }]);
  assert.match(complaint({ ...state, side: 402 }), /402 cells a side are too many/);
  assert.equal(readAddress("?view=planes&k=6").k, 3);
});
