// The plane as a few neurons see it: each point goes to where their outputs put it. Pure; drawing is done elsewhere.
//
// A lift turns points of the plane into a cube from −1 to 1: {axes, spread(points, result, count) → [x, y, z, …], cut}.

import { columnOf, isWide, outputOf } from "../forward.mjs";
import { TABLE, holdNear, poseAt } from "./pose.mjs";

export const MOST_CHOSEN = 3;

/** The layer and the neurons shown: as chosen where the net has them, else the first of the last hidden layer. */
export function chosenOf(net, sheet) {
  const hidden = net.weights.slice(0, -1).map((weight) => weight.shape[0]);
  if (!hidden.length) return null;
  const layer = sheet && sheet.layer < hidden.length ? sheet.layer : hidden.length - 1;
  const picked = sheet?.layer === layer ? sheet.rows.filter((row) => row < hidden[layer]) : [];
  const rows = picked.length ? picked : Array.from({ length: Math.min(MOST_CHOSEN, hidden[layer]) }, (_, row) => row);
  return { layer, rows, width: hidden[layer], layers: hidden.length, level: isWide(net) ? "depth" : "layer" };
}

/** What is chosen after a neuron was picked: in or out of the choice; a fourth takes the place of the first. */
export function pick({ layer, rows }, unit) {
  if (unit.layer !== layer) return { layer: unit.layer, rows: [unit.row] };
  if (rows.includes(unit.row)) return { layer, rows: rows.length > 1 ? rows.filter((row) => row !== unit.row) : rows };
  return { layer, rows: [...rows, unit.row].slice(-MOST_CHOSEN).sort((a, b) => a - b) };
}

const ROOM = 2.2; // How much further than the data an axis may reach; what lies beyond leaves the picture.

/** The range of an axis, 0 in it: that over the box, but not much more than that of the data. */
function rangeOf(box, data) {
  const least = (values) => values.reduce((low, value) => Math.min(low, value), 0);
  const most = (values) => values.reduce((high, value) => Math.max(high, value), 0);
  const reach = ROOM * (most(data) - least(data));
  const [low, high] = [Math.max(least(box), -reach), Math.min(most(box), reach)];
  return high - low > 1e-9 ? { low, high } : { low: least(box), high: Math.max(most(box), least(box) + 1e-6) };
}

/** Where values of a range lie between −1 and 1. */
export const place = ({ low, high }) => (value) => (2 * (value - low)) / (high - low) - 1;

const LOW = 0.6; // Half of the height that one neuron gives the plane.

/** How far an axis goes: a height is low; three neurons have their silence in the far corner, so that one looks into the sheet. */
const signsOf = (rows) => ({ 1: [LOW], 2: [1, 1], 3: [-1, -1, 1] })[rows.length];

/** A lift by chosen neurons; the forward passes over the box and the data set the ranges; `bend` 0…1 from flat to bent. */
export function sheetLift({ net, box }, { layer, rows }, { mesh, data }, bend) {
  const outputs = ({ result, count }, row) => outputOf(net, result, { layer, row }, count);
  const ranges = rows.map((row) => rangeOf(outputs(mesh, row), outputs(data, row)));
  const signs = signsOf(rows);
  const scales = ranges.map((range, i) => { const to = place(range); return (value) => signs[i] * to(value); });
  const flat = flatIn(box);
  const single = rows.length === 1;
  const bent = (points, result, count) => {
    const seen = rows.map((row) => outputs({ result, count }, row));
    const out = new Float32Array(3 * count);
    for (let i = 0; i < count; i += 1) {
      if (single) out.set([...flat(points, i, count), scales[0](seen[0][i])], 3 * i);
      else for (let k = 0; k < rows.length; k += 1) out[3 * i + k] = scales[k](seen[k][i]);
    }
    return out;
  };
  const pose = single ? { hold: TABLE, bent: bend } : poseAt(bend, bend < 1 ? goalOf(mesh, flat, bent) : TABLE);
  const floor = single ? scales[0](ranges[0].low) : 0;
  return {
    axes: rows.map((row, i) => ({ words: `neuron ${row + 1}`, along: single ? 2 : i, zero: scales[i](0), sign: signs[i] })),
    flat: rows.length === 2,
    spread(points, result, count) {
      const out = bent(points, result, count);
      if (pose.bent === 1) return out;
      for (let i = 0; i < count; i += 1) {
        const [x, y] = flat(points, i, count);
        for (let k = 0; k < 3; k += 1) {
          const start = pose.hold[k][0] * x + pose.hold[k][1] * y + (k === 2 ? floor : 0);
          out[3 * i + k] = start + pose.bent * (out[3 * i + k] - start);
        }
      }
      return out;
    },
    cut: cutOf(net, { layer, rows }, ranges),
  };
}

/** Where points of the plane lie flat, from −1 to 1. */
function flatIn(box) {
  const [toX, toY] = [place({ low: box.x0, high: box.x1 }), place({ low: box.y0, high: box.y1 })];
  return (points, i, count) => [toX(points[i]), toY(points[count + i])];
}

/** The hold of the flat plane that comes nearest to the bent one. */
function goalOf({ points, result, count }, flat, bent) {
  const pairs = new Float32Array(2 * count);
  for (let i = 0; i < count; i += 1) pairs.set(flat(points, i, count), 2 * i);
  return holdNear(pairs, bent(points, result, count));
}

/** Whether one flat cut parts two classes here: the outputs hear nobody but the neurons that are shown. */
export function isDecisive(net, { layer, rows }) {
  const out = net.weights.at(-1);
  const [classes, columns] = out.shape;
  if (classes !== 2 || layer !== net.weights.length - 2) return false;
  if (!isWide(net)) return rows.length === columns;
  const shown = new Set(rows.map((row) => columnOf(net, net.weights.length - 1, { layer, row })));
  return Array.from({ length: columns }, (_, column) => column).every((column) => shown.has(column) || out[columns + column] === out[column]);
}

/** That cut as a polygon in the cube; null where there is none, or none that meets the cube. */
export function cutOf(net, choice, ranges) {
  if (!isDecisive(net, choice)) return null;
  const { layer, rows } = choice;
  const out = net.weights.at(-1);
  const bias = net.biases.at(-1);
  const normal = [0, 0, 0];
  let offset = bias[1] - bias[0];
  rows.forEach((row, i) => {
    const column = columnOf(net, net.weights.length - 1, { layer, row });
    const weight = out[out.shape[1] + column] - out[column];
    const { low, high } = ranges[i];
    normal[rows.length === 1 ? 2 : i] = (weight * (high - low)) / 2 / signsOf(rows)[i];
    offset += (weight * (high + low)) / 2;
  });
  return slice(normal, offset);
}

const CORNERS = Array.from({ length: 8 }, (_, i) => [i & 1, i & 2, i & 4].map((bit) => (bit ? 1 : -1)));

/** Where the plane normal · p + offset = 0 cuts the cube from −1 to 1: its corners in order, or null. */
export function slice(normal, offset) {
  const value = (p) => normal[0] * p[0] + normal[1] * p[1] + normal[2] * p[2] + offset;
  const found = [];
  for (const a of CORNERS) {
    for (let k = 0; k < 3; k += 1) {
      if (a[k] > 0) continue;
      const b = a.map((value, i) => (i === k ? 1 : value));
      const [va, vb] = [value(a), value(b)];
      if ((va < 0) !== (vb < 0)) found.push(a.map((start, i) => start + (va / (va - vb)) * (b[i] - start)));
    }
  }
  if (found.length < 3) return null;
  const middle = [0, 1, 2].map((k) => found.reduce((sum, p) => sum + p[k], 0) / found.length);
  const [main] = [0, 1, 2].sort((a, b) => Math.abs(normal[b]) - Math.abs(normal[a]));
  const [u, v] = [0, 1, 2].filter((k) => k !== main);
  const angle = (p) => Math.atan2(p[v] - middle[v], p[u] - middle[u]);
  return found.sort((a, b) => angle(a) - angle(b));
}
