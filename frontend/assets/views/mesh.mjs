// The box of the plane cut into convex faces on each of which a ReLU net is linear: a lattice, its cells split along the
// folds of the frame. So facets and creases of a surface are exact, however coarse the lattice is.

import { latticePoints } from "../forward.mjs";

const TINY = 1e-9;
const MOST_PIECES = 400; // Above, facets are so small that a finer lattice shows as much.

/** The cells that pieces pass through: lists of pieces by cell. */
function piecesByCell(pieces, { x0, y1 }, cells, pitch) {
  const lists = new Map();
  const clamp = (value) => Math.max(0, Math.min(cells - 1, Math.floor(value)));
  pieces.forEach((piece) => {
    const [ax, ay, bx, by] = piece;
    const [left, right] = [clamp((Math.min(ax, bx) - x0) / pitch[0]), clamp((Math.max(ax, bx) - x0) / pitch[0])];
    const [top, bottom] = [clamp((y1 - Math.max(ay, by)) / pitch[1]), clamp((y1 - Math.min(ay, by)) / pitch[1])];
    for (let row = top; row <= bottom; row += 1) {
      for (let column = left; column <= right; column += 1) {
        const at = row * cells + column;
        if (lists.has(at)) lists.get(at).push(piece);
        else lists.set(at, [piece]);
      }
    }
  });
  return lists;
}

/** A mesh that grows by splitting: points as x and y, faces as lists of point numbers. */
class Faces {
  constructor(points, count) {
    this.x = Array.from(points.subarray(0, count));
    this.y = Array.from(points.subarray(count, 2 * count));
    this.faces = [];
  }

  #between(i, j, t) {
    this.x.push(this.x[i] + t * (this.x[j] - this.x[i]));
    this.y.push(this.y[i] + t * (this.y[j] - this.y[i]));
    return this.x.length - 1;
  }

  /** The parts of a face on both sides of the line through a and b; the face itself when the line misses it. */
  split(face, ax, ay, bx, by) {
    const side = face.map((i) => (bx - ax) * (this.y[i] - ay) - (by - ay) * (this.x[i] - ax));
    const near = TINY * Math.hypot(bx - ax, by - ay);
    if (side.every((value) => value < near) || side.every((value) => value > -near)) return [face];
    const parts = [[], []];
    face.forEach((i, k) => {
      const next = (k + 1) % face.length;
      if (side[k] >= 0) parts[0].push(i);
      if (side[k] <= 0) parts[1].push(i);
      if (side[k] * side[next] < 0) {
        const cross = this.#between(i, face[next], side[k] / (side[k] - side[next]));
        parts[0].push(cross);
        parts[1].push(cross);
      }
    });
    return parts.filter((part) => part.length > 2);
  }
}

let plain = null; // The last mesh that was not cut: it is the same for every frame.

/** Whether a frame's folds are few enough to cut a mesh along them; nothing is cut where there are none. */
export const isCut = ({ folds }) => folds.shape[0] > 0 && folds.shape[0] <= MOST_PIECES;

const piecesOf = (segments) => Array.from({ length: segments.shape[0] }, (_, i) => segments.subarray(4 * i, 4 * i + 4));

/**
 * Mesh of a frame over a box with n by n nodes: {points [x of all, y of all], count, faces [[i, j, k, …], …]}. It is cut
 * along the folds, and with `boundary` along the boundary too, where the folds are few.
 */
export function meshOf(frame, box, n, boundary = false) {
  const cut = isCut(frame);
  if (!cut && plain?.n === n && plain.box === box) return plain.mesh;
  const mesh = new Faces(latticePoints(box, n, "mesh"), n * n);
  const cells = n - 1;
  const pitch = [(box.x1 - box.x0) / cells, (box.y1 - box.y0) / cells];
  const pieces = cut ? [...piecesOf(frame.folds), ...(boundary ? piecesOf(frame.boundary) : [])] : [];
  const lists = piecesByCell(pieces, box, cells, pitch);
  for (let cell = 0; cell < cells * cells; cell += 1) {
    const first = Math.floor(cell / cells) * n + (cell % cells);
    let parts = [[first, first + 1, first + n + 1, first + n]];
    for (const piece of lists.get(cell) ?? []) parts = parts.flatMap((face) => mesh.split(face, ...piece));
    mesh.faces.push(...parts);
  }
  const count = mesh.x.length;
  const points = new Float32Array(2 * count);
  points.set(mesh.x);
  points.set(mesh.y, count);
  const made = { points, count, faces: mesh.faces };
  if (!cut) plain = { n, box, mesh: made };
  return made;
}
