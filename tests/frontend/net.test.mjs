import assert from "node:assert/strict";
import { test } from "node:test";

import { cardRows } from "../../frontend/assets/card.mjs";
import { evaluate } from "../../frontend/assets/forward.mjs";
import { placeOfUnit } from "../../frontend/assets/history.mjs";
import { linesOf, placeName, relatives, widthsOf } from "../../frontend/assets/net-graph.mjs";
import { arrangeByParents, isCrowded, summedUp, waysOf } from "../../frontend/assets/net-layout.mjs";
import { near } from "./vectors.mjs";

const shaped = (values, ...shape) => Object.assign(Float32Array.from(values), { shape });
const whole = (values, ...shape) => Object.assign(Int32Array.from(values), { shape });

/** x and y are nodes 0 and 1, the constant 2, the outputs 3 and 4; 5 hears x, 6 hears 5 and y and the constant. */
function dag() {
  const weights = [shaped([2, 0], 1, 2), shaped([0, -1, 3], 1, 3), shaped([0, 1, 0, 4, 0, 0, 0, 6], 2, 4)];
  const frame = {
    weights, units: [Int32Array.of(5), Int32Array.of(6)], active_share: [Float32Array.of(0.5), Float32Array.of(0.25)], step: 9,
    edges: whole([0, 5, 5, 6, 1, 6, 2, 6, 6, 3, 6, 4, 1, 3, 0, 3], 8, 2), primary: Uint8Array.of(1, 1, 0, 0, 1, 1, 1, 1),
  };
  const net = { weights, biases: [shaped([0], 1), shaped([0.5], 1), shaped([0, 0], 2)], activation: "relu", slope: 0 };
  return { net, frame };
}

const said = ({ from, to, weight, primary }) => [`${from.column}.${from.row}`, `${to.column}.${to.row}`, weight, primary].join(" ");

test("edges told by ids become lines with the weights of the net, those to both outputs one", () => {
  const { net, frame } = dag();
  assert.deepEqual(widthsOf(net, frame), [3, 1, 1, 1]);
  assert.deepEqual(linesOf(net, frame).map(said).sort(), [
    "0.0 1.0 2 true", "0.0 3.0 0 true", "0.1 2.0 -1 false", "0.1 3.0 -1 true", "0.2 2.0 0.5 false", "1.0 2.0 3 true", "2.0 3.0 2 true",
  ]);
});

test("an edge whose weight is zero is a line; without edges the weights tell; a plain net hears the layer before", () => {
  const { net, frame } = dag();
  const untold = { ...frame, edges: whole([], 0, 2), primary: new Uint8Array() };
  assert.deepEqual(linesOf(net, untold).map(said).sort(), ["0.0 1.0 2 true", "0.1 2.0 -1 false", "0.1 3.0 -1 false", "1.0 2.0 3 true", "2.0 3.0 2 true"]);
  const plain = { weights: [shaped([1, 0, 0, 1], 2, 2), shaped([1, 0, 0, 2], 2, 2)], biases: [shaped([0, 0], 2), shaped([0, 0], 2)] };
  assert.deepEqual(linesOf(plain, { ...plain, units: [Int32Array.of(0, 1)] }).map(said), ["0.0 1.0 1 true", "0.1 1.0 0 true", "0.0 1.1 0 true", "0.1 1.1 1 true", "1.0 2.0 -1 true", "1.1 2.0 2 true"]);
});

test("lines carry what a unit receives: their weights times what the parents give", () => {
  const { net, frame } = dag();
  const { before } = evaluate(net, Float32Array.of(1, 0.5), 1);
  const given = (place) => ({ 0: [1, 0.5, 1][place.row], 1: Math.max(0, before[0][0]) })[place.column];
  const { parents } = relatives(net, frame, { layer: 1, row: 0 });
  near([parents.reduce((sum, { place, weight }) => sum + weight * given(place), 0)], [before[1][0]]);
});

test("a unit is found by its id wherever it stands, and its card names its kin", () => {
  const { net, frame } = dag();
  assert.deepEqual([placeOfUnit(frame, 6), placeOfUnit(frame, 77), placeOfUnit(null, 6)], [{ layer: 1, row: 0 }, null, null]);
  assert.deepEqual([[0, 1], [0, 2], [1, 0], [3, 0]].map(([column, row]) => placeName(net, frame, { column, row })), ["y", "1", "neuron 1.1", "output"]);
  const rows = Object.fromEntries(cardRows({ unit: { layer: 1, row: 0 }, frame, net, birth: null, births: [], series: null, numbers: null }));
  assert.equal(rows.depth, "2 of 2; node 6");
  assert.equal(rows.hears, "neuron 1.1* 3 · y −1 · 1 0.5 (* primary)");
  assert.equal(rows["heard by"], "output* 2");
});

/** A net of `count` hidden units, each with a primary parent and others at random among those before. */
function grown(count, seed) {
  let state = seed;
  const random = (n) => { state = (Math.imul(state, 1103515245) + 12345) >>> 0; return Math.floor(((state >>> 8) / 2 ** 24) * n); };
  const depth = [0, 0, 0];
  const ways = [];
  for (let i = 0; i < count; i += 1) {
    const parent = random(depth.length);
    ways.push([parent, depth.length, true]);
    for (let k = 0; k < 2; k += 1) { const other = random(depth.length); if (other !== parent && depth[other] <= depth[parent]) ways.push([other, depth.length, false]); }
    depth.push(depth[parent] + 1);
  }
  const widths = Array(Math.max(...depth) + 1).fill(0);
  const places = depth.map((column) => ({ column, row: widths[column]++ }));
  const last = { column: widths.length, row: 0 };
  const lines = [...ways.map(([from, to, primary]) => ({ from: places[from], to: places[to], primary, strong: primary, weight: 1 })), ...places.map((from) => ({ from, to: last, primary: true, strong: true, weight: 1 }))];
  return { widths: [...widths, 1], lines };
}

test("no line runs through a unit that it does not join", () => {
  for (const [count, seed] of [[3, 1], [12, 2], [40, 3], [60, 4]]) {
    const { widths, lines } = grown(count, seed);
    const [width, height] = [340, 300];
    const spots = arrangeByParents(widths, lines, width, height);
    const ways = waysOf(lines, spots, height);
    let met = 0;
    ways.forEach((way, i) => {
      const { from, to } = lines[i];
      for (let column = from.column + 1, at = 1; column < to.column; column += 1, at += 2) {
        const y = way[at][1];
        assert.equal(way[at + 1][1], y);
        assert.ok(y >= 0 && y <= height);
        for (const unit of spots[column]) met += Math.abs(unit.y - y) < unit.side / 2 ? 1 : 0;
      }
      for (let k = 1; k < way.length; k += 1) assert.ok(way[k][0] >= way[k - 1][0] - 1e-9, "a line goes to the right");
    });
    assert.equal(met, 0);
    for (const column of spots) assert.equal(new Set(column.map(({ y }) => y)).size, column.length);
  }
});

test("sixty units are drawn, more are summed up by depth", () => {
  const sixty = grown(60, 5);
  assert.ok(!isCrowded(sixty.widths, 340, 300));
  const many = grown(90, 6);
  assert.ok(isCrowded(many.widths, 340, 300) && isCrowded([2, 40, 1], 340, 120));
  const { bars, sums } = summedUp(many.widths, many.lines, 340, 300);
  assert.equal(bars.reduce((sum, { count }) => sum + count, 0), 90);
  assert.equal(sums.reduce((sum, { lines }) => sum + lines, 0), many.lines.length);
  for (const bar of bars) assert.ok(bar.height <= 300 && bar.width > 4);
});
