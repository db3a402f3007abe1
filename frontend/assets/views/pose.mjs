// How the flat plane is held before it bends: turned rigidly to where the bent sheet lies, so that bending is folding
// and not turning inside out. A hold is the images of x and y in space: [[x, y] for each of the three axes].

export const TABLE = [[1, 0], [0, 1], [0, 0]];
const TURNING = 0.35; // Share of the way that is turning; the rest is bending.

const smooth = (t) => t * t * (3 - 2 * t);

/** The hold nearest to any linear map: its polar factor M (MᵀM)^(−1/2). */
export function holdOf(m) {
  const [a, b, d] = [[0, 0], [0, 1], [1, 1]].map(([i, j]) => m.reduce((sum, row) => sum + row[i] * row[j], 0));
  const root = Math.sqrt(Math.max(0, a * d - b * b));
  const trace = Math.sqrt(a + d + 2 * root);
  if (root < 1e-9) return TABLE;
  // (MᵀM)^(1/2) = (MᵀM + root · I) / trace, whose inverse has the determinant root.
  const inverse = [[d + root, -b], [-b, a + root]].map((row) => row.map((value) => value / (trace * root)));
  return m.map(([x, y]) => [x * inverse[0][0] + y * inverse[1][0], x * inverse[0][1] + y * inverse[1][1]]);
}

/** The hold that comes nearest to a bent sheet (Procrustes): flat pairs [x, y, …] and positions [x, y, z, …]. */
export function holdNear(flat, bent) {
  const count = flat.length / 2;
  const mean = [0, 0, 0];
  for (let i = 0; i < bent.length; i += 1) mean[i % 3] += bent[i] / count;
  const m = TABLE.map(() => [0, 0]);
  for (let i = 0; i < count; i += 1) {
    for (let k = 0; k < 3; k += 1) {
      m[k][0] += ((bent[3 * i + k] - mean[k]) * flat[2 * i]) / count;
      m[k][1] += ((bent[3 * i + k] - mean[k]) * flat[2 * i + 1]) / count;
    }
  }
  return holdOf(m);
}

/** Where the way from flat to bent is at t: how the plane is held, and how much of the bending is done. */
export function poseAt(t, goal) {
  const turn = smooth(Math.min(1, t / TURNING));
  const aside = Math.sin(Math.PI * turn); // Opposite holds have no middle; going round by a side they have.
  const tilt = [[0, -0.3 * aside], [0.3 * aside, 0], [0.2 * aside, 0.5 * aside]];
  const mixed = TABLE.map((row, k) => row.map((value, i) => value + turn * (goal[k][i] - value) + tilt[k][i]));
  return { hold: holdOf(mixed), bent: smooth(Math.max(0, (t - TURNING) / (1 - TURNING))) };
}
