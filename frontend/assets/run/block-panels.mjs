// Panels of what each residual block does at the cross-hair, means over samples with their standard errors; and of the
// last block applied more often. Pure but for the theme's colours.

import { line } from "../charts.mjs";
import { themed } from "../dom.mjs";
import { inStages, unrolledOf, withErrors } from "../measures/blocks.mjs";
import { STYLES } from "../measures/lines.mjs";
import { figure, share } from "../words.mjs";
import { Unrolling } from "./unrolling.mjs";

const unit = { y: { range: [0, 1.03] } };
const probe = "iterative";
const signed = (value) => (Number.isFinite(value) ? `${value > 0 ? "+" : ""}${figure(value, 2)}` : "not known");

/** A curve with marks and standard errors. */
function curve(name, points, style, more = {}) {
  const error = { type: "data", array: points.map(({ error: size }) => size), thickness: 1, width: 2, color: style.color };
  return line({ x: points.map(({ x }) => x), y: points.map(({ value }) => value) }, { name, mode: "lines+markers", line: style, marker: { size: 5, color: style.color }, error_y: error, ...more });
}

const counted = (points, from = 0) => points.map((point, i) => ({ x: i + from, ...point }));
const blocks = (event) => ({ x: { dtick: Math.ceil(event.names.length / 12), range: [0.6, event.names.length + 0.4] } });
const after = (event) => ({ x: { dtick: Math.ceil(event.names.length / 12), range: [-0.4, event.names.length + 0.4] } });
const zero = (event) => line({ x: [0.6, event.names.length + 0.4], y: [0, 0] }, { hoverinfo: "skip", line: { color: themed("--ink-3"), dash: "dash", width: 1.2 } });
const ends = (both) => { const all = withErrors(both); return [all[0].value, all.at(-1).value]; };
const fromTo = (both, words = figure) => ends(both).map((value) => (value === null ? "not known" : words(value, 2))).join(" → ");
const highest = ({ names, cosine }) => { const found = withErrors(cosine).map(({ value }) => value ?? NaN); const most = Math.max(...found); return Number.isFinite(most) ? `${signed(most)} at ${names[found.indexOf(most)]}` : "not known"; };

export const BLOCK_PANELS = {
  block_cosine: {
    title: "Cosine of block and gradient", probe, means: "block_cosine",
    cut: (event) => ({ lines: [zero(event), curve("cosine", inStages(event.stages, withErrors(event.cosine)), STYLES[0])], axes: blocks(event) }),
    now: (event) => event && [["style-0", "highest", highest(event)]],
  },
  block_ratio: {
    title: "Size of what a block adds", probe, means: "block_ratio",
    cut: (event) => ({
      lines: [
        curve("‖F‖/‖h‖", inStages(event.stages, withErrors(event.ratio)), STYLES[0]),
        curve("‖h‖", inStages(event.stages, withErrors(event.norm).slice(0, -1)), STYLES[1], { yaxis: "y2" }),
      ],
      axes: { ...blocks(event), y: { rangemode: "tozero" }, y2: { rangemode: "tozero", tickmode: "auto", nticks: 4 } },
    }),
    now: (event) => event && [["style-0", "‖F‖/‖h‖", fromTo(event.ratio)], ["style-1", "‖h‖", fromTo(event.norm)]],
  },
  block_accuracy: {
    title: "Accuracy after each block", probe, means: "block_accuracy",
    cut: (event) => ({
      lines: [
        curve("accuracy", counted(withErrors(event.accuracy)), STYLES[0]),
        ...(event.borderline ? [curve("borderline", counted(withErrors(event.borderline_right)), STYLES[1])] : []),
      ],
      axes: { ...after(event), ...unit },
    }),
    now: (event) => event && [["style-0", "", fromTo(event.accuracy, share)], ...(event.borderline ? [["style-1", `${event.borderline} borderline`, fromTo(event.borderline_right, share)]] : [["", "borderline", "none"]])],
  },
  block_change: {
    title: "Change of the loss by block", probe, means: "block_change",
    cut: (event) => ({
      lines: [zero(event), curve("to first order", inStages(event.stages, withErrors(event.predicted)), STYLES[0]), curve("actual", inStages(event.stages, withErrors(event.actual)), STYLES[1])],
      axes: blocks(event),
    }),
    now: (event) => event && [["style-0", "to first order", fromTo(event.predicted)], ["style-1", "actual", fromTo(event.actual)]],
  },
  block_borderline: {
    title: "Borderline samples by block", probe, means: "block_borderline",
    wanted: (measured) => measured.list(probe).some(({ borderline }) => borderline > 0),
    cut: (event) => ({
      lines: event.borderline ? [["corrected", event.corrected, STYLES[0]], ["spoiled", event.spoiled, STYLES[1]]].map(([name, both, style]) => bars(name, withErrors(both), style)) : [],
      axes: { ...blocks(event), y: { rangemode: "tozero" } },
    }),
    now: (event) => event && [["", "samples", String(event.borderline)], ...(event.borderline ? [["style-0", "corrected by the last", fromTo(event.corrected.slice(event.names.length - 1), share).split(" → ")[0]]] : [])],
  },
  unrolled: {
    title: "Last block unrolled", probe, means: "unrolled", below: (redraw) => new Unrolling(redraw),
    cut: (event, measured, unrolling) => {
      const ways = unrolledOf(event);
      const at = unrolling?.chosen(event);
      return {
        lines: [
          ...ways.map(({ name, accuracy }, i) => curve(name, counted(accuracy), STYLES[i])),
          ...(at ? [line({ x: [at.extra], y: [ways[at.way].accuracy[at.extra].value] }, { mode: "markers", hoverinfo: "skip", showlegend: false, marker: { symbol: "circle-open", size: 13, color: themed("--ink"), line: { width: 2 } } })] : []),
        ],
        axes: { x: { dtick: 1, range: [-0.3, event.extra + 0.3] }, y: { rangemode: "normal" } },
      };
    },
    now: (event) => event && unrolledOf(event).map(({ name, accuracy }, i) => [`style-${i}`, name, [accuracy[0], accuracy.at(-1)].map(({ value }) => (value === null ? "not known" : share(value))).join(" → ")]),
  },
};

function bars(name, points, { color }) {
  return { type: "bar", name, x: points.map((_, i) => i + 1), y: points.map(({ value }) => value), error_y: { type: "data", array: points.map(({ error }) => error), thickness: 1, width: 2, color: themed("--ink-2") }, marker: { color, pattern: { shape: name === "spoiled" ? "/" : "" } }, hovertemplate: "%{y:.3~g}" };
}
