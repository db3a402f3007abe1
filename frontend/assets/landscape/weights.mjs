// The net of any place of a landscape, from its row `ground`: centre + a first + b second. Pure.

/**
 * Cut a vector into a net as frames bring it: {weights, biases, activation, slope}. Of a graph the vector holds its edges
 * alone: `index` says where each lies among its wide layers of those `shapes`, laid end to end. Gives null where it is no
 * net of layers.
 */
export function netOfVector(vector, { sizes, shapes, index, activation, slope }) {
  const layers = shapes ?? sizes.slice(1).map((rows, layer) => [rows, sizes[layer]]);
  const flat = index ? scattered(vector, index, layers) : vector;
  if (flat.length !== lengthOf(layers)) return null;
  const [weights, biases] = [[], []];
  let at = 0;
  for (const [rows, columns] of layers) {
    weights.push(Object.assign(Float32Array.from(flat.subarray(at, at + rows * columns)), { shape: [rows, columns] }));
    at += rows * columns;
    biases.push(Float32Array.from(flat.subarray(at, at + rows)));
    at += rows;
  }
  return { weights, biases, activation, slope };
}

const lengthOf = (layers) => layers.reduce((sum, [rows, columns]) => sum + rows * (columns + 1), 0);

function scattered(vector, index, layers) {
  const flat = new Float64Array(lengthOf(layers));
  index.forEach((place, edge) => { flat[place] = vector[edge]; });
  return flat;
}

/** The net at coordinates (a, b). */
export function netAt(ground, a, b = 0) {
  const { theta, first, second } = ground.arrays;
  const moved = theta.map((value, i) => value + a * first[i] + (second ? b * second[i] : 0));
  return netOfVector(moved, ground);
}

const STARTS = { hub0: "theta", hub1: "other", hub2: "third" };

/** The net at t of a way: `linear`, `ordered`, `curve` with its control point, `hub0` to `hub2` with their centre. */
export function netOnWay(ground, name, t, { bend = null, centre = null } = {}) {
  if (centre) return netOfVector(ground.arrays[STARTS[name]].map((value, i) => (1 - t) * value + t * centre[i]), ground);
  const { theta: from, other, ordered } = ground.arrays;
  const to = name === "ordered" ? ordered : other;
  const s = 1 - t;
  const moved = from.map((value, i) => (bend ? s * s * value + 2 * s * t * bend[i] + t * t * to[i] : s * value + t * to[i]));
  return netOfVector(moved, ground);
}
