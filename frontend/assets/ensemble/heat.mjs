// A symmetric matrix as a heat map with its numbers in the cells. The measuring out is pure.

import { themed } from "../dom.mjs";
import { colourAt } from "../landscape/tone.mjs";
import { figure } from "../words.mjs";

const HEAD = 22; // Pixels for the numbers of the members, above and to the left.
const WRITTEN = 40; // The smallest side of a cell that holds a number.
const LARGEST = 72;
const MOST_WRITTEN = 24; // Members from which on numbers are left to the table.
const SMALLEST = 7;

/** How large cells are in so much room: `{cell, side, written}`; those with numbers never shrink below what holds one. */
export function measureOut(members, room) {
  const fitting = (room - HEAD) / Math.max(1, members);
  const written = members <= MOST_WRITTEN;
  const cell = Math.max(written ? WRITTEN : SMALLEST, Math.min(LARGEST, Math.floor(fitting)));
  return { cell, side: HEAD + cell * members, written };
}

/** The range of colours: from 0, or below where a value is, to the largest; the diagonal is left out. Null where nothing is known. */
export function heatRange(matrix) {
  const values = matrix.flatMap((row, i) => row.filter((value, j) => i !== j && Number.isFinite(value)));
  if (!values.length) return null;
  return [Math.min(0, ...values), Math.max(0, ...values)];
}

/** Whether black is read more easily than white on a colour. */
export const isBright = ([r, g, b]) => 0.299 * r + 0.587 * g + 0.114 * b > 140;

/** The cell under a spot of the picture, `[row, column]`, or null. */
export function cellAt(x, y, { cell }, members) {
  const [row, column] = [y, x].map((place) => Math.floor((place - HEAD) / cell));
  return [row, column].every((at) => at >= 0 && at < members) ? [row, column] : null;
}

/** What stands in a cell: a number, – where it means nothing, nothing as long as it is not measured. */
export const cellWords = (value) => (value === undefined ? "" : figure(value, 2));

/** Draw a matrix; `chosen` is a cell with a frame, or null. */
export function drawHeat(context, matrix, sizes, chosen) {
  const range = heatRange(matrix);
  const { cell, written } = sizes;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.font = "11px Inter, system-ui, sans-serif";
  context.fillStyle = themed("--ink-3");
  const every = Math.max(1, Math.ceil(16 / cell));
  for (let i = 0; i < matrix.length; i += every) {
    const middle = HEAD + (i + 0.5) * cell;
    context.fillText(String(i + 1), middle, HEAD / 2);
    context.fillText(String(i + 1), HEAD / 2, middle);
  }
  matrix.forEach((row, i) => row.forEach((value, j) => drawCell(context, i === j ? undefined : value, [HEAD + j * cell, HEAD + i * cell], { cell, written, range })));
  if (!chosen) return;
  context.strokeStyle = themed("--ink");
  context.lineWidth = 2.5;
  context.strokeRect(HEAD + chosen[1] * cell + 0.5, HEAD + chosen[0] * cell + 0.5, cell - 2, cell - 2);
}

function drawCell(context, value, [left, top], { cell, written, range }) {
  const gap = cell > 12 ? 1 : 0;
  const isNumber = Number.isFinite(value);
  const colour = isNumber ? colourAt(range[1] > range[0] ? (value - range[0]) / (range[1] - range[0]) : 0) : null;
  context.fillStyle = colour ? `rgb(${colour.join(" ")})` : themed("--hover");
  context.fillRect(left, top, cell - gap, cell - gap);
  if (!written || value === undefined) return;
  context.fillStyle = colour ? (isBright(colour) ? "#111418" : "#ffffff") : themed("--ink-3");
  context.fillText(cellWords(value), left + cell / 2, top + cell / 2);
}
