// The net's forward pass over many points, for painting. A net is {weights, biases, activation, slope} as a frame
// brings it: weights[l] is (out, in) row-major, the output layer last. Results lie unit after unit: [unit * P + point].
// A layer hears the last columns of everything before it: of a plain layer those are the units of the layer before, of a
// wide one the inputs and all earlier units, in this order. What cannot be worked out from weights is told as `outputs`
// on a lattice over a `box`, and taken as linear between its nodes.

const scratch = new Map();

function buffer(name, length) {
  const kept = scratch.get(name);
  if (kept && kept.length >= length) return kept;
  const fresh = new Float32Array(length);
  scratch.set(name, fresh);
  return fresh;
}

/** The net of a frame: what its spec says of it, and what the frame tells. */
export const netOfFrame = (frame, { activation, negative_slope: slope, wiring }, box) => ({
  weights: frame.weights, biases: frame.biases, outputs: frame.outputs ?? null, box, activation, slope, wiring,
});

/** Number of outputs. */
export const outputsOf = (net) => (net.outputs ? net.outputs.shape[0] : net.weights.at(-1).shape[0]);

/** Widths of all layers, inputs first; of a net whose outputs are told, those of its ends. */
export const sizes = (net) => (net.outputs ? [2, outputsOf(net)] : [net.weights[0].shape[1], ...net.weights.map((weight) => weight.shape[0])]);

/** The column by which layer `to` hears a unit {layer, row}, layer −1 being the inputs; −1 where it does not. */
export function columnOf(net, to, { layer, row }) {
  const widths = sizes(net);
  let behind = 0; // Units that the layer may hear and that come after the first of the unit's layer.
  for (let each = to; each > layer; each -= 1) behind += widths[each];
  const column = net.weights[to].shape[1] - behind + row;
  return behind && column >= row ? column : -1;
}

/** Whether a layer of the net hears more than the layer before it. */
export const isWide = (net) => net.weights.some((weight, layer) => layer > 0 && weight.shape[1] > net.weights[layer - 1].shape[0]);

/** Multiplications for one point. */
export const cost = (net) => net.weights.reduce((sum, weight) => sum + weight.length, 0);

/** weight · input + bias for all points; four inputs at a time, so that each sum is read and written less often. */
function affine(weight, bias, input, out, count) {
  const [rows, columns] = weight.shape;
  const fours = columns - (columns % 4);
  for (let row = 0; row < rows; row += 1) {
    const at = row * count;
    const first = row * columns;
    out.fill(bias[row], at, at + count);
    for (let column = 0; column < fours; column += 4) {
      const [a, b, c, d] = [weight[first + column], weight[first + column + 1], weight[first + column + 2], weight[first + column + 3]];
      if (a === 0 && b === 0 && c === 0 && d === 0) continue; // Where nothing leads in a wide layer.
      const [i, j, k, l] = [column * count, (column + 1) * count, (column + 2) * count, (column + 3) * count];
      for (let point = 0; point < count; point += 1) out[at + point] += a * input[i + point] + b * input[j + point] + c * input[k + point] + d * input[l + point];
    }
    for (let column = fours; column < columns; column += 1) {
      const factor = weight[first + column];
      const from = column * count;
      for (let point = 0; point < count; point += 1) out[at + point] += factor * input[from + point];
    }
  }
}

/** Apply the activation: relu, leaky_relu with `slope`, or tanh. */
function activate(activation, slope, before, after, length) {
  if (activation === "tanh") for (let i = 0; i < length; i += 1) after[i] = Math.tanh(before[i]);
  else {
    const low = activation === "leaky_relu" ? slope : 0;
    for (let i = 0; i < length; i += 1) after[i] = before[i] > 0 ? before[i] : low * before[i];
  }
}

/**
 * Evaluate a net at P points: inputs [x of all, y of all]. Gives `logits` and, for each hidden layer, what its units
 * saw `before` the activation. All arrays are borrowed until the next call with the same `slot`.
 */
export function evaluate(net, inputs, count, slot = "") {
  if (net.outputs) return interpolated(net, inputs, count, slot);
  const before = [];
  const last = net.weights.length - 1;
  const widths = sizes(net);
  let known = widths[0] * count;
  const everything = buffer(`${slot}h`, count * widths.slice(0, -1).reduce((sum, width) => sum + width, 0));
  everything.set(inputs.subarray(0, known));
  const heard = (layer) => everything.subarray(known - net.weights[layer].shape[1] * count, known);
  for (let layer = 0; layer < last; layer += 1) {
    const length = widths[layer + 1] * count;
    const z = buffer(`${slot}z${layer}`, length);
    affine(net.weights[layer], net.biases[layer], heard(layer), z, count);
    activate(net.activation, net.slope, z, everything.subarray(known, known + length), length);
    known += length;
    before.push(z);
  }
  const classes = widths.at(-1);
  const logits = buffer(`${slot}o`, classes * count);
  affine(net.weights[last], net.biases[last], heard(last), logits, count);
  return { logits, before, classes };
}

/** The outputs of a net that tells them on a lattice, rows from the top down; beyond its box those of the edge. */
function interpolated({ outputs, box }, inputs, count, slot) {
  const [classes, rows, columns] = outputs.shape;
  const logits = buffer(`${slot}o`, classes * count);
  const placed = (share, nodes) => Math.min(Math.max(share, 0), 1) * (nodes - 1);
  for (let point = 0; point < count; point += 1) {
    const x = placed((inputs[point] - box.x0) / (box.x1 - box.x0), columns);
    const y = placed((box.y1 - inputs[count + point]) / (box.y1 - box.y0), rows);
    const [left, top] = [Math.min(columns - 2, Math.floor(x)), Math.min(rows - 2, Math.floor(y))];
    const [u, v] = [x - left, y - top];
    for (let k = 0; k < classes; k += 1) {
      const at = (k * rows + top) * columns + left;
      const upper = outputs[at] * (1 - u) + outputs[at + 1] * u;
      const lower = outputs[at + columns] * (1 - u) + outputs[at + columns + 1] * u;
      logits[k * count + point] = upper * (1 - v) + lower * v;
    }
  }
  return { logits, before: [], classes };
}

/** What one hidden unit gives, after its activation, at the points of a result of `evaluate`; a new array. */
export function outputOf(net, { before }, { layer, row }, count) {
  const values = before[layer].slice(row * count, (row + 1) * count);
  activate(net.activation, net.slope, values, values, count);
  return values;
}

/** Pairs x, y, x, y … as the inputs of `evaluate`: [x of all, y of all]. */
export function asInputs(pairs, slot = "") {
  const count = pairs.length / 2;
  const inputs = buffer(`${slot}i`, 2 * count);
  for (let i = 0; i < count; i += 1) { inputs[i] = pairs[2 * i]; inputs[count + i] = pairs[2 * i + 1]; }
  return inputs;
}

/** Nodes of an n by n lattice that reaches the edges of a box, top row first: [x of all, y of all]. */
export function latticePoints({ x0, x1, y0, y1 }, n, slot = "") {
  const points = buffer(`${slot}l${n}`, 2 * n * n);
  for (let row = 0, at = 0; row < n; row += 1) {
    for (let column = 0; column < n; column += 1, at += 1) {
      points[at] = x0 + (column / (n - 1)) * (x1 - x0);
      points[n * n + at] = y1 - (row / (n - 1)) * (y1 - y0);
    }
  }
  return points;
}

/** Centres of an n by n grid of a box {x0, x1, y0, y1}, top row first: [x of all, y of all]. */
export function gridPoints({ x0, x1, y0, y1 }, n, slot = "") {
  const points = buffer(`${slot}g${n}`, 2 * n * n);
  for (let row = 0, at = 0; row < n; row += 1) {
    const y = y1 - ((row + 0.5) / n) * (y1 - y0);
    for (let column = 0; column < n; column += 1, at += 1) {
      points[at] = x0 + ((column + 0.5) / n) * (x1 - x0);
      points[n * n + at] = y;
    }
  }
  return points;
}

/** Side of the grid that keeps one picture within a budget of multiplications. */
export function gridSide(net, budget = 4e6, least = 40, most = 120) {
  return Math.max(least, Math.min(most, Math.floor(Math.sqrt(budget / cost(net)))));
}
