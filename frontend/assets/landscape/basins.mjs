// The topology of a landscape as the server told it: which basins are deep enough, how their tree is laid out. Pure.

import { figure, plural } from "../words.mjs";

export const COLOURS = ["#e69f00", "#56b4e9", "#f0e442", "#cc79a7", "#d55e00", "#f5f5f5", "#0072b2", "#009e73"];
export const basinColour = (basin) => COLOURS[basin % COLOURS.length];
const SHARES = 1e6; // The slider spans at most six powers of ten.

/** The topology to show: that of the chosen part, or of the only one; of a connection that of the chosen way. Or null. */
export function topologyOf(topologies, shown, way = "") {
  const of = (part) => topologies?.[way ? `${way}.${part}` : part] ?? null;
  return of(shown) ?? of("train") ?? of("test");
}

/** Basins that are at least so deep; they stand first. */
export function countAt({ arrays: { birth, death } }, depth) {
  let count = 0;
  while (count < birth.length && death[count] - birth[count] >= depth) count += 1;
  return count;
}

/** For each basin the one that it belongs to when those less deep belong to what takes them in. */
export function homesAt(row, depth) {
  const { parent } = row.arrays;
  const count = countAt(row, depth);
  const homes = new Int32Array(parent.length);
  for (let basin = 0; basin < homes.length; basin += 1) homes[basin] = basin < count || parent[basin] < 0 ? basin : homes[parent[basin]];
  return homes;
}

/** Least and largest depth to choose from, or null where there is one basin alone. */
export function depths({ arrays: { birth, death } }) {
  const found = Array.from(death, (end, i) => end - birth[i]).filter(Number.isFinite);
  if (!found.length) return null;
  const most = Math.max(...found);
  return [Math.max(Math.min(...found), most / SHARES), most * 1.02];
}

/** A place from 0 to 1 of the slider as a depth, and back. */
export const depthAt = ([low, high], share) => low * (high / low) ** share;
export const shareAt = ([low, high], depth) => Math.max(0, Math.min(1, Math.log(depth / low) / Math.log(high / low) || 0));

/**
 * Columns of the first `count` branches: each basin stands left of all that it takes in, the lowest saddle nearest, so that
 * no two lines of the tree cross.
 */
export function branchColumns({ arrays: { parent, death } }, count) {
  const children = Array.from({ length: count }, () => []);
  const roots = [];
  for (let basin = 0; basin < count; basin += 1) (parent[basin] < 0 ? roots : children[parent[basin]]).push(basin);
  const columns = new Int32Array(count);
  const waiting = roots.reverse();
  for (let column = 0; waiting.length; column += 1) {
    const basin = waiting.pop();
    columns[basin] = column;
    waiting.push(...children[basin].sort((a, b) => death[b] - death[a]));
  }
  return columns;
}

/** Segments of lines [x0, y0, x1, y1, …] in cells by the basin of the cell nearest to their middle: a Map. */
export function linesByBasin(lines, { basin }, homes, columns) {
  const found = new Map();
  for (const each of lines) {
    for (let i = 0; i < each.length; i += 4) {
      const cell = Math.round((each[i + 1] + each[i + 3]) / 2) * columns + Math.round((each[i] + each[i + 2]) / 2);
      const home = basin[cell] < 0 ? -1 : homes[basin[cell]];
      if (!found.has(home)) found.set(home, []);
      found.get(home).push(each[i], each[i + 1], each[i + 2], each[i + 3]);
    }
  }
  return found;
}

/** What a topology says at a depth, in sentences. */
export function topologySays(row, depth, unit = "nats") {
  const count = countAt(row, depth);
  const edge = row.arrays.at_edge.subarray(0, count).reduce((sum, one) => sum + one, 0);
  const whole = (value, word) => plural(value, word).replace(/^\d+/, (digits) => Number(digits).toLocaleString("en-GB"));
  const beyond = edge ? ` (${edge === count ? (count === 1 ? "its lowest place" : "all of their lowest places") : `${edge} of their lowest places`} at the edge of the picture, so ${edge === 1 ? "it" : "they"} may go on outside)` : "";
  const parts = [
    `${whole(count, "basin")} at least ${figure(depth)} ${unit} deep${beyond}, of ${row.basins.toLocaleString("en-GB")} in all.`,
    `Roughness ${figure(row.roughness)} ${unit}: ${row.roughness > 0 ? "so much the loss has to rise in all before every basin has found a lower one." : "every way down leads to one place."}`,
    row.hills ? `${whole(row.hills, "hill")} with lower loss all around.` : "",
    row.walls ? `${whole(row.walls, "cell")} without a finite loss ${row.walls === 1 ? "is a wall" : "are walls"}: no way leads through.` : "",
  ];
  return parts.filter(Boolean).join(" ");
}

/** Whether it is from a coarser look than the last, in a sentence. */
export const coarseSays = ({ side, of = side }) => (side < of ? `So far from ${side} × ${side} of ${of} × ${of} cells: narrow basins may be missing, and saddles are lower than they seem.` : "");
