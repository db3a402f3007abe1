// The row of charts along the clock, the slices, and sharpness against accuracy.

import { line } from "../charts.mjs";
import { figure } from "../words.mjs";
import { navigate, runAddress } from "../runs/navigate.mjs";
import { axisOf, bandTraces, birthTraces, clockAxis, litTrace, logAxis, rowsOf, wholeBand } from "./bands.mjs";
import { axisTitle } from "./clock.mjs";
import { Pane } from "./pane.mjs";
import { accuracyBy, hasRatios, rankWords, ratioAxes, ratioDots, ratioMeans, ratioTraces } from "./ratio.mjs";
import { accuracyOf, dotsOf, scatterAxes, scatterTraces } from "./scatter.mjs";
import { isRatio, labelOf, titleOf } from "../measures/declared.mjs";
import { faint } from "../pair/styles.mjs";

const endOf = (band) => (band ? band.mean[wholeBand(band).at(-1)] : null);
const UNLOCKED = "axes not locked";

export class Charts {
  constructor(curves, scatter) {
    curves.replaceChildren();
    scatter.replaceChildren();
    this.lit = null;
    this.along = ["accuracy", "loss", "raw", "flatness"].map((key) => [key, new Pane(curves, key)]);
    this.slices = new Pane(curves, "Slices", { empty: "no slice was measured" });
    this.scatter = new Pane(scatter, "Sharpness against accuracy", { empty: "needs runs with accuracy and flatness", wide: true });
    this.beside = new Pane(scatter, "Accuracy against η/S", { empty: "needs runs with accuracy", wide: true });
  }

  draw(answer, state, styles, range) {
    const { groups, runs } = answer;
    const shown = groups.filter(({ key }) => !state.hide.includes(key));
    const view = this.view = { answer, state, styles, range, shown, framed: state.lock ? groups : shown };
    const has = (measure) => groups.some(({ bands }) => bands[measure]);
    this.measures = {
      accuracy: has("test_accuracy") ? "test_accuracy" : "train_accuracy",
      loss: state.by === "loss" ? "updates" : "train_loss",
      raw: "lambda_none",
      flatness: state.measure === "lambda_none" ? "lambda_element" : state.measure,
    };
    this.#alongAll();
    this.#slices(view, runs.filter(({ group }) => !state.hide.includes(group)));
    const along = state.x === "ratio" && hasRatios(groups, runs);
    this.beside.node.hidden = !along;
    if (!along) this.#scatter(view);
    else for (const [pane, measure] of [[this.scatter, state.measure], [this.beside, accuracyBy(runs)]]) this.#againstRatio(pane, measure, view);
  }

  #againstRatio(pane, measure, { answer, state, styles, shown }) {
    const traces = ratioTraces(answer, styles, measure, state.hide);
    const framed = state.lock ? ratioTraces(answer, styles, measure) : traces;
    const dots = ratioDots(answer.runs, measure, state.hide);
    const words = rankWords(answer.ranks?.[measure]);
    pane.draw(traces, { ...ratioAxes(framed, measure), hover: "closest", revision: `ratio${measure}${state.by}` }, {
      title: `${titleOf(measure)} ↑, η/S →`, note: words, summary: `a small dot a run, a mark at the mean of a group; ${dots.length} runs; ${words}`,
      rows: () => ({ heads: ["group", "η/S", labelOf(measure), "runs"], lines: ratioMeans(shown, dots, measure).map(({ group, x, y, runs }) => [group.name, x, y, runs]) }),
    }).then(() => this.#clicks());
  }

  #alongAll() { for (const [key, pane] of this.along) this.#along(pane, this.measures[key], this.view); }

  #along(pane, measure, { answer, state, styles, range, shown, framed }) {
    const log = isRatio(measure);
    const traces = bandTraces(answer.groups, styles, measure, state.hide);
    const axes = { x: clockAxis(range, state.by, state.log ?? state.by === "loss"), y: axisOf(framed, measure, log) };
    const free = !state.lock && { x: { ...axes.x, fixedrange: false }, y: { ...axes.y, fixedrange: false } };
    const rows = rowsOf(shown, measure);
    const last = shown.map(({ name, bands }) => `${name} ${figure(endOf(bands[measure]))}`).join(", ");
    pane.draw(traces.length ? [...traces, ...litTrace(shown, styles, measure, this.lit), ...birthTraces(answer.runs, state.hide)] : [], { ...axes, ...free, revision: state.lock ? `locked${state.by}` : "free" }, {
      title: titleOf(measure),
      note: state.lock ? (log ? "log" : "") : UNLOCKED,
      summary: `along ${axisTitle(state.by, answer.unit)}; mean at its end: ${last}`,
      rows: () => ({ heads: ["group", axisTitle(state.by, answer.unit), "mean", "low", "high", "runs"], lines: rows.map(({ group, x, mean, low, high, n }) => [group, x, mean, low, high, n]) }),
    });
  }

  #slices({ answer, state, styles }, runs) {
    const measured = (list) => list.filter(({ slice }) => slice);
    const traces = measured(runs).map(({ slice, group, name }) => {
      const { colour, dash } = styles.get(group);
      return line({ x: slice.t, y: slice.train }, { name, hoverinfo: "skip", line: { width: 1.2, color: faint(colour, 0.7), dash } });
    });
    const framed = measured(state.lock ? answer.runs : runs).flatMap(({ slice }) => slice.train).filter((value) => value > 0).map(Math.log10);
    const y = framed.length ? logAxis([Math.min(...framed) - 0.1, Math.max(...framed) + 0.1]) : {};
    this.slices.draw(traces, { y }, {
      title: "Slices along v₁", note: state.lock ? "each run's last" : UNLOCKED, summary: `training loss along the sharpest direction of ${traces.length} runs, one scale`,
      rows: () => ({ heads: ["run", "update", "loss in the middle", "highest"], lines: measured(runs).map(({ name, slice }) => [name, slice.step, slice.train[Math.floor(slice.train.length / 2)], Math.max(...slice.train)]) }),
    });
  }

  #scatter({ answer, state, styles }) {
    const traces = scatterTraces(answer, styles, state.measure, state.hide);
    const framed = state.lock ? scatterTraces(answer, styles, state.measure) : traces;
    const dots = dotsOf(answer.runs, state.measure, state.hide);
    this.scatter.draw(traces, { ...scatterAxes(framed), hover: "closest", revision: `${state.measure}${state.by}` }, {
      title: `${titleOf(state.measure)} ↑, accuracy →`, note: state.lock ? "" : UNLOCKED, summary: `a dot a run, a line joins each pair, an ellipse holds 95 % of a group; ${dots.length} runs`,
      rows: () => ({ heads: ["run", "seed", "accuracy", labelOf(state.measure)], lines: dots.map(({ run }) => [run.name, run.seed, accuracyOf(run), run.values[state.measure]]) }),
    }).then(() => this.#clicks());
  }

  #clicks() {
    const light = (run) => { this.lit = run; this.#alongAll(); };
    for (const pane of [this.scatter, this.beside]) this.#listen(pane, light);
  }

  #listen({ inner: place, chart }, light) {
    if (!chart.drawn || place.dataset.heard) return;
    place.dataset.heard = "1";
    place.on("plotly_click", ({ points }) => points[0]?.customdata && !this.view.state.sweep && navigate(runAddress(points[0].customdata)));
    place.on("plotly_hover", ({ points }) => points[0]?.customdata && light(points[0].customdata));
    place.on("plotly_unhover", () => light(null));
  }

  /** Let the hair of every chart along the clock stand at a reading. */
  cross(reading) { for (const [, pane] of this.along) pane.cross(reading); }

  close() { for (const [, pane] of this.along) pane.close(); for (const pane of [this.slices, this.scatter, this.beside]) pane.close(); }
}
