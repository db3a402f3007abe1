// What the panels below the first ones show: one a measured thing. Pure but for the theme's colours.
//
// A curve has `lines(measured, session)` over the epochs and `axes(measured, session)`; a cut has `cut(event)` at the
// cross-hair, and may have something `below` its chart, which may redraw it. Both have the `probe` that measures them, or null where none is needed, the `means` of their "?", and
// `now(event, measured, session, row)` for the head; `alike` says that the settings of the probe do not change it, and
// `none` what stands where there is no curve.

import { line } from "../charts.mjs";
import { themed } from "../dom.mjs";
import { checksAbove, crossings, edgeRatio, ratioName } from "../measures/edges.mjs";
import { labelOf } from "../measures/declared.mjs";
import { STYLES, band, having, notFound, over, quiet } from "../measures/lines.mjs";
import { noiseNow, ratioCurve } from "../measures/ratio.mjs";
import { decimate } from "../series.mjs";
import { scalarsOf } from "../measures/measured.mjs";
import { subscript } from "../measures/slice-hands.mjs";
import { GRANULARITIES } from "../vocabulary.mjs";
import { capital, fieldTitle, figure, share } from "../words.mjs";
import { panelAxis } from "../measures/axes.mjs";
import { BLOCK_PANELS } from "./block-panels.mjs";
import { NovelMisses } from "./novel-misses.mjs";

const ink = () => ({ color: themed("--ink") });
const dashed = () => ({ color: themed("--ink-3"), dash: "dash", width: 1.4 });
const unknown = (value) => (value === null ? "not found" : figure(value));
const plus = (value, error) => `${figure(value)}${error > 0 ? ` ± ${figure(error, 2)}` : ""}`;
const styled = (i) => STYLES[i % STYLES.length];
const SHORT = { exponentformat: "e", nticks: 4 }; // Ticks that fit beside a small panel.
const unit = { y: { range: [0, 1.03] } };

/** One line for each thing, in the order of the styles. */
const lines = (list, picks) => Object.values(picks).flatMap((pick, i) => [over(having(list, pick), pick, styled(i)), notFound(list, pick)]);
const values = (list, picks) => list.flatMap((event) => Object.values(picks).map((pick) => pick(event)));
const heads = (event, picks) => event && Object.entries(picks).map(([name, pick], i) => [`style-${i}`, name, unknown(pick(event) ?? null)]);

/** A panel of several lines by name, all from events of one kind. */
const several = (title, probe, means, picks, axes = null) => ({
  title, probe, means,
  lines: (measured) => lines(measured.list(probe), picks),
  axes: (measured) => axes ?? { y: panelAxis(values(measured.list(probe), picks)) },
  now: (event) => heads(event, picks),
});

const granularities = (list) => GRANULARITIES.filter((name) => list.some(({ flatness = {} }) => name in flatness));
const flat = (list) => Object.fromEntries(granularities(list).map((name) => [name, ({ flatness }) => flatness[name]]));

/** A line for each of the sharpest directions, from an array of an event by its name. */
const eachDirection = (list, name) => Object.fromEntries(Array.from({ length: list.at(-1)?.[name].length ?? 0 }, (_, k) => [`v${subscript(k + 1)}`, (event) => event[name][k] ?? null]));
const SHOWN = 3; // Directions whose numbers stand in a head.

const aligned = (list) => Object.fromEntries(Array.from({ length: list.at(-1)?.alignment.length ?? 0 }, (_, k) => [`v${subscript(k + 1)}`, ({ alignment }) => alignment[k]]));

const layered = (list) => Object.fromEntries(Array.from(list.at(-1)?.names ?? [], (name, layer) => [name, ({ norms }) => norms[layer]]));

const WIDTHS = { random: ({ random }) => random, "along v₁": ({ sharpest }) => sharpest };
const beyond = ({ largest }) => `beyond ${figure(largest)}`;
const within = (value, event) => (value === null ? beyond(event) : figure(value));

const SUMS = {
  "Tr H": ({ trace }) => trace, "‖H‖": ({ frobenius }) => frobenius, "Gauss–Newton": ({ gauss_newton: part }) => part, "covariance": ({ covariance }) => covariance,
};

const KNOWN = { clean: ({ clean }) => clean, "corrupted as given": ({ corrupted }) => corrupted ?? undefined, "corrupted, true class": ({ corrupted_true: right }) => right ?? undefined, "critical samples": ({ csr }) => csr };
const NEAREST = { "r/σ": ({ nearest_sigma: way }) => way ?? undefined, "height k": ({ nearest_height: height }) => height ?? undefined, "cell distance": ({ nearest_cells: cells }) => cells ?? undefined };
const LEARNT = { clean: ({ clean_learnt: learnt }) => learnt ?? undefined, corrupted: ({ corrupted_learnt: learnt }) => learnt ?? undefined };
const SECOND = { ...SHORT, rangemode: "tozero", tickmode: "auto" };
const lambdaOf = (measured) => over(measured.list("curvature"), ({ lambda_max: lambda }) => lambda, quiet({ dash: "longdash" }), { yaxis: "y2", name: "λ₁" });

export const MEASURES = {
  ratio: {
    title: "Noise of the updates", probe: null, means: "ratio", alike: true, none: "no η/S: a step of this optimiser is no multiple of the gradient",
    wanted: (measured, { series }) => series.length > 0,
    lines: (measured, session) => {
      const { x, y } = ratioCurve(session);
      return y.length ? [line(decimate(x, y, 700), { line: ink(), hoverinfo: "skip" })] : [];
    },
    axes: (measured, session) => ({ y: { ...panelAxis(ratioCurve(session).y, 8), ...SHORT } }),
    now: (event, measured, session, row) => noiseNow(session, row).map(([key, label, value]) => [key === "ratio" ? "solid" : "", label, value]),
  },
  stability: {
    title: "Sharpness by its edge", probe: "curvature", means: "curvature",
    lines: (measured) => {
      const list = measured.list("curvature");
      const crossed = crossings(list).map(({ epoch }) => epoch);
      return [
        over(list, () => 1, dashed()), over(list, edgeRatio, ink()), notFound(list, edgeRatio),
        { type: "scatter", mode: "markers", x: crossed, y: crossed.map(() => 1), hoverinfo: "skip", marker: { symbol: "diamond-open", size: 9, color: STYLES[2].color, line: { width: 2 } } },
      ];
    },
    axes: (measured) => ({ y: panelAxis([...values(measured.list("curvature"), { edgeRatio }), 1], 30) }),
    now: (event, measured) => {
      if (!event) return null;
      const list = measured.list("curvature");
      const above = checksAbove(list, event.step);
      const alert = above > 2 ? [["warn", "above for", `${above} checks`]] : [];
      return [["solid", ratioName(event), unknown(edgeRatio(event))], ["", "crossings", String(crossings(list).length)], ...alert];
    },
  },
  flatness: {
    title: "Flatness by granularity", probe: "curvature", means: "flatness",
    wanted: (measured) => granularities(measured.list("curvature")).length > 1,
    lines: (measured) => lines(measured.list("curvature"), flat(measured.list("curvature"))),
    axes: (measured) => ({ y: panelAxis(values(measured.list("curvature"), flat(measured.list("curvature"))), 30) }),
    now: (event, measured) => heads(event, flat(measured.list("curvature"))),
  },
  smallest: {
    title: "Smallest eigenvalue", probe: "curvature", means: "curvature",
    wanted: (measured) => measured.list("curvature").some(({ smallest_residual: residual }) => Number.isFinite(residual)),
    lines: (measured) => {
      const list = measured.list("curvature").filter(({ smallest_residual: residual }) => Number.isFinite(residual));
      return [over(list, ({ smallest }) => smallest, ink()), notFound(list, ({ smallest }) => smallest)];
    },
    axes: () => ({ y: {} }),
    now: (event) => event && Number.isFinite(event.smallest_residual) && [["solid", "", unknown(event.smallest)]],
  },
  traces: {
    ...several("Traces", "traces", "traces", SUMS),
    lines: (measured) => {
      const list = measured.list("traces");
      const bands = [[({ trace }) => trace, ({ trace_error: error }) => error], [({ frobenius }) => frobenius, ({ frobenius_error: error }) => error], [({ gauss_newton: part }) => part, ({ gauss_newton_error: error }) => error]];
      return [...bands.flatMap(([pick, error], i) => band(list, pick, error, styled(i).color)), ...lines(list, SUMS)];
    },
    now: (event) => event && [
      ["style-0", "Tr H", plus(event.trace, event.trace_error)], ["style-1", "‖H‖", plus(event.frobenius, event.frobenius_error)],
      ["style-2", "G–N", figure(event.gauss_newton)], ["style-3", "C", figure(event.covariance)],
    ],
  },
  density: {
    title: "Spectral density", probe: "density", means: "density",
    cut: ({ grid, density }) => {
      const most = Math.max(...density);
      return {
        lines: [line({ x: Array.from(grid), y: Array.from(density, (value) => (value > 1e-6 * most ? value : null)) }, { line: ink(), hoverinfo: "skip" })],
        axes: { y: { type: "log", exponentformat: "power", nticks: 5, range: [Math.log10(most) - 6, Math.log10(most) + 0.3] } },
      };
    },
    now: (event) => event && [["", "outliers", String(event.outliers)], ["", "negative", `${figure(100 * event.negative_mass, 2)} %`]],
  },
  noise: { ...several("Gradient noise scale", "noise", "noise", { "Tr C/‖g‖²": ({ noise_scale: scale }) => scale }), alike: true },
  overlap: several("Overlaps", "noise", "overlap", {
    "ρ_K": ({ energy }) => energy, "with the last": ({ overlap_last: overlap }) => overlap ?? undefined, "with the first": ({ overlap_first: overlap }) => overlap ?? undefined,
  }, unit),
  nearby: several("Loss nearby", "sharpness", "sharpness", { SAM: ({ sam }) => sam, ASAM: ({ asam }) => asam, average: ({ average }) => average }),
  relative: { ...several("Relative flatness", "sharpness", "sharpness", { "": ({ relative_flatness: flatness }) => flatness }), alike: true },
  memorisation: {
    ...several("Memorisation", "memorisation", "memorisation", KNOWN),
    lines: (measured) => [lambdaOf(measured), ...lines(measured.list("memorisation"), KNOWN)],
    axes: (measured) => ({ ...unit, y2: measured.list("curvature").length ? SECOND : undefined }),
    now: (event, measured) => {
      const lambda = event && measured.at("curvature", event.step)?.lambda_max;
      return event && [...heads(event, KNOWN).filter((_, i) => Object.values(KNOWN)[i](event) !== undefined), ["", "r", figure(event.radius)], ...(Number.isFinite(lambda) ? [["dash", "λ₁", figure(lambda, 2)]] : [])];
    },
  },
  sensitivity: {
    ...several("Loss sensitivity", "memorisation", "sensitivity", { "Gini": ({ gini }) => gini }, unit), alike: true,
    lines: (measured) => [...lines(measured.list("memorisation"), { gini: ({ gini }) => gini }), over(measured.list("memorisation"), ({ sensitivity }) => sensitivity, quiet(), { yaxis: "y2" })],
    axes: () => ({ ...unit, y2: SECOND }),
    now: (event) => event && [["style-0", "Gini", unknown(event.gini)], ["dash", "mean", unknown(event.sensitivity)]],
  },
  learnt: { ...several("Learnt so far", "memorisation", "learnt", LEARNT, unit), alike: true, wanted: (measured) => measured.list("memorisation").some(({ corrupted_learnt: learnt }) => Number.isFinite(learnt)) },
  directions: {
    title: "Alignment |cos(g_b, v_k)|", probe: "directions", means: "directions",
    lines: (measured) => lines(measured.list("directions"), aligned(measured.list("directions"))),
    axes: () => unit,
    now: (event, measured) => heads(event, aligned(measured.list("directions")))?.slice(0, 3),
  },
  novelty: {
    title: "By novelty, familiar to novel", probe: "novelty", means: "novelty", below: () => new NovelMisses(),
    cut: (event) => ({
      lines: byNovelty(event).map(([name, y], i) => line({ x: Array.from(event.counts, (_, bucket) => bucket + 1), y }, { name, mode: "lines+markers", line: styled(i), marker: { size: 6 } })),
      axes: { x: { dtick: Math.ceil(event.buckets / 10) }, y: { range: [0, 1.03] } },
    }),
    now: (event) => event && byNovelty(event).map(([name, values], i) => [`style-${i}`, name, `${share(values[0])} → ${share(values.at(-1))}`]),
  },
  ...BLOCK_PANELS,
  sections: {
    title: "Loss at multiples of a step", probe: "directions", means: "sections",
    cut: ({ multiples, sections, values: eigenvalues }) => ({
      lines: Array.from(eigenvalues, (_, k) => line(rise(multiples, sections.subarray(k * multiples.length, (k + 1) * multiples.length)), { name: `v${subscript(k + 1)}`, line: styled(k), hoverinfo: "skip" })),
      axes: { x: { nticks: 9 }, y: SHORT },
    }),
    now: (event) => event && Array.from(event.step_sizes.subarray(0, 3), (size, k) => [`style-${k}`, `step v${subscript(k + 1)}`, figure(size, 2)]),
  },
  layers: {
    title: "Gradient by layer", probe: "layer_gradients", means: "layer_gradients", alike: true,
    lines: (measured) => lines(measured.list("layer_gradients"), layered(measured.list("layer_gradients"))),
    axes: (measured) => ({ y: panelAxis(values(measured.list("layer_gradients"), layered(measured.list("layer_gradients"))), 1) }),
    now: (event) => event && [["style-0", "first", figure(event.first)], [`style-${(event.norms.length - 1) % STYLES.length}`, "last", figure(event.last)], ...(event.per_layer === null ? [] : [["", "per layer ×", figure(event.per_layer)]])],
  },
  tunnel: {
    ...several("Tunnel width", "tunnel", "tunnel", WIDTHS),
    now: (event) => event && [["style-0", "random", within(event.random, event)], ["style-1", "v₁", event.sharpest_beyond ? beyond(event) : unknown(event.sharpest)]],
  },
  saddle: {
    title: "Saddle index", probe: "saddle", means: "saddle", alike: true,
    lines: (measured) => {
      const list = measured.list("saddle");
      return [...band(list, ({ share }) => share, ({ error }) => error, styled(0).color), over(list, ({ share }) => share, styled(0))];
    },
    axes: () => ({ y: { rangemode: "tozero" } }),
    now: (event) => event && [["style-0", "", plus(event.share, event.error)], ...(event.low < event.high ? [["", "surely", `${figure(event.low, 2)} to ${figure(event.high, 2)}`]] : [])],
  },
  saddles: {
    title: "Loss by saddle index", probe: "saddle", means: "saddle", alike: true,
    cut: (event, measured) => ({ lines: saddleLines(event, measured.list("saddle")), axes: { x: { rangemode: "tozero" }, y: { ...SHORT, rangemode: "tozero" } } }),
    now: (event) => event && [["solid", "loss", figure(event.loss)], ["", "gradient", figure(event.gradient_norm)]],
  },
  basins: several("Basins of a plane", "topology", "topology", { basins: ({ basins }) => basins }, { y: { rangemode: "tozero" } }),
  roughness: several("Roughness of a plane", "topology", "topology", { roughness: ({ roughness }) => roughness, "second basin": ({ second }) => second }),
  hills: {
    ...several("Nearest hill", "hills", "hills", NEAREST),
    now: (event) => event && (event.standing ? [...heads(event, NEAREST), ...(event.equilibrium[0] >= 0 ? [["", "r*", figure(event.equilibrium[0])]] : [])] : [["", "hills", "none stands"]]),
  },
  nudged: {
    title: "λ of the nudged directions", probe: "nudged", means: "nudged",
    lines: (measured) => lines(measured.list("nudged"), eachDirection(measured.list("nudged"), "values")),
    axes: (measured) => ({ y: panelAxis(measured.list("nudged").flatMap(({ values: found }) => [...found]), 30) }),
    now: (event) => event && [["style-0", "λ₁", figure(event.values[0])], ["", "products an epoch", event.products.toLocaleString("en-US")]],
  },
  nudge_factor: {
    title: "Factor along each direction", probe: "nudged", means: "nudge_factor",
    lines: (measured) => lines(measured.list("nudged"), eachDirection(measured.list("nudged"), "factors")),
    axes: (measured) => ({ y: panelAxis(measured.list("nudged").flatMap(({ factors }) => [...factors]), 30) }),
    now: (event, measured) => heads(event, eachDirection(measured.list("nudged"), "factors"))?.slice(0, SHOWN),
  },
  nudge_alignment: {
    title: "Gradient along the directions", probe: "nudged", means: "nudge_alignment",
    lines: (measured) => lines(measured.list("nudged"), eachDirection(measured.list("nudged"), "alignment")),
    axes: () => ({ y: { range: [-1.03, 1.03] } }),
    now: (event, measured) => heads(event, eachDirection(measured.list("nudged"), "alignment"))?.slice(0, SHOWN),
  },
  sign_changes: swinging("Sign changes of the slope", "sign_changes", "random_changes", unit),
  step_correlation: swinging("Correlation of steps", "autocorrelation", "random_correlation", { y: { range: [-1.03, 1.03] } }),
  step: {
    title: "What a step does", probe: "directions", means: "step",
    cut: (event) => ({
      lines: stepLines(event),
      axes: { x: { title: { text: "γ", standoff: 2 } }, y: SHORT },
    }),
    now: (event) => event && [["", "full step, γ = 1", figure(rowsOf(event).full[Array.from(event.factors).indexOf(1)])]],
  },
};

/** How the coming updates swing along each direction, and along a random one. */
function swinging(title, name, random, axes) {
  const picks = (list) => ({ ...eachDirection(list, name), random: (event) => event[random] });
  return {
    title, probe: "oscillation", means: "oscillation",
    lines: (measured) => lines(measured.list("oscillation"), picks(measured.list("oscillation"))),
    axes: () => axes,
    now: (event, measured) => {
      const all = heads(event, picks(measured.list("oscillation")));
      return all && [all[0], all.at(-1)];
    },
  };
}

/** What is known by bucket: [name, values]. */
function byNovelty({ accuracy, memoriser, confidence, critical }) {
  const all = [["net", accuracy], ["memoriser", memoriser], ["confidence", confidence], ["critical", critical]];
  return all.filter(([, values]) => values.some((value) => Number.isFinite(value))).map(([name, values]) => [name, Array.from(values)]);
}

/** The panel of a probe that has no picture of its own: a line a column, called as it is declared. */
export function plainPanel(probe, measured) {
  const told = Object.keys(measured.list(scalarsOf(probe))[0].values);
  const picks = Object.fromEntries(told.map((name) => [labelOf(name), ({ values }) => values[name]]));
  return several(capital(fieldTitle(probe)), scalarsOf(probe), probe, picks);
}

/** Each moment by its index and its loss, joined in the order of time; the moment at the cross-hair stands out. */
function saddleLines(event, list) {
  const at = (events, more) => ({ type: "scatter", x: events.map(({ share }) => share), y: events.map(({ loss }) => loss), hoverinfo: "skip", ...more });
  const bars = { type: "data", array: list.map(({ error }) => error ?? 0), color: themed("--ink-3"), thickness: 1, width: 0, visible: list.some(({ error }) => error > 0) };
  return [
    at(list, { mode: "lines+markers", line: { color: themed("--ink-3"), width: 0.8 }, marker: { size: 5, color: styled(0).color }, error_x: bars }),
    at([event], { mode: "markers", marker: { size: 10, symbol: "circle-open", color: themed("--ink"), line: { width: 2 } } }),
  ];
}

/** A cross-section as the loss above that of the net itself. */
function rise(multiples, losses) {
  const here = losses[Array.from(multiples).indexOf(0)];
  return { x: Array.from(multiples), y: Array.from(losses, (loss) => (Number.isFinite(loss) ? loss - here : null)) };
}

/** The rows of a step's decomposition by name: v₁ …, a random direction, the whole step. */
function rowsOf({ factors, changes, changes_random: random, changes_full: full }) {
  const width = factors.length;
  const k = changes.length / width;
  const named = Array.from({ length: k }, (_, i) => [`v${subscript(i + 1)}`, Array.from(changes.subarray(i * width, (i + 1) * width))]);
  return { directions: named, random: Array.from(random), full: Array.from(full) };
}

function stepLines(event) {
  const x = Array.from(event.factors);
  const { directions, random, full } = rowsOf(event);
  return [
    ...directions.map(([name, y], i) => line({ x, y }, { name, line: styled(i), hoverinfo: "skip" })),
    line({ x, y: random }, { name: "random", line: dashed(), hoverinfo: "skip" }), line({ x, y: full }, { name: "full", line: ink(), hoverinfo: "skip" }),
  ];
}
