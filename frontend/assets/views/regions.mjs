// The linear pieces of a ReLU net as flat tints. Along a row of pixels the pattern of active units changes only where
// the row crosses a fold of the frame; between two crossings one point tells the pattern of all. A span between the
// same two pieces of folds as in the row above is the same region, so the net is asked a few thousand times at most.

import { paintClasses, vary } from "../colour.mjs";
import { cost, evaluate } from "../forward.mjs";
import { patternsOf } from "./pattern.mjs";

const BUDGET = 8e6; // Multiplications for one picture.
const COARSEST = 120;

/** Pixels a side in which a frame's regions can be painted in time; at most `wanted`. */
export function regionSide(frame, net, wanted) {
  const work = 2 * frame.folds.shape[0] * cost(net);
  return Math.round(Math.min(wanted, Math.max(COARSEST, wanted * Math.sqrt(BUDGET / Math.max(1, work)))));
}

/**
 * Where rows of pixels cross the folds, row after row: {first, x, piece, level}; row r has the crossings first[r]…
 * first[r + 1]; `level` holds the stretches [from, to, …] of folds that pass just above a row and cross none.
 */
export function crossingsOf({ folds }, box, n) {
  const total = folds.shape[0];
  const column = (x) => ((x - box.x0) / (box.x1 - box.x0)) * n;
  const line = (y) => ((box.y1 - y) / (box.y1 - box.y0)) * n;
  const first = new Int32Array(n + 1);
  const ends = (i) => {
    const [ay, by] = [line(folds[4 * i + 1]), line(folds[4 * i + 3])];
    return [Math.max(0, Math.ceil(Math.min(ay, by) - 0.5)), Math.min(n, Math.ceil(Math.max(ay, by) - 0.5)), ay, by];
  };
  const level = new Map();
  for (let i = 0; i < total; i += 1) {
    const [from, to] = ends(i);
    for (let row = from; row < to; row += 1) first[row + 1] += 1;
    if (from >= to) level.set(from, [...(level.get(from) ?? []), Math.min(column(folds[4 * i]), column(folds[4 * i + 2])), Math.max(column(folds[4 * i]), column(folds[4 * i + 2]))]);
  }
  for (let row = 0; row < n; row += 1) first[row + 1] += first[row];
  const next = first.slice();
  const x = new Float32Array(first[n]);
  const piece = new Int32Array(first[n]);
  for (let i = 0; i < total; i += 1) {
    const [from, to, ay, by] = ends(i);
    const ax = column(folds[4 * i]);
    const slope = (column(folds[4 * i + 2]) - ax) / (by - ay);
    for (let row = from; row < to; row += 1) insert(x, piece, first[row], next[row]++, ax + slope * (row + 0.5 - ay), i);
  }
  return { first, x, piece, level };
}

/** Put a crossing where it belongs among those of its row that are there already. */
function insert(x, piece, from, at, value, i) {
  let place = at;
  while (place > from && x[place - 1] > value) { x[place] = x[place - 1]; piece[place] = piece[place - 1]; place -= 1; }
  x[place] = value;
  piece[place] = i;
}

/** Whether a span from `start` to `end` touches one of the stretches. */
function touches(stretches, start, end) {
  for (let k = 0; k < (stretches?.length ?? 0); k += 2) if (stretches[k] < end && stretches[k + 1] > start) return true;
  return false;
}

/** Runs of pixels of one region each, [from, to, sample] by three, and a point inside each sample, in pixels. */
function spansOf(frame, box, n) {
  const { first, x, piece, level } = crossingsOf(frame, box, n);
  const pieces = frame.folds.shape[0] + 1;
  const [rightOf, sampleOf, rowOf] = [new Int32Array(pieces), new Int32Array(pieces), new Int32Array(pieces).fill(-2)];
  const spans = [];
  const samples = [];
  for (let row = 0; row < n; row += 1) {
    const base = first[row];
    const count = first[row + 1] - base;
    for (let k = 0; k <= count; k += 1) {
      const [start, end] = [k ? x[base + k - 1] : 0, k < count ? x[base + k] : n];
      const from = Math.max(0, Math.ceil(start - 0.5));
      const to = Math.min(n, Math.ceil(end - 0.5));
      if (to <= from) continue;
      const [left, right] = [k ? piece[base + k - 1] + 1 : 0, k < count ? piece[base + k] + 1 : 0];
      if (rowOf[left] !== row - 1 || rightOf[left] !== right || touches(level.get(row), start, end)) {
        sampleOf[left] = samples.length / 2;
        samples.push((Math.max(0, start) + Math.min(n, end)) / 2, row + 0.5);
      }
      rowOf[left] = row;
      rightOf[left] = right;
      spans.push(row * n + from, row * n + to, sampleOf[left]);
    }
  }
  return { spans, samples };
}

/** Net inputs of points given in pixels. */
function inputsOf(pixels, box, n) {
  const count = pixels.length / 2;
  const inputs = new Float32Array(2 * count);
  for (let i = 0; i < count; i += 1) {
    inputs[i] = box.x0 + (pixels[2 * i] / n) * (box.x1 - box.x0);
    inputs[count + i] = box.y1 - (pixels[2 * i + 1] / n) * (box.y1 - box.y0);
  }
  return inputs;
}

/** Samples of the same pattern together: which region each belongs to, the phase of each region, its middle in pixels. */
function gather({ spans, samples }, { keys, phases }, n) {
  const places = new Map();
  const region = Int32Array.from(keys, (key) => places.get(key) ?? (places.set(key, places.size), places.size - 1));
  const count = places.size;
  const [area, x, y, phase] = [0, 1, 2, 3].map(() => new Float64Array(count));
  for (let i = 0; i < samples.length / 2; i += 1) phase[region[i]] = phases[i];
  for (let i = 0; i < spans.length; i += 3) {
    const [at, pixels, row] = [region[spans[i + 2]], spans[i + 1] - spans[i], Math.floor(spans[i] / n)];
    area[at] += pixels;
    x[at] += pixels * ((spans[i] + spans[i + 1]) / 2 - row * n);
    y[at] += pixels * (row + 0.5);
  }
  const middles = Array.from({ length: count }, (_, i) => [x[i] / area[i], y[i] / area[i]]).flat();
  return { region, count, phase, middles };
}

/** Paint n by n pixels; gives how many regions were met. The hue of a region is what the net says in its middle. */
export function paintRegions(frame, net, box, n, pixels) {
  const found = spansOf(frame, box, n);
  const asked = found.samples.length / 2;
  const { before } = evaluate(net, inputsOf(found.samples, box, n), asked, "regions");
  const { region, count, phase, middles } = gather(found, patternsOf(before, frame.units, asked), n);
  const { logits, classes } = evaluate(net, inputsOf(middles, box, n), count, "regions");
  const tints = new Uint32Array(count);
  paintClasses(logits, classes, count, tints);
  for (let i = 0; i < count; i += 1) tints[i] = vary(tints[i], phase[i]);
  const { spans } = found;
  for (let i = 0; i < spans.length; i += 3) pixels.fill(tints[region[spans[i + 2]]], spans[i], spans[i + 1]);
  return count;
}
