// What the panels below the first ones show: one a measured thing. Pure but for the theme's colours.
//
// A curve has `lines(measured, session)` over the epochs and `axes(measured, session)`; a cut has `cut(event)` at the
// cross-hair. Both have the `probe` that measures them, or null where none is needed, the `means` of their "?", and
// `now(event, measured, session, row)` for the head; `alike` says that the settings of the probe do not change it.

import { line } from "../charts.mjs";
import { themed } from "../dom.mjs";
import { checksAbove, crossings, edgeRatio, ratioName } from "../measures/edges.mjs";
import { labelOf } from "../measures/declared.mjs";
import { STYLES, band, having, notFound, over } from "../measures/lines.mjs";
import { noiseNow, ratioCurve } from "../measures/ratio.mjs";
import { decimate } from "../series.mjs";
import { scalarsOf } from "../measures/measured.mjs";
import { subscript } from "../measures/slice-hands.mjs";
import { GRANULARITIES } from "../vocabulary.mjs";
import { capital, fieldTitle, figure } from "../words.mjs";
import { panelAxis } from "../measures/axes.mjs";

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

const aligned = (list) => Object.fromEntries(Array.from({ length: list.at(-1)?.alignment.length ?? 0 }, (_, k) => [`v${subscript(k + 1)}`, ({ alignment }) => alignment[k]]));

const SUMS = {
  "Tr H": ({ trace }) => trace, "‖H‖": ({ frobenius }) => frobenius, "Gauss–Newton": ({ gauss_newton: part }) => part, "covariance": ({ covariance }) => covariance,
};

export const MEASURES = {
  ratio: {
    title: "Noise of the updates", probe: null, means: "ratio", alike: true,
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
  directions: {
    title: "Alignment |cos(g_b, v_k)|", probe: "directions", means: "directions",
    lines: (measured) => lines(measured.list("directions"), aligned(measured.list("directions"))),
    axes: () => unit,
    now: (event, measured) => heads(event, aligned(measured.list("directions")))?.slice(0, 3),
  },
  sections: {
    title: "Loss at multiples of a step", probe: "directions", means: "sections",
    cut: ({ multiples, sections, values: eigenvalues }) => ({
      lines: Array.from(eigenvalues, (_, k) => line(rise(multiples, sections.subarray(k * multiples.length, (k + 1) * multiples.length)), { name: `v${subscript(k + 1)}`, line: styled(k), hoverinfo: "skip" })),
      axes: { x: { nticks: 9 }, y: SHORT },
    }),
    now: (event) => event && Array.from(event.step_sizes.subarray(0, 3), (size, k) => [`style-${k}`, `step v${subscript(k + 1)}`, figure(size, 2)]),
  },
  step: {
    title: "What a step does", probe: "directions", means: "step",
    cut: (event) => ({
      lines: stepLines(event),
      axes: { x: { title: { text: "γ", standoff: 2 } }, y: SHORT },
    }),
    now: (event) => event && [["", "full step, γ = 1", figure(rowsOf(event).full[Array.from(event.factors).indexOf(1)])]],
  },
};

/** The panel of a probe that has no picture of its own: a line a column, called as it is declared. */
export function plainPanel(probe, measured) {
  const told = Object.keys(measured.list(scalarsOf(probe))[0].values);
  const picks = Object.fromEntries(told.map((name) => [labelOf(name), ({ values }) => values[name]]));
  return several(capital(fieldTitle(probe)), scalarsOf(probe), probe, picks);
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
