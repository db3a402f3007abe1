// The net of any place of a landscape, from its ground: centre + a first + b second. Pure.

/** Cut a vector into a net as frames bring it: {weights, biases, activation, slope}. */
export function netOf(vector, { sizes, activation, slope }) {
  const [weights, biases] = [[], []];
  let at = 0;
  for (let layer = 1; layer < sizes.length; layer += 1) {
    const [rows, columns] = [sizes[layer], sizes[layer - 1]];
    weights.push(Object.assign(Float32Array.from(vector.subarray(at, at + rows * columns)), { shape: [rows, columns] }));
    at += rows * columns;
    biases.push(Float32Array.from(vector.subarray(at, at + rows)));
    at += rows;
  }
  return { weights, biases, activation, slope };
}

/** The net at coordinates (a, b). */
export function netAt(ground, a, b = 0) {
  const { theta, first, second } = ground.arrays;
  const moved = theta.map((value, i) => value + a * first[i] + (second ? b * second[i] : 0));
  return netOf(moved, ground);
}

const STARTS = { hub0: "theta", hub1: "other", hub2: "third" };

/** The net at t of a way: `linear`, `ordered`, `curve` with its control point, `hub0` to `hub2` with their centre. */
export function netOnWay(ground, name, t, { bend = null, centre = null } = {}) {
  if (centre) return netOf(ground.arrays[STARTS[name]].map((value, i) => (1 - t) * value + t * centre[i]), ground);
  const { theta: from, other, ordered } = ground.arrays;
  const to = name === "ordered" ? ordered : other;
  const s = 1 - t;
  const moved = from.map((value, i) => (bend ? s * s * value + 2 * s * t * bend[i] + t * t * to[i] : s * value + t * to[i]));
  return netOf(moved, ground);
}
