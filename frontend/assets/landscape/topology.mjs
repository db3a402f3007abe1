// The panel of the topology: persistence diagram, merge tree, and the depth from which a basin counts.

import { el, fit, say, themed } from "../dom.mjs";
import { element } from "../element.mjs";
import { figure } from "../words.mjs";
import { coarseSays, basinColour, branchColumns, countAt, depthAt, depths, homesAt, shareAt, topologyOf, topologySays } from "./basins.mjs";
import { drawFrame, drawMark, FONT, layOut, powers, stroke } from "./frame.mjs";
import { scaleOf } from "./tone.mjs";

const MARGIN = { left: 66, right: 16, top: 26, bottom: 42 };
const MOST_BRANCHES = 150; // More lie too close to be told apart.
const STEPS = 400;
const DEPTH = "How far the loss has to rise from a basin's lowest place to the saddle where a lower basin takes it in: its persistence. A basin that is less deep belongs to the one that takes it in.";

export class TopologyPanel {
  /** `turned()` after the depth has moved; `change(patch)` keeps it in the address. */
  constructor(place, { turned, change }) {
    Object.assign(this, { place, depth: null, seen: "" });
    const range = { type: "range", min: 0, max: STEPS, id: "landscape-depth", "aria-label": "Depth from which a basin counts" };
    this.slider = el("input", { ...range, oninput: () => { this.depth = this.#chosen(); turned(); }, onchange: () => change({ depth: this.#chosen() }) });
    this.value = el("span", { class: "fq-epoch" });
    this.file = el("a", { class: "chip fq-file", download: "" }, "CSV");
    this.says = el("p", { class: "fq-says", id: "landscape-topology-says", role: "status" });
    this.pictures = ["Persistence diagram; the words above say its numbers", "Merge tree of the basins"].map((words) => el("canvas", { class: "fq-canvas", role: "img", "aria-label": words }));
    const [diagram, tree] = this.pictures.map((canvas) => element("div.fq-picture", {}, canvas));
    place.replaceChildren(
      element("div.fq-row", {}, el("h3", { class: "panel-title" }, "Topology"), element("label.fq-control", { title: DEPTH }, el("span", {}, "basins at least"), this.slider, this.value), this.file),
      this.says,
      element("div.fq-topology-pictures", {}, diagram, tree),
    );
    this.resized = new ResizeObserver(() => this.scene && this.#draw());
    this.resized.observe(place);
  }

  #chosen() { return depthAt(this.range, Number(this.slider.value) / STEPS); }

  /** Show what is told; gives what is seen of it, {row, homes, count, depth}, or null. */
  show({ state, known, summary, way, unit }) {
    const row = state.view === "spectrum" ? null : topologyOf(known.topologies, state.shown, ["connection", "straight"].includes(state.view) ? way : "");
    const before = this.scene;
    this.place.hidden = !row;
    this.scene = null;
    if (!row) return null;
    this.range = depths(row);
    if (this.seen !== state.depth) Object.assign(this, { seen: state.depth, depth: state.depth });
    const depth = this.depth ?? (row.threshold || 0);
    const count = countAt(row, depth);
    this.slider.disabled = !this.range;
    if (this.range && document.activeElement !== this.slider) this.slider.value = Math.round(STEPS * shareAt(this.range, depth));
    say(this.value, `${figure(depth)} ${unit} deep`);
    say(this.says, [coarseSays(row), topologySays(row, depth, unit)].filter(Boolean).join(" "));
    this.file.hidden = !state.run || !summary?.id;
    if (summary?.id) this.file.href = `/api/landscapes/${encodeURIComponent(summary.id)}/topology?format=csv`;
    const isSame = before?.row === row && before.depth === depth && before.log === state.log;
    this.scene = isSame ? before : { row, depth, count, homes: homesAt(row, depth), log: state.log };
    if (!isSame) this.#draw();
    return this.scene;
  }

  /** Draw anew the next time, in other colours. */
  refresh() { this.scene = null; }

  #draw() {
    const { row: { arrays: { birth, death, hill_death: tops } }, log } = this.scene;
    const ends = [...death, ...tops].filter(Number.isFinite);
    const [low, high] = [birth[0], ends.reduce((most, value) => Math.max(most, value), birth.reduce((most, value) => Math.max(most, value), birth[0]))];
    const room = (high - low || Math.abs(high) || 1) * 0.06;
    const scale = scaleOf(log && low > 0 ? [low * 0.9, high * 1.1] : [low - room, high + room], log && low > 0);
    const [diagram, tree] = this.pictures;
    this.#diagram(diagram, scale);
    this.#tree(tree, scale);
    diagram.dataset.basins = String(this.scene.count);
  }

  /** Each basin and hill at the losses where it begins and ends. */
  #diagram(canvas, scale) {
    const { context, width, height } = fit(canvas);
    if (width < 120 || height < 100) return;
    const { row: { arrays }, depth, count } = this.scene;
    const place = layOut(width, height, [0, 1], [0, 1], MARGIN);
    const at = (value) => scale.at(value);
    drawFrame(context, place, { yName: `ends at a loss of${scale.log ? " (log)" : ""}`, rows: rowsOf(scale, place) });
    this.#underneath(context, place, scale);
    context.textAlign = "right";
    context.fillText("∞", place.left - 7, place.top - 18);
    const line = (above) => Array.from({ length: 61 }, (_, i) => scale.value(i / 60)).map((value) => (value + above > scale.high ? null : [place.x(at(value)), place.y(at(value + above))]));
    stroke(context, line(0), { colour: themed("--ink-3"), width: 1.2 });
    if (depth > 0) stroke(context, line(depth), { colour: themed("--ink-2"), width: 1.2, dash: [5, 4] });
    const { birth, death, hill_birth: rings, hill_death: tops } = arrays;
    rings.forEach((value, i) => drawMark(context, [place.x(at(value)), endless(tops[i], place, scale)], { colour: themed("--ink-3"), corners: 3 }));
    for (let basin = birth.length - 1; basin >= 0; basin -= 1) {
      const spot = [place.x(at(birth[basin])), endless(death[basin], place, scale)];
      drawMark(context, spot, basin < count ? { colour: basinColour(basin), size: 5.5 } : { colour: themed("--line-strong"), size: 3 });
    }
    legend(context, place, [["basin", { colour: basinColour(0), size: 5.5 }], ["less deep", { colour: themed("--line-strong"), size: 3 }], ["hill", { colour: themed("--ink-3"), corners: 3 }]]);
  }

  #underneath(context, place, scale) {
    context.fillStyle = themed("--ink-3");
    context.font = FONT;
    context.textAlign = "center";
    context.textBaseline = "top";
    for (const value of marksOf(scale, Math.max(3, Math.round(place.width / 90)))) context.fillText(figure(value, 2), place.x(scale.at(value)), place.top + place.height + 7);
    context.fillText("begins at a loss of", place.left + place.width / 2, place.top + place.height + 23);
  }

  /** A line for each basin from its lowest loss up to its saddle, where it ends in the one that takes it in. */
  #tree(canvas, scale) {
    const { context, width, height } = fit(canvas);
    if (width < 120 || height < 100) return;
    const { row, count } = this.scene;
    const { birth, death, parent } = row.arrays;
    const drawn = Math.min(count, MOST_BRANCHES);
    const columns = branchColumns(row, drawn);
    const place = layOut(width, height, [-0.6, Math.max(1, drawn) - 0.4], [0, 1], MARGIN);
    drawFrame(context, place, { yName: `loss${scale.log ? " (log)" : ""}`, rows: rowsOf(scale, place) });
    for (let basin = drawn - 1; basin >= 0; basin -= 1) {
      const x = place.x(columns[basin]);
      const top = endless(death[basin], place, scale);
      const across = parent[basin] < 0 ? [] : [[place.x(columns[parent[basin]]), top]];
      stroke(context, [[x, place.y(scale.at(birth[basin]))], [x, top], ...across], { colour: basinColour(basin), width: 2.4 });
      drawMark(context, [x, place.y(scale.at(birth[basin]))], { colour: basinColour(basin), size: 5.5 });
    }
    context.fillStyle = themed("--ink-3");
    context.font = FONT;
    context.textAlign = "center";
    context.textBaseline = "top";
    context.fillText(drawn < count ? `the ${drawn} deepest of ${count} basins` : "basins, and the saddles where they meet", place.left + place.width / 2, place.top + place.height + 14);
  }

  close() { this.resized.disconnect(); }
}

/** Pixel of a loss at which something ends; what never ends stands at the upper edge. */
const endless = (value, place, scale) => (Number.isFinite(value) ? place.y(scale.at(value)) : place.top);

const marksOf = (scale, count) => (scale.log && scale.high / scale.low > 3 ? powers(scale.low, scale.high) : Array.from({ length: count }, (_, i) => scale.value((i + 0.5) / count)));
const rowsOf = (scale, place) => marksOf(scale, Math.max(3, Math.round(place.height / 60))).map((value) => [value, place.y(scale.at(value))]);

function legend(context, place, entries) {
  context.font = FONT;
  context.textAlign = "left";
  context.textBaseline = "middle";
  let at = place.left + 4;
  for (const [words, style] of entries) {
    drawMark(context, [at, 12], style);
    context.fillStyle = themed("--ink-2");
    context.fillText(words, at + 11, 12);
    at += context.measureText(words).width + 32;
  }
}
