// Curves in plain Divs, drawn by the plotly.js that Dash ships. SVG lines only, decimated, redrawn a few times a second.

import { BEST, GROWN } from "./colour.mjs";
import { themed } from "./dom.mjs";

const CONFIG = { displayModeBar: false, responsive: false, scrollZoom: false, doubleClick: "reset" };
const SOURCE = "/_dash-component-suites/plotly/package_data/plotly.min.js";
let loaded = null;

/** plotly.js, fetched once, and only when there is a first curve to draw: it is large, and the picture comes first. */
export function plotly() {
  loaded ??= window.Plotly ? Promise.resolve(window.Plotly) : new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: SOURCE, async: true });
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { loaded = null; reject(new Error("plotly.js did not load")); };
    document.head.append(script);
  });
  return loaded;
}

export const line = (points, more = {}) => ({
  type: "scatter", mode: "lines", x: points.x, y: points.y, connectgaps: false,
  hovertemplate: "%{y:.4~g}", ...more, line: { width: 1.8, ...more.line },
});

/** ▲ where a neuron was born and ★ where the net is from that came back at the end, sitting on the axis of time. */
export const timeMarks = (births, best = []) => {
  const places = [...births, ...best];
  const each = (born, back) => places.map((_, i) => (i < births.length ? born : back));
  return {
    type: "scatter", mode: "markers", x: places, y: places.map(() => 0), yaxis: "y3", hoverinfo: "skip", showlegend: false,
    cliponaxis: false, marker: { symbol: each("triangle-up", "star"), size: each(9, 12), color: each(GROWN, BEST) },
  };
};

/** The same of what a run did, over its epochs. */
const marksOf = ({ births, restored }) => timeMarks(births.map(({ epoch }) => epoch), restored ? [restored.best_epoch] : []);

/** Thin dotted lines at the given places, from the bottom to the top. */
const restartMarks = (places) => ({
  type: "scatter", mode: "lines", x: places.flatMap((place) => [place, place, null]), y: places.flatMap(() => [0, 1, null]), yaxis: "y3",
  hoverinfo: "skip", showlegend: false, line: { color: themed("--ink-3"), width: 1, dash: "dot" },
});

/** What is marked along the time of a run: births, what came back at its end, and the restarts of its learning rate. */
export const sessionMarks = ({ history, restarted }) => [
  ...(restarted.length ? [restartMarks(restarted.map(({ epoch }) => epoch))] : []), marksOf(history),
];

function layoutOf({ x, y, y2, cross, height, width, revision, legend, hover = "x" }) {
  const ink = themed("--ink-3");
  const grid = themed("--line");
  const axis = {
    color: ink, gridcolor: grid, zeroline: false, tickfont: { size: 10.5 }, fixedrange: false, automargin: false,
    showline: false, ticks: "", hoverformat: ".4~g",
  };
  return {
    width, height, autosize: false, showlegend: Boolean(legend), uirevision: revision ?? "keep",
    font: { family: "Inter, system-ui, sans-serif", color: ink, size: 11 },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 38, r: 32, t: 6, b: 20, pad: 2 }, // The same for all, so that curves under one another share their time.
    hovermode: hover, hoverlabel: { font: { size: 11 } },
    xaxis: { ...axis, showgrid: false, nticks: 6, ...x },
    yaxis: { ...axis, nticks: 4, ...y },
    yaxis2: { ...axis, overlaying: "y", side: "right", showgrid: false, nticks: 4, visible: Boolean(y2), ...y2 },
    yaxis3: { overlaying: "y", range: [0, 1], visible: false, fixedrange: true },
    shapes: cross === null || cross === undefined ? [] : [{
      type: "line", x0: cross, x1: cross, y0: 0, y1: 1, yref: "paper", line: { color: themed("--ink-2"), width: 1, dash: "dot" },
    }],
  };
}

/** One chart in one Div. `update` may be called at any time; an empty chart shows its words instead of empty axes. */
export class Chart {
  constructor(place, { empty = "measuring…", name = "" } = {}) {
    this.place = place;
    place.classList.add("chart");
    place.setAttribute("role", "img");
    place.setAttribute("aria-label", name);
    this.name = name;
    this.empty = empty;
    this.drawn = false;
    place.textContent = empty;
    this.busy = false;
    this.resized = globalThis.ResizeObserver && new ResizeObserver(() => this.drawn && this.place.clientWidth !== this.width && this.update(...this.last));
    this.resized?.observe(place);
  }

  async update(traces, options = {}, summary = "") {
    this.last = [traces, options, summary];
    const full = traces.some((trace) => trace.yaxis !== "y3" && trace.x.length > 1);
    if (!full) {
      if (this.drawn) { (await plotly()).purge(this.place); this.drawn = false; }
      if (this.place.textContent !== this.empty) this.place.textContent = this.empty;
      return;
    }
    if (this.busy) { this.waits = true; return; } // What comes meanwhile is drawn after it: nothing else may come.
    this.busy = true;
    try {
      const Plotly = await plotly();
      const [width, height] = [this.place.clientWidth, this.place.clientHeight];
      if (width < 60 || height < 40) return;
      if (!this.drawn) this.place.textContent = "";
      await Plotly.react(this.place, traces, layoutOf({ ...options, width, height }), CONFIG);
      this.drawn = true;
      this.width = width;
      if (summary) this.place.setAttribute("aria-label", `${this.name}: ${summary}`);
    } finally { this.busy = false; }
    if (this.waits) { this.waits = false; await this.update(...this.last); }
  }

  close() { this.resized?.disconnect(); if (this.drawn) window.Plotly?.purge(this.place); }
}
