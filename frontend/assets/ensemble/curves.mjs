// Accuracy, negative log likelihood and calibration error as members are added; each by itself and the mean of weights beside.

import { Pane } from "../compare/pane.mjs";
import { FIXED } from "../colour.mjs";
import { themed } from "../dom.mjs";
import { pngOfChart, saveHand } from "../png.mjs";
import { beyondWords, SCORE_NAMES, scoreWords } from "./words.mjs";

const ASKS = { accuracy: "together_accuracy", nll: "nll", ece: "ece" };
const ROOM = 0.12; // Room above and below, as a share of what is drawn.

/** The range of an axis that holds all and, unless it lies far off, the mean of weights too. */
export function framed(values, mean) {
  const finite = values.filter(Number.isFinite);
  if (!finite.length) return null;
  let [low, high] = [Math.min(...finite), Math.max(...finite)];
  const width = high - low || Math.max(Math.abs(high), 1) * 0.05;
  if (Number.isFinite(mean) && mean > low - width && mean < high + width) [low, high] = [Math.min(low, mean), Math.max(high, mean)];
  const room = ROOM * (high - low || width);
  return [low - room, high + room];
}

export class Curves {
  constructor(place) {
    place.replaceChildren();
    this.panes = Object.entries(SCORE_NAMES).map(([name, title]) => {
      const pane = new Pane(place, title, { ask: ASKS[name], hands: [saveHand(`${title} as PNG`, () => pngOfChart(pane.inner, `ensemble-${name}`))] });
      return [name, pane];
    });
  }

  draw(known) { for (const [name, pane] of this.panes) this.#one(name, pane, known); }

  #one(name, pane, known) {
    const { members, added, meanWeights } = known;
    const [alone, together] = [members, added].map((rows) => rows.map((row) => row[name] ?? NaN));
    const mean = meanWeights?.[name] ?? NaN;
    const range = framed([...alone, ...together], mean);
    pane.chart.empty = members.length === 1 ? "one member: its numbers stand in the table" : "measuring…";
    const beyond = range ? beyondWords(mean, range) : "";
    const x = (rows) => rows.map((_, i) => i + 1);
    const traces = added.length < 2 ? [] : [
      { type: "scatter", mode: "markers", name: "by itself", x: x(alone), y: alone, marker: { symbol: "circle-open", size: 8, color: themed("--ink-3"), line: { width: 1.6 } }, hovertemplate: "member %{x}: %{y:.4~g}<extra></extra>" },
      { type: "scatter", mode: "lines+markers", name: "together", x: x(together), y: together, line: { width: 2.2, color: themed("--accent") }, marker: { size: 6 }, hovertemplate: "%{x} together: %{y:.4~g}<extra></extra>" },
      ...(Number.isFinite(mean) && !beyond ? [{ type: "scatter", mode: "lines+markers", name: "mean of weights", x: [1, members.length], y: [mean, mean], line: { width: 1.3, dash: "dot", color: FIXED }, marker: { symbol: "diamond", size: [0, 9], color: FIXED }, hovertemplate: "mean of weights: %{y:.4~g}<extra></extra>" }] : []),
    ];
    const last = together.at(-1);
    pane.draw(traces, { x: { range: [0.6, members.length + 0.4], dtick: Math.max(1, Math.ceil(members.length / 8)), tick0: 1 }, ...(range ? { y: { range } } : {}), hover: "closest" }, {
      title: SCORE_NAMES[name], note: beyond, summary: `of the first members together, up to ${members.length}: ${scoreWords(name, last)}; mean of weights ${scoreWords(name, mean)}`,
      rows: () => ({ heads: ["members", "together", "the last by itself"], lines: [...together.map((value, i) => [i + 1, value, alone[i]]), ["mean of weights", mean, null]] }),
    });
  }

  close() { for (const [, pane] of this.panes) pane.close(); }
}
