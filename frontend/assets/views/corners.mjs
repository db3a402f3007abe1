// The corners of the boundary in an order that one can follow: along the boundary, piece after piece.

const NEAR = 1e-4; // Share of the boundary's extent within which two ends are one point.

/** Extent of the boundary's coordinates, for what counts as near. */
function reachOf(segments) {
  let most = 0;
  for (let i = 0; i < segments.length; i += 1) most = Math.max(most, Math.abs(segments[i]));
  return NEAR * most;
}

/** The boundary as chains of points [[x, y], …]; a closed chain ends where it begins. */
export function chainsOf({ boundary }) {
  const reach = reachOf(boundary);
  const left = new Set(Array.from({ length: boundary.shape[0] }, (_, i) => i));
  const end = (i, side) => [boundary[4 * i + 2 * side], boundary[4 * i + 2 * side + 1]];
  const meets = (a, b) => Math.abs(a[0] - b[0]) <= reach && Math.abs(a[1] - b[1]) <= reach;
  const follow = (chain) => {
    for (let found = true; found;) {
      found = false;
      for (const i of left) {
        const side = [0, 1].find((at) => meets(end(i, at), chain.at(-1)));
        if (side === undefined) continue;
        left.delete(i);
        chain.push(end(i, 1 - side));
        found = true;
        break;
      }
    }
    return chain;
  };
  const chains = [];
  for (const i of left) {
    left.delete(i);
    const ahead = follow([end(i, 0), end(i, 1)]);
    const closed = meets(ahead[0], ahead.at(-1));
    chains.push({ closed, points: closed ? ahead : follow([...ahead].reverse()) });
  }
  return chains;
}

const area = (points) => points.reduce((sum, [x, y], i) => {
  const [nextX, nextY] = points[(i + 1) % points.length];
  return sum + x * nextY - nextX * y;
}, 0);

/** Corner indices met along a chain, in its order. */
function cornersOn(points, { fold_points: corners }, reach) {
  const met = [];
  for (const [x, y] of points) {
    for (let i = 0; i < corners.shape[0]; i += 1) {
      if (!met.includes(i) && Math.abs(corners[2 * i] - x) <= reach && Math.abs(corners[2 * i + 1] - y) <= reach) met.push(i);
    }
  }
  return met;
}

/** First by layer and row of its fold, then by how far along that fold it lies: the same while nothing jumps. */
function seniority(frame, i) {
  const { fold_points: corners, fold_point_unit: unit } = frame;
  const [layer, row] = [unit[2 * i], unit[2 * i + 1]];
  return [layer, row, corners[2 * i], corners[2 * i + 1]];
}

const before = (a, b) => {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at >= 0 && a[at] < b[at];
};

const eldest = (frame, corners) => corners.reduce((best, i) => (before(seniority(frame, i), seniority(frame, best)) ? i : best));

/** One chain's corners: a closed one counter-clockwise from its eldest corner, an open one from its left end. */
function along(frame, { closed, points }, reach) {
  const turned = closed ? area(points) < 0 : before(points.at(-1), points[0]);
  const met = cornersOn(turned ? [...points].reverse() : points, frame, reach);
  if (!closed || !met.length) return met;
  const from = met.indexOf(eldest(frame, met));
  return [...met.slice(from), ...met.slice(0, from)];
}

/** Indices of a frame's corners in the order of their numbers: corner n is the (n − 1)-th of them. */
export function orderCorners(frame) {
  const reach = reachOf(frame.boundary);
  const groups = chainsOf(frame).map((chain) => along(frame, chain, reach)).filter((group) => group.length);
  groups.sort((a, b) => (before(seniority(frame, eldest(frame, a)), seniority(frame, eldest(frame, b))) ? -1 : 1));
  const all = Array.from({ length: frame.fold_points.shape[0] }, (_, i) => i);
  return [...new Set([...groups.flat(), ...all])];
}

/** The numbers of the corners on each fold: [{layer, row, numbers}], in the order of the folds. */
export function cornersByFold(frame, order) {
  const folds = new Map();
  order.forEach((corner, i) => {
    const [layer, row] = frame.fold_point_unit.subarray(2 * corner, 2 * corner + 2);
    const key = layer * 1e6 + row;
    if (!folds.has(key)) folds.set(key, { layer, row, numbers: [] });
    folds.get(key).numbers.push(i + 1);
  });
  return [...folds.entries()].sort(([a], [b]) => a - b).map(([, fold]) => fold);
}

export const MOST_NUMBERED = 24;

const known = new WeakMap();

/** The order of a frame's corners, or null when there are too many to number. Worked out once a frame. */
export function numbering(frame) {
  if (!frame || frame.fold_points.shape[0] > MOST_NUMBERED) return null;
  if (!known.has(frame)) known.set(frame, orderCorners(frame));
  return known.get(frame);
}

/** What a fold is called: by its neuron, and by its layer too when there are several. */
export const foldName = ({ layer, row }, layers) => (layers > 1 ? `fold ${layer + 1}.${row + 1}` : `fold ${row + 1}`);
