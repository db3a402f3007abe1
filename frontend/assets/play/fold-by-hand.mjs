// A fold laid by hand: a line through a centre, in a direction, with an active side. Pure; every act gives a new one.

export const TURN = Math.PI / 36; // One press of [ or ].
const MOVE = 1 / 40; // One press of an arrow, as a share of the box.
const SHORTEST = 1e-3; // Of the box: a drag below this is a click.

/** A fold through two points, or null when they are the same; its active side is to the left of the way. */
export function through(a, b, box, side = 1) {
  const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
  if (!(length > SHORTEST * (box.x1 - box.x0))) return null;
  return { x: (a[0] + b[0]) / 2, y: (a[1] + b[1]) / 2, angle: Math.atan2(b[1] - a[1], b[0] - a[0]), half: length / 2, side };
}

/** A level fold through the middle of the box: where the keyboard begins. */
export const middle = (box) => ({ x: (box.x0 + box.x1) / 2, y: (box.y0 + box.y1) / 2, angle: 0, half: (box.x1 - box.x0) / 4, side: 1 });

const within = (value, low, high) => Math.max(low, Math.min(high, value));

/** Moved by so many presses right and up; its centre stays in the box. */
export function moved(fold, right, up, box) {
  const step = MOVE * (box.x1 - box.x0);
  return { ...fold, x: within(fold.x + right * step, box.x0, box.x1), y: within(fold.y + up * step, box.y0, box.y1) };
}

export const turnedFold = (fold, presses) => ({ ...fold, angle: fold.angle + presses * TURN });
export const flipped = (fold) => ({ ...fold, side: -fold.side });

/** Its two ends in data units. */
export function ends({ x, y, angle, half }) {
  const [dx, dy] = [half * Math.cos(angle), half * Math.sin(angle)];
  return [[x - dx, y - dy], [x + dx, y + dy]];
}

/** Unit normal towards the active side, in data units. */
export const normal = ({ angle, side }) => [-side * Math.sin(angle), side * Math.cos(angle)];

/** The growth rule that lays it. */
export function ruleOf(fold) {
  const [a, b] = ends(fold);
  return { kind: "line", a, b, side: fold.side };
}

/** What a key does to a fold being laid: a new fold, "lay", "forget", or null when the key means nothing here. */
export function byKey(fold, key, box, far = false) {
  const by = far ? 5 : 1;
  const acts = {
    ArrowLeft: () => moved(fold, -by, 0, box), ArrowRight: () => moved(fold, by, 0, box),
    ArrowUp: () => moved(fold, 0, by, box), ArrowDown: () => moved(fold, 0, -by, box),
    "[": () => turnedFold(fold, 1), "]": () => turnedFold(fold, -1),
    f: () => flipped(fold), F: () => flipped(fold),
    Enter: () => "lay", Escape: () => "forget",
  };
  return acts[key]?.() ?? null;
}
