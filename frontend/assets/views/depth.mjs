// Triangles into pixels, each pixel keeping what is nearest. A folded sheet may pass through itself, so no order of
// whole triangles would be right; a depth for each pixel is, and it is quick at the size of a panel.

const NOTHING = -Infinity;

export class DepthBuffer {
  constructor() { this.width = 0; this.height = 0; }

  /** Begin an empty picture of this size. */
  begin(width, height) {
    if (width !== this.width || height !== this.height) {
      const pixels = new Uint8ClampedArray(4 * width * height);
      Object.assign(this, { width, height, depth: new Float32Array(width * height), pixels, words: new Uint32Array(pixels.buffer) });
    }
    this.depth.fill(NOTHING);
    this.words.fill(0);
  }

  /** Visit the pixels of a triangle whose corners are [x, y, depth]; `visit(at, u, v, depth)` with weights of b and c. */
  #cover(a, b, c, visit) {
    const [ax, ay, az] = a;
    const [abx, aby, acx, acy] = [b[0] - ax, b[1] - ay, c[0] - ax, c[1] - ay];
    const twice = abx * acy - aby * acx;
    if (Math.abs(twice) < 1e-6) return;
    const left = Math.max(0, Math.ceil(Math.min(ax, b[0], c[0]) - 0.5));
    const right = Math.min(this.width - 1, Math.floor(Math.max(ax, b[0], c[0]) - 0.5));
    const top = Math.max(0, Math.ceil(Math.min(ay, b[1], c[1]) - 0.5));
    const bottom = Math.min(this.height - 1, Math.floor(Math.max(ay, b[1], c[1]) - 0.5));
    const [ux, vx] = [acy / twice, -aby / twice];
    const [dzu, dzv] = [b[2] - az, c[2] - az];
    for (let y = top; y <= bottom; y += 1) {
      const py = y + 0.5 - ay;
      let u = ((left + 0.5 - ax) * acy - py * acx) / twice;
      let v = (py * abx - (left + 0.5 - ax) * aby) / twice;
      for (let x = left, at = y * this.width + left; x <= right; x += 1, at += 1, u += ux, v += vx) {
        if (u >= -1e-5 && v >= -1e-5 && u + v <= 1.00001) visit(at, u, v, az + u * dzu + v * dzv);
      }
    }
  }

  /**
   * Draw faces of a mesh: `spots` [x, y, depth, …] of its points; `dye` their colours (see dye.mjs), `light` the
   * brightness of each face.
   */
  faces(faces, spots, { values, channels, look }, light) {
    const { depth, words } = this;
    let [p, q, r, shine] = [0, 0, 0, 1];
    const single = (at, u, v, z) => {
      if (z <= depth[at]) return;
      depth[at] = z;
      words[at] = look(values[p] + u * (values[q] - values[p]) + v * (values[r] - values[p]), shine);
    };
    const triple = (at, u, v, z) => {
      if (z <= depth[at]) return;
      depth[at] = z;
      const w = 1 - u - v;
      for (let k = 0; k < 3; k += 1) this.pixels[4 * at + k] = shine * (w * values[3 * p + k] + u * values[3 * q + k] + v * values[3 * r + k]);
      this.pixels[4 * at + 3] = 255;
    };
    const paint = channels === 1 ? single : triple;
    const corner = (i) => [spots[3 * i], spots[3 * i + 1], spots[3 * i + 2]];
    faces.forEach((face, f) => {
      shine = light[f];
      p = face[0];
      const a = corner(p);
      for (let k = 2; k < face.length; k += 1) {
        q = face[k - 1];
        r = face[k];
        this.#cover(a, corner(q), corner(r), paint);
      }
    });
  }

  /** Lay a see-through convex polygon [[x, y, depth], …] of one colour into the picture; it hides nothing later. */
  glass(polygon, colour, alpha) {
    const { depth, pixels } = this;
    const done = new Uint8Array(depth.length); // Neighbouring triangles share pixels.
    const blend = (at, u, v, z) => {
      if (z <= depth[at] || done[at]) return;
      done[at] = 1;
      const under = pixels[4 * at + 3] / 255;
      const rest = under * (1 - alpha);
      const total = alpha + rest;
      for (let k = 0; k < 3; k += 1) pixels[4 * at + k] = (alpha * colour[k] + rest * pixels[4 * at + k]) / total;
      pixels[4 * at + 3] = 255 * total;
    };
    for (let i = 2; i < polygon.length; i += 1) this.#cover(polygon[0], polygon[i - 1], polygon[i], blend);
  }

  /** Whether a point at this depth is seen: nothing lies more than `slack` before it. */
  sees(x, y, z, slack) {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    if (column < 0 || row < 0 || column >= this.width || row >= this.height) return true;
    return z >= this.depth[row * this.width + column] - slack;
  }
}

const SUN = [0.35, -0.45, 0.82];

/** Brightness of each face by how it is turned to the light; `positions` [x, y, z, …] of the points. */
export function shading(faces, positions) {
  const light = new Float32Array(faces.length);
  for (let f = 0; f < faces.length; f += 1) {
    const face = faces[f];
    let [nx, ny, nz] = [0, 0, 0];
    for (let k = 0, j = 3 * face[face.length - 1]; k < face.length; k += 1) {
      const i = j;
      j = 3 * face[k];
      nx += positions[i + 1] * positions[j + 2] - positions[i + 2] * positions[j + 1];
      ny += positions[i + 2] * positions[j] - positions[i] * positions[j + 2];
      nz += positions[i] * positions[j + 1] - positions[i + 1] * positions[j];
    }
    const length = Math.sqrt(nx * nx + ny * ny + nz * nz);
    light[f] = length < 1e-9 ? 0.9 : 0.76 + (0.26 * Math.abs(nx * SUN[0] + ny * SUN[1] + nz * SUN[2])) / length;
  }
  return light;
}
