/** The dots of a sweep's scatter: which run lies where, which belong together. Pure. */

import { comparedAxis } from "./words.mjs";

/** The last number of a column that is known. */
export const last = (row, name) => (row.curve.columns[name] ?? []).findLast((value) => value !== null) ?? null;

/** Accuracy on test points where there are any. */
const rowAccuracy = (row) => last(row, "test_accuracy") ?? last(row, "train_accuracy");

/**
 * A dot for each run that has both numbers: `{row, x, y, side, shade}`; `side` counts the settings of the compared axis,
 * `shade` the combinations of all others.
 */
export function sweepDots(spec, rows, measure) {
  const axis = comparedAxis(spec);
  const sides = Object.keys(spec.vary[axis] ?? {});
  const shades = othersOf(spec, axis);
  return rows
    .map((row) => ({ row, x: rowAccuracy(row), y: last(row, measure), side: Math.max(0, sides.indexOf(row.settings[axis])), shade: Math.max(0, shades.indexOf(other(row, axis))) }))
    .filter(({ row, x, y }) => row.state === "done" && x !== null && y !== null && y > 0);
}

const other = (row, axis) => Object.entries(row.settings).filter(([name]) => name !== axis).map(([name, value]) => `${name} ${value}`).join(" · ");

/** The combinations of the axes that are not compared, in their order. */
export function othersOf(spec, axis = comparedAxis(spec)) {
  const axes = Object.entries(spec.vary).filter(([name]) => name !== axis);
  return axes.reduce((made, [name, settings]) => made.flatMap((one) => Object.keys(settings).map((value) => [one, `${name} ${value}`].filter(Boolean).join(" · "))), [""]);
}

/** Pairs of dots: the first two sides with the same seed and the same other settings. */
export function dotPairs(dots, spec) {
  const axis = comparedAxis(spec);
  const firsts = new Map(dots.filter(({ side }) => side === 0).map((dot) => [`${dot.row.seed}|${other(dot.row, axis)}`, dot]));
  return dots.filter(({ side }) => side === 1).map((dot) => [firsts.get(`${dot.row.seed}|${other(dot.row, axis)}`), dot]).filter(([first]) => first);
}

/** Gives limits with a little room; of a logarithm where `log`. */
export function limitsOf(values, log = false) {
  if (values.length === 0) return null;
  const scaled = log ? values.map(Math.log10) : values;
  const [low, high] = [Math.min(...scaled), Math.max(...scaled)];
  const room = Math.max(0.08 * (high - low), log ? 0.05 : 0.005);
  return [low - room, high + room];
}

/** Round places for the ticks of an axis, about `most` of them. */
export function ticksOf([low, high], most = 5) {
  const raw = (high - low) / most;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((each) => each * size).find((each) => each >= raw);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, i) => (first + i) * step);
}

/** Which multiples of a power of ten are ticks, by the decades that an axis spans. */
const DIGITS = [[4, [1]], [1.2, [1, 2, 5]], [0.35, [1, 1.5, 2, 3, 4, 5, 7]], [-1, [1, 1.2, 1.4, 1.6, 1.8, 2, 2.3, 2.6, 3, 3.5, 4, 5, 6, 7, 8, 9]]];

/** Ticks of a logarithmic axis within the limits, the more of each decade the fewer there are. */
export function logTicksOf([low, high]) {
  const digits = DIGITS.find(([from]) => high - low > from)[1];
  const decades = Array.from({ length: Math.ceil(high) - Math.floor(low) + 1 }, (_, i) => Math.floor(low) + i);
  return decades.flatMap((decade) => digits.map((digit) => digit * 10 ** decade)).filter((value) => Math.log10(value) >= low && Math.log10(value) <= high);
}
