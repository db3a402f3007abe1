// Lines of equal value over a grid, by marching squares. Pure.

import { FINE } from "./cells.mjs";

// For each square, which of its corners lie above (bit 0 lower left, 1 lower right, 2 upper right, 3 upper left) tells
// which of its sides (0 lower, 1 right, 2 upper, 3 left) are joined.
const SIDES = [[], [3, 0], [0, 1], [3, 1], [1, 2], null, [0, 2], [3, 2], [2, 3], [0, 2], null, [1, 2], [1, 3], [0, 1], [3, 0], []];

/**
 * Segments [x0, y0, x1, y1, …] in units of cells on which the values have a level. Squares with a corner that has no
 * finite value have none.
 */
export function contour({ values, state }, columns, rows, level) {
  const found = [];
  const corner = new Float64Array(4);
  const cross = (side, column, row) => {
    const [from, to] = [corner[side], corner[(side + 1) % 4]];
    const t = (level - from) / (to - from);
    if (side === 0) found.push(column + t, row);
    else if (side === 1) found.push(column + 1, row + t);
    else if (side === 2) found.push(column + 1 - t, row + 1);
    else found.push(column, row + 1 - t);
  };
  for (let row = 0; row < rows - 1; row += 1) {
    for (let column = 0; column < columns - 1; column += 1) {
      const cell = row * columns + column;
      const places = [cell, cell + 1, cell + columns + 1, cell + columns];
      let above = 0;
      let fine = true;
      for (let k = 0; k < 4; k += 1) {
        corner[k] = values[places[k]];
        if (state && state[places[k]] !== FINE) fine = false;
        if (corner[k] > level) above |= 1 << k;
      }
      if (!fine || above === 0 || above === 15) continue;
      for (const side of SIDES[above] ?? saddle(above, corner, level)) cross(side, column, row);
    }
  }
  return Float64Array.from(found);
}

/** Two opposite corners lie above: the middle tells how they are parted. */
function saddle(above, corner, level) {
  const high = (corner[0] + corner[1] + corner[2] + corner[3]) / 4 > level;
  return (above === 5) === high ? [0, 1, 2, 3] : [3, 0, 1, 2];
}
