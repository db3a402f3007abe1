// What is read out of a measurement of residual blocks. Pure.

const known = (value) => (Number.isFinite(value) ? value : null);

/** Means and standard errors of an array whose first half are means: `[{value, error}]`. */
export function withErrors(both) {
  const half = both.length / 2;
  return Array.from({ length: half }, (_, i) => ({ value: known(both[i]), error: known(both[half + i]) ?? 0 }));
}

/** Give points their places, with a gap wherever a stage ends: features of two stages have nothing in common. */
export function inStages(stages, points) {
  const gap = (i) => (i && stages[i] !== stages[i - 1] ? [{ x: i + 0.5, value: null, error: 0 }] : []);
  return points.flatMap((point, i) => [...gap(i), { x: i + 1, ...point }]);
}

/** Accuracy, loss and norm by way and number of extra times: `[{name, accuracy, loss, norm}]`, each `[{value, error}]`. */
export function unrolledOf({ extra, unrolled_accuracy: accuracy, unrolled_loss: loss, unrolled_norm: norm }) {
  const row = (both, way) => withErrors(both).slice(way * (extra + 1), (way + 1) * (extra + 1));
  return ["plain", "shared out"].map((name, way) => ({ name, accuracy: row(accuracy, way), loss: row(loss, way), norm: row(norm, way) }));
}
