import assert from "node:assert/strict";
import { test } from "node:test";

import { coarseSays, branchColumns, countAt, depthAt, depths, homesAt, linesByBasin, shareAt, topologyOf, topologySays } from "../../frontend/assets/landscape/basins.mjs";
import { Known, readRow } from "../../frontend/assets/landscape/job.mjs";
import { vectors } from "./vectors.mjs";

const { row: raw, answers } = (await vectors()).topology;
const row = readRow(raw);

test("at every depth the page has the library's basins", () => {
  assert.ok(new Set(answers.map(({ count }) => count)).size >= 4);
  for (const { depth, count, basins } of answers) {
    assert.equal(countAt(row, depth), count);
    const homes = homesAt(row, depth);
    const cells = Array.from(row.arrays.basin, (basin) => (basin < 0 ? -1 : homes[basin]));
    assert.deepEqual(cells, basins.data);
  }
});

test("no two lines of a tree cross", () => {
  const { birth, death, parent } = row.arrays;
  const count = birth.length;
  const columns = branchColumns(row, count);
  assert.equal(new Set(columns).size, count);
  for (let basin = 0; basin < count; basin += 1) {
    if (parent[basin] < 0) continue;
    assert.ok(columns[parent[basin]] < columns[basin]);
    for (let other = 0; other < count; other += 1) {
      const isBetween = columns[other] > columns[parent[basin]] && columns[other] < columns[basin];
      if (isBetween) assert.ok(!(birth[other] < death[basin] && death[other] > death[basin]), `${basin} crosses ${other}`);
    }
  }
});

test("the slider goes from the least depth to beyond the largest, and back", () => {
  const range = depths(row);
  assert.equal(countAt(row, depthAt(range, 1)), answers.at(-1).count);
  assert.equal(countAt(row, range[0]), row.basins);
  for (const share of [0, 0.3, 1]) assert.ok(Math.abs(shareAt(range, depthAt(range, share)) - share) < 1e-9);
  assert.equal(depths({ arrays: { birth: [1], death: [Infinity] } }), null);
});

test("lines of equal loss are parted by the basin that they lie in", () => {
  const told = { basin: Int16Array.of(0, 0, 1, -1, 2, 1) };
  const parted = linesByBasin([[0, 0, 1, 0], [2, 0, 2, 0.4, 0, 1, 0, 1, 1, 1, 1, 1]], told, [0, 1, 1], 3);
  assert.deepEqual([...parted.keys()], [0, 1, -1]);
  assert.deepEqual(parted.get(1), [2, 0, 2, 0.4, 1, 1, 1, 1]);
});

test("a topology is that of the part, or of the way, that is shown", () => {
  const known = new Known();
  known.take(raw);
  known.take({ ...raw, key: "topology.linear.test", side: 9 });
  assert.equal(topologyOf(known.topologies, "train").side, 31);
  assert.equal(topologyOf(known.topologies, "test").side, 31);
  assert.equal(topologyOf(known.topologies, "train", "linear").side, 9);
  assert.equal(topologyOf(known.topologies, "train", "curve"), null);
  assert.equal(topologyOf(null, "train"), null);
});

test("a topology is told in words, with its unit and its doubts", () => {
  const words = topologySays(row, 1, "nats");
  assert.match(words, new RegExp(`^${countAt(row, 1)} basins at least 1 nats deep .*of ${row.basins} in all`));
  assert.match(words, /at the edge of the picture, so they may go on outside/);
  assert.match(words, /Roughness .* nats/);
  assert.match(words, /2 cells without a finite loss are walls/);
  assert.equal(coarseSays(row), "");
  assert.match(coarseSays({ side: 15, of: 51 }), /So far from 15 × 15 of 51 × 51 cells/);
  const bowl = { basins: 1, roughness: 0, hills: 0, walls: 0, arrays: { birth: [0], death: [Infinity], at_edge: Uint8Array.of(0) } };
  assert.equal(topologySays(bowl, 0.1), "1 basin at least 0.1 nats deep, of 1 in all. Roughness 0 nats: every way down leads to one place.");
});
