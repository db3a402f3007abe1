// Training points that were corrupted: told by the data of a run, which keep the truth beside what the net is given.

/** Whether anything of these data is corrupted. */
export const isCorrupted = (data) => Boolean(data?.true_y);

/** What was done to training point `i`: {given, true, mislabelled, noise}, or null where it is as it was. */
export function corruptionOf(data, i) {
  if (!isCorrupted(data)) return null;
  const [given, truth] = [Number(data.train_y[i]), Number(data.true_y[i])];
  const noise = Boolean(data.noise[i]);
  return given !== truth || noise ? { given, true: truth, mislabelled: given !== truth, noise } : null;
}

const kept = new WeakMap(); // Of data that do not change: the pointer asks at every move.

/** All corrupted training points: [{index, given, true, mislabelled, noise}]. */
export function corruptedPoints(data) {
  if (!isCorrupted(data)) return [];
  if (!kept.has(data)) kept.set(data, findCorrupted(data));
  return kept.get(data);
}

function findCorrupted(data) {
  const found = [];
  for (let index = 0; index < data.train_y.length; index += 1) {
    const about = corruptionOf(data, index);
    if (about) found.push({ index, ...about });
  }
  return found;
}

/** In words: `label 1, truly 0` or `class 1, its place is noise`. */
export function corruptionWords({ given, true: truth, mislabelled, noise }) {
  const label = mislabelled ? `label ${given}, truly ${truth}` : `class ${given}`;
  return noise ? `${label}, its place is noise` : label;
}

/** The corrupted training point nearest to a place on the page, within `reach` pixels; null when none is near. */
export function corruptedAt(data, place, x, y, reach) {
  let best = reach;
  let found = null;
  for (const point of corruptedPoints(data)) {
    const { index } = point;
    const distance = Math.hypot(place.x(data.train_x[2 * index]) - x, place.y(data.train_x[2 * index + 1]) - y);
    if (distance < best) { best = distance; found = point; }
  }
  return found;
}
