// Hills in a slice or a plane: what they add at a place, cells lifted by them, and where their tops are. Pure.

import { Cells, NAMES } from "./cells.mjs";
import { figure } from "../words.mjs";

const HEIGHTS = {
  rbf: (squared, sigma) => Math.exp(-squared / (2 * sigma * sigma)),
  inverse: (squared, sigma) => 1 / (1 + squared / (2 * sigma * sigma)),
  l2: (squared) => -squared,
};

/** What all hills add to the loss at a place, in closed form. */
export function heightAt({ strength, kernel, form, tops }, x, y = 0) {
  const bent = form.xx * x * x + 2 * form.xy * x * y + form.yy * y * y;
  return strength * tops.reduce((sum, top) => sum + HEIGHTS[kernel](Math.max(0, top.at + 2 * (top.x * x + top.y * y) + bent), top.sigma), 0);
}

let kept = {};

/** The same cells with the hills added to both losses, worked out once for a state of the cells. */
export function lifted(cells, hills, x, y = [0]) {
  if (kept.cells === cells && kept.version === cells.version && kept.hills === hills) return kept.found;
  const found = new Cells(cells.columns, cells.rows);
  Object.assign(found, { known: cells.known, count: cells.count, version: cells.version });
  const added = Float32Array.from({ length: cells.total }, (_, cell) => heightAt(hills, x[cell % cells.columns], y[Math.floor(cell / cells.columns)]));
  found.values = NAMES.map((name, k) => (name.endsWith("_loss") ? cells.values[k].map((value, cell) => value + added[cell]) : cells.values[k]));
  kept = { cells, version: cells.version, hills, found };
  return found;
}

/** Where the tops are, the nearest to the plane first: `{x, y, name}`. */
export const tops = ({ tops: all }) => [...all].sort((a, b) => a.off - b.off).map(({ number, foot: [x, y], off }) => ({ x, y, name: off < 1e-6 ? `hill ${number + 1}` : `hill ${number + 1}, ${figure(off, 2)} off` }));
