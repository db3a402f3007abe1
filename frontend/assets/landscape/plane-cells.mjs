// The cells of several planes, which the server counts as one tall grid: plane below plane. Pure.

import { Cells, joined } from "./cells.mjs";

export class PlaneCells {
  constructor(side, count) {
    this.side = side;
    this.planes = Array.from({ length: count }, () => new Cells(side, side));
  }

  get total() { return this.planes.length * this.side ** 2; }
  get count() { return this.planes.reduce((sum, { count }) => sum + count, 0); }

  /** Take in a block as `Cells.add` does: `index` (m,) of the tall grid, `values` (4, m). */
  add(index, values) {
    const size = this.side ** 2;
    const m = index.length;
    this.planes.forEach((cells, plane) => {
      const mine = [];
      for (let i = 0; i < m; i += 1) if (Math.floor(index[i] / size) === plane) mine.push(i);
      if (!mine.length) return;
      const own = new Float32Array(4 * mine.length);
      mine.forEach((i, place) => { for (let k = 0; k < 4; k += 1) own[k * mine.length + place] = values[k * m + i]; });
      cells.add(mine.map((i) => index[i] - plane * size), own);
    });
  }

  limits(name) { return joined(...this.planes.map((cells) => cells.limits(name))); }
  broken(name) { return this.planes.reduce((sum, cells) => sum + cells.broken(name), 0); }
}
