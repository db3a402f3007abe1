// The lines of the measures, the same on every page. Pure but for the theme's colours.

import { line } from "../charts.mjs";
import { FIXED, GROWN, NEW_FOLD } from "../colour.mjs";
import { themed } from "../dom.mjs";
import { decimate } from "../series.mjs";
import { crossings, curve, lossAt, missed, parabola } from "./measured.mjs";

const MOST = 500;
const SKIP = { hoverinfo: "skip" };

const ink = (more = {}) => ({ color: themed("--ink"), ...more });
const quiet = (more = {}) => ({ color: themed("--ink-3"), dash: "dash", width: 1.4, ...more });

/** Colours and dashes of lines that stand side by side; never colour alone. */
export const STYLES = [
  { color: FIXED }, { color: GROWN, dash: "dash" }, { color: NEW_FOLD, dash: "dot" }, { color: "#0072B2", dash: "dashdot" },
  { color: "#56B4E9" }, { color: "#E69F00", dash: "dash" },
];

/** A curve of events, thinned; gaps stay gaps. */
export function over(list, pick, style, more = {}) {
  const { x, y } = curve(list, pick);
  return line(x.length > MOST ? decimate(x, y.map((value) => value ?? NaN), MOST) : { x, y }, { line: style, ...SKIP, ...more });
}

const marksAt = (x, symbol, more = {}) => ({ type: "scatter", mode: "markers", x, ...SKIP, showlegend: false, cliponaxis: false, marker: { symbol, size: 8, ...more.marker }, y: x.map(() => 0.04), yaxis: "y3", ...more.place });

/** × along the axis wherever a number was asked for and not found. */
export const notFound = (list, pick) => marksAt(missed(list, pick), "x-thin-open", { marker: { size: 6, color: themed("--warn"), line: { width: 1.5 } } });

/** λ₁ … λₖ with 2/η, its crossings and the scale-free partner. */
export function sharpnessLines(list) {
  const k = list.reduce((most, { values }) => Math.max(most, values?.length ?? 1), 1);
  const others = Array.from({ length: k - 1 }, (_, i) => over(list, ({ values }) => values?.[i + 1], { color: themed("--ink-3"), width: 0.8 }));
  const crossed = crossings(list);
  return [
    over(list, ({ edge }) => edge, quiet({ width: 1.3 })), ...others,
    over(list, partnerOf, { color: FIXED, width: 1.4 }, { yaxis: "y2" }),
    over(list, ({ lambda_max: lambda }) => lambda, ink()),
    { type: "scatter", mode: "markers", x: crossed.map(({ epoch }) => epoch), y: crossed.map(({ edge }) => edge), ...SKIP, marker: { symbol: "diamond-open", size: 9, color: NEW_FOLD, line: { width: 2 } } },
    notFound(list, ({ lambda_max: lambda }) => lambda),
  ];
}

/** The scale-free partner of λ₁: by element, or else the first there is that is not λ₁ itself. */
export function partnerOf({ flatness = {} }) {
  const name = "element" in flatness ? "element" : Object.keys(flatness).find((each) => each !== "none");
  return name === undefined ? undefined : flatness[name];
}

/** All values that a sharpness axis has to show. */
export const sharpnessValues = (list) => list.flatMap(({ edge, values, lambda_max: lambda }) => [edge, lambda, ...(values ?? [])]).filter((value) => value > 0);

const along = ({ t }, values) => ({ x: Array.from(t), y: Array.from(values, (value) => (Number.isFinite(value) ? value : null)) });

/** A slice: train, test, the parabola as far as it stays in the picture, and one SGD step either way. */
export function sliceLines(slice) {
  const [low, high] = sliceRange(slice);
  const bowl = parabola(slice).map((value) => (value <= high && value >= low ? value : NaN));
  const steps = Number.isFinite(slice.sgd_step) ? [-slice.sgd_step, slice.sgd_step].filter((step) => Math.abs(step) <= slice.t.at(-1)) : [];
  return [
    ...(slice.test?.length ? [line(along(slice, slice.test), { name: "test", line: quiet() })] : []),
    ...(Number.isFinite(slice.slope) ? [line(along(slice, bowl), { ...SKIP, line: { color: FIXED, dash: "dot", width: 1.5 } })] : []),
    line(along(slice, slice.train), { name: "train", line: ink() }),
    { type: "scatter", mode: "markers", x: steps, y: steps.map((step) => lossAt(slice, step)), ...SKIP, marker: { symbol: "line-ns-open", size: 15, color: NEW_FOLD, line: { width: 2 } } },
  ];
}

/** From the lowest to the highest loss on a slice, with a little room. */
export function sliceRange({ train, test = [] }) {
  const all = [...train, ...test].filter(Number.isFinite);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = 0.05 * (high - low || 1);
  return [Math.max(0, low - room), high + room];
}
