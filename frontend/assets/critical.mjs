// Which points lie within a distance of a decision boundary in the maximum norm, and the band of all such places: as
// foldscape/geometry/around.py has it, in closed form from the pieces that a frame brings.

/** Largest radius at which a frame tells who is critical: its boundary reaches so far beyond the data, see `dataBox`. */
export const largestRadius = ({ x0, x1 }) => (x1 - x0) / 12;

/** Distance from a place to a straight piece, both in data units. */
export function maxNormDistance(px, py, ax, ay, bx, by) {
  const [x, y, dx, dy] = [ax - px, ay - py, bx - ax, by - ay];
  const at = (t) => Math.max(Math.abs(x + t * dx), Math.abs(y + t * dy));
  let best = Math.min(at(0), at(1));
  for (const sign of [1, -1]) {
    const rate = dx - sign * dy;
    if (rate) best = Math.min(best, at(Math.max(0, Math.min(1, (sign * y - x) / rate))));
  }
  return best;
}

/** 1 for each of the points (x, y, x, y, …) that the boundary's pieces come within `r` of; none at r = 0. */
export function criticalPoints(points, boundary, r) {
  const found = new Uint8Array(points.length / 2);
  if (!(r > 0)) return found;
  for (let i = 0; i < found.length; i += 1) {
    const [x, y] = [points[2 * i], points[2 * i + 1]];
    for (let k = 0; k < boundary.length && !found[i]; k += 4) {
      const [ax, ay, bx, by] = [boundary[k], boundary[k + 1], boundary[k + 2], boundary[k + 3]];
      const beyond = (a, b, p) => (a < p - r && b < p - r) || (a > p + r && b > p + r);
      if (!beyond(ax, bx, x) && !beyond(ay, by, y) && maxNormDistance(x, y, ax, ay, bx, by) <= r) found[i] = 1;
    }
  }
  return found;
}

/** The corners of the hexagon around a piece, all turning the same way: x, y, x, y, … */
export function hexagon(ax, ay, bx, by, r) {
  if (ax > bx) [ax, ay, bx, by] = [bx, by, ax, ay];
  return ay <= by
    ? [ax - r, ay - r, ax + r, ay - r, bx + r, by - r, bx + r, by + r, bx - r, by + r, ax - r, ay + r]
    : [ax - r, ay - r, bx - r, by - r, bx + r, by - r, bx + r, by + r, ax + r, ay + r, ax - r, ay + r];
}

/** Lay the hexagons of pieces into the path: filled, it is their union. */
function trace(context, place, boundary, r) {
  for (let k = 0; k < boundary.length; k += 4) {
    const corners = hexagon(boundary[k], boundary[k + 1], boundary[k + 2], boundary[k + 3], r);
    context.moveTo(place.x(corners[0]), place.y(corners[1]));
    for (let i = 2; i < 12; i += 2) context.lineTo(place.x(corners[i]), place.y(corners[i + 1]));
    context.closePath();
  }
}

/** Tint the critical region of a frame, and draw its rim; `sheet` is a canvas to work on. */
export function drawBand(context, place, { boundary, beyond = [] }, r, sheet) {
  const ratio = context.getTransform().a;
  Object.assign(sheet, { width: context.canvas.width, height: context.canvas.height });
  const inner = sheet.getContext("2d");
  inner.setTransform(ratio, 0, 0, ratio, 0, 0);
  inner.beginPath();
  for (const pieces of [boundary, beyond]) trace(inner, place, pieces, r);
  inner.strokeStyle = RIM;
  inner.lineWidth = 3;
  inner.stroke();
  inner.globalCompositeOperation = "destination-out"; // Of the lines the half outside stays: the rim of the union.
  inner.fill();
  inner.globalCompositeOperation = "source-over";
  inner.fillStyle = TINT;
  inner.fill();
  context.drawImage(sheet, 0, 0, sheet.width / ratio, sheet.height / ratio);
}

const TINT = "rgba(90, 30, 110, 0.2)";
const RIM = "rgba(90, 30, 110, 0.75)";
