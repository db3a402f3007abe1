// What each panel of curves shows: its lines, and the numbers at the cross-hair. Pure but for the theme's colours.

import { birthMarks, line } from "../charts.mjs";
import { FIXED } from "../colour.mjs";
import { themed } from "../dom.mjs";
import { decimate } from "../series.mjs";
import { figure, share } from "../words.mjs";

const MOST = 700;

const solid = () => ({ color: themed("--ink") });
const dashed = () => ({ color: themed("--ink-3"), dash: "dash", width: 1.4 });

const over = (series, name) => decimate(series.column("epoch"), series.column(name), MOST);
const some = (values) => values.some((value) => Number.isFinite(value));

function pairOf(session, name) {
  const { series } = session;
  const tested = some(series.column(`test_${name}`));
  const test = tested ? [line(over(series, `test_${name}`), { line: dashed(), hoverinfo: "skip" })] : [];
  return [...test, line(over(series, `train_${name}`), { line: solid(), hoverinfo: "skip" })];
}

/** From just below the lowest accuracy to 1. */
export function accuracyRange(...columns) {
  let low = 1;
  for (const column of columns) for (const value of column) if (value < low) low = value;
  return [Math.max(0, Math.floor((low - 0.04) * 10) / 10), 1.03];
}

const DEEPEST = 1e-8; // A log axis shows nothing smaller than this share of the largest value.

/** An axis for positive curves: from zero, or logarithmic when they span more than `ratio`. */
export function axisOf(values, ratio = 300) {
  let low = Infinity;
  let high = 0;
  for (const value of values) {
    if (!(value > 0)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (!(high / low > ratio)) return { type: "linear", rangemode: "tozero" };
  const range = [Math.log10(Math.max(low, high * DEEPEST)) - 0.15, Math.log10(high) + 0.15];
  return { type: "log", range, dtick: Math.ceil((range[1] - range[0]) / 5), exponentformat: "power" };
}

/** The panels by name: `lines(session)`, `axes(session)`, `now(row, sharp)` as `[mark, label, value]` each,
 * and the `probe` that measures it, if one has to. */
export const PANELS = {
  accuracy: {
    lines: (session) => pairOf(session, "accuracy"),
    axes: ({ series }) => ({ y: { range: accuracyRange(series.column("train_accuracy"), series.column("test_accuracy")) } }),
    now: (row) => row && [["solid", "train", share(row.train_accuracy)], ...tested(row.test_accuracy, share)],
  },
  loss: {
    lines: (session) => pairOf(session, "loss"),
    axes: ({ series }) => ({ y: axisOf([...series.column("train_loss"), ...series.column("test_loss")]) }),
    now: (row) => row && [["solid", "train", figure(row.train_loss)], ...tested(row.test_loss, figure)],
  },
  sharpness: {
    probe: "curvature",
    lines: ({ sharpness }) => [
      line(over(sharpness, "edge"), { line: dashed(), hoverinfo: "skip" }),
      line(over(sharpness, "flatness"), { yaxis: "y2", line: { color: FIXED, width: 1.4 }, hoverinfo: "skip" }),
      line(over(sharpness, "lambda"), { line: solid(), hoverinfo: "skip" }),
    ],
    axes: ({ sharpness }) => ({
      y: axisOf([...sharpness.column("lambda"), ...sharpness.column("edge")], 30),
      y2: some(sharpness.column("flatness")) ? { color: FIXED, rangemode: "tozero", nticks: 4, tickmode: "auto" } : undefined,
    }),
    now: (row, sharp) => sharp && [
      ["solid", "λ", figure(sharp.lambda)], ["dash", "2/η", figure(sharp.edge)], ["partner", "scale-free", figure(sharp.flatness)],
    ],
  },
  neurons: {
    lines: ({ series }) => [line(over(series, "neurons"), { line: { ...solid(), shape: "hv" }, hoverinfo: "skip" })],
    axes: ({ series }) => ({ y: { rangemode: "tozero", ...wholeTicks(series.column("neurons")) } }),
    now: (row) => row && [["solid", "", figure(row.neurons)], ["", "parameters", row.parameters.toLocaleString("en-US")]],
  },
  gradient: {
    lines: ({ series }) => [line(over(series, "gradient_norm"), { line: { ...solid(), width: 1.1 }, hoverinfo: "skip" })],
    axes: ({ series }) => ({ y: axisOf(series.column("gradient_norm")) }),
    now: (row) => row && [["solid", "", figure(row.gradient_norm)]],
  },
};

const tested = (value, write) => (Number.isFinite(value) ? [["dash", "test", write(value)]] : []);

/** Ticks at whole numbers only, and a range that leaves room above. */
export function wholeTicks(values) {
  const most = values.reduce((high, value) => Math.max(high, value), 1);
  const every = Math.max(1, Math.ceil(most / 4));
  return { dtick: every, range: [0, most * 1.15 + 0.2] };
}

export const births = ({ history }) => birthMarks(history.births.map((birth) => birth.epoch));

/** The cut of the loss at a step: the newest one measured until then, or null. */
export const sliceAt = (slices, step) => slices.findLast((slice) => slice.step <= step) ?? null;

/** The lines of a cut. */
export function sliceLines(slice) {
  const along = (values) => ({ x: Array.from(slice.t), y: Array.from(values, (value) => (Number.isFinite(value) ? value : null)) });
  const test = slice.test?.length ? [line(along(slice.test), { line: dashed(), hoverinfo: "skip" })] : [];
  return [...test, line(along(slice.train), { line: solid(), hoverinfo: "skip" })];
}
