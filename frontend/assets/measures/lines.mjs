// The lines of the measures, the same on every page. Pure but for the theme's colours.

import { line } from "../charts.mjs";
import { FIXED, GROWN, HILL, NEW_FOLD } from "../colour.mjs";
import { themed } from "../dom.mjs";
import { decimate } from "../series.mjs";
import { crossings, edgeName, leverOf } from "./edges.mjs";
import { curve, lossAt, missed, parabola } from "./measured.mjs";
import { PARTS } from "../vocabulary.mjs";
import { figure } from "../words.mjs";

const MOST = 500;
const SKIP = { hoverinfo: "skip" };

const ink = (more = {}) => ({ color: themed("--ink"), ...more });
/** The style of what is shown for comparison only. */
export const quiet = (more = {}) => ({ color: themed("--ink-3"), dash: "dash", width: 1.4, ...more });

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

/** The events that have something to say of a curve: those of other probes are no gap in it. */
export const having = (list, pick) => list.filter((event) => pick(event) !== undefined);

/** A line with an error on either side, as a band; nothing where there is no error. */
export function band(list, pick, errorOf, color) {
  const known = list.filter((event) => Number.isFinite(pick(event)) && Number.isFinite(errorOf(event)));
  if (!known.some((event) => errorOf(event) > 0)) return [];
  const edge = (sign, more) => over(known, (event) => pick(event) + sign * errorOf(event), { color, width: 0 }, { showlegend: false, ...more });
  return [edge(-1), edge(1, { fill: "tonexty", fillcolor: `${color}33` })];
}

/** The name of an edge, written under its line where it ends, away from the ticks. */
function edgeLabel(list) {
  const last = list.at(-1);
  return { type: "scatter", mode: "text", x: [last?.epoch], y: [last?.edge], text: [last && edgeName(last)], textposition: "bottom left", textfont: { size: 11, color: themed("--ink-2") }, cliponaxis: false, showlegend: false, ...SKIP };
}

/** λ₁ … λₖ with the edge of the optimiser in use, its crossings and the scale-free partner. */
export function sharpnessLines(list) {
  const [partner, scaled] = [partnerName(list), list.some(({ edge_of: of }) => of === "preconditioned")];
  const k = list.reduce((most, { values }) => Math.max(most, values?.length ?? 1), 1);
  const others = Array.from({ length: k - 1 }, (_, i) => over(list, ({ values }) => values?.[i + 1], { color: themed("--ink-3"), width: 0.8 }));
  const crossed = crossings(list);
  return [
    over(list, ({ edge }) => edge, quiet({ width: 1.3 })), edgeLabel(list), ...others,
    over(having(list, (event) => partnerOf(event, partner)), (event) => partnerOf(event, partner), { color: FIXED, width: 1.4 }, { yaxis: "y2" }),
    ...(scaled ? [over(list, leverOf, { color: GROWN, dash: "dot", width: 1.6 })] : []),
    over(list, ({ lambda_max: lambda }) => lambda, ink()),
    { type: "scatter", mode: "markers", x: crossed.map(({ epoch }) => epoch), y: crossed.map(({ edge }) => edge), ...SKIP, marker: { symbol: "diamond-open", size: 9, color: NEW_FOLD, line: { width: 2 } } },
    notFound(list, ({ lambda_max: lambda }) => lambda),
  ];
}

/** Which scale-free partner of λ₁ a curve shows: by element, or else the first there is that is not λ₁ itself. */
export function partnerName(list) {
  const names = list.flatMap(({ flatness = {} }) => Object.keys(flatness)).filter((each) => each !== "none");
  return names.includes("element") ? "element" : names[0];
}

/** The scale-free partner of λ₁; undefined where it was not asked for. */
export const partnerOf = (event, name = partnerName([event])) => event.flatness?.[name];

/** All values that a sharpness axis has to show. */
export const sharpnessValues = (list) => list.flatMap((event) => [event.edge, event.lambda_max, leverOf(event), ...(event.values ?? [])]).filter((value) => value > 0);

/** Values along a slice, as a line's places. */
export const along = ({ t }, values) => ({ x: Array.from(t), y: Array.from(values, (value) => (Number.isFinite(value) ? value : null)) });

/** A slice: train, test, the parabola as far as it stays in the picture, and one SGD step either way. */
export function sliceLines(slice) {
  if (slice.kind === "hill_slice") return hillLines(slice);
  const [low, high] = sliceRange(slice);
  const bowl = parabola(slice).map((value) => (value <= high && value >= low ? value : NaN));
  const steps = Number.isFinite(slice.sgd_step) ? [-slice.sgd_step, slice.sgd_step].filter((step) => Math.abs(step) <= slice.t.at(-1)) : [];
  return [
    ...(slice.test?.length ? [line(along(slice, slice.test), { name: PARTS.test, line: quiet() })] : []),
    ...(Number.isFinite(slice.slope) ? [line(along(slice, bowl), { ...SKIP, line: { color: FIXED, dash: "dot", width: 1.5 } })] : []),
    line(along(slice, slice.train), { name: PARTS.train, line: ink() }),
    { type: "scatter", mode: "markers", x: steps, y: steps.map((step) => lossAt(slice, step)), ...SKIP, marker: { symbol: "line-ns-open", size: 15, color: NEW_FOLD, line: { width: 2 } } },
  ];
}

/** Loss and hills together along a cut through a hill. */
export const raised = ({ train, hills }) => Float32Array.from(train, (loss, i) => loss + hills[i]);

/** The value at a place along a cut, between the two next to it. */
function valueAt({ t }, values, place) {
  const i = Math.max(1, Math.min(t.length - 1, t.findIndex((each) => each >= place)));
  const share = (place - t[i - 1]) / (t[i] - t[i - 1]);
  return values[i - 1] + share * (values[i] - values[i - 1]);
}

/** A cut through the last hill: the loss as it is, with the hills on it, and the net as a ball on that. */
function hillLines(cut) {
  const both = raised(cut);
  return [
    line(along(cut, cut.train), { name: PARTS.train, line: quiet() }),
    line(along(cut, both), { name: "with hills", line: { color: HILL, width: 2.2 } }),
    { type: "scatter", mode: "markers", x: [cut.distance], y: [valueAt(cut, both, cut.distance)], name: "the net", marker: { size: 11, color: NEW_FOLD, line: { color: themed("--panel"), width: 2 } } },
  ];
}

/** Where the net is on a slice: in its middle, but for a cut through a hill, in whose middle is the top. */
export const netOn = ({ kind, distance }) => (kind === "hill_slice" ? distance : 0);

/** What is said above a slice: its curvature, or how far the net has come from the top. */
export const sliceNote = ({ kind, distance, lambda_max: lambda }, digits = 3) => (kind === "hill_slice" ? ["r", figure(distance, digits)] : ["λ", figure(lambda, digits)]);

/** From the lowest to the highest loss on a slice, with a little room. */
export function sliceRange({ kind, train, test = [], ...cut }) {
  const more = kind === "hill_slice" ? raised({ train, ...cut }) : test;
  const all = [...train, ...more].filter(Number.isFinite);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = 0.05 * (high - low || 1);
  return [low < 0 ? low - room : Math.max(0, low - room), high + room];
}
