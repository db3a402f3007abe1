// Every two members held against each other: five heat maps with their numbers, one of them where there is little room.

import { fit, say } from "../dom.mjs";
import { element } from "../element.mjs";
import { colourAt } from "../landscape/tone.mjs";
import { meaning } from "../measures/help.mjs";
import { pngOfCanvases, saveHand } from "../png.mjs";
import { figure } from "../words.mjs";
import { cellAt, cellWords, drawHeat, heatRange, measureOut } from "./heat.mjs";
import { MATRICES } from "./state.mjs";
import { MATRIX_NAMES, pairWords } from "./words.mjs";

const WAYS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const SHADES = Array.from({ length: 10 }, (_, i) => `rgb(${colourAt(i / 9).join(" ")})`).join(", ");

class Matrix {
  constructor(name) {
    this.name = name;
    this.chosen = null;
    const title = MATRIX_NAMES[name];
    this.canvas = element("canvas.fe-heat", { role: "img", tabIndex: 0, onpointermove: (event) => this.#point(event), onpointerleave: () => this.#choose(null), onkeydown: (event) => this.#key(event), onblur: () => this.#choose(null) });
    this.scroll = element("div.fe-heat-room", {}, this.canvas);
    this.numbers = element("div.fc-numbers", { hidden: true, tabIndex: 0, role: "region", "aria-label": `${title}, numbers` });
    this.flip = element("button.fc-flip", { type: "button", "aria-pressed": "false", title: "Show as a table", "aria-label": `${title} as a table`, onclick: () => this.#turn() }, "▦");
    this.low = element("span");
    this.high = element("span");
    this.legend = element("div.fe-legend", { hidden: true }, this.low, element("i", { style: `background: linear-gradient(to right, ${SHADES})`, "aria-hidden": "true" }), this.high);
    this.says = element("p.fe-pair", { role: "status" });
    this.node = element("section.panel.fe-matrix", { "data-matrix": name, "aria-label": title },
      element("div.panel-head", {}, element("h3.panel-title", {}, title), meaning(name), element("span.panel-note"), saveHand(`${title} as PNG`, () => pngOfCanvases([this.canvas], `ensemble-${name}`)), this.flip),
      element("div.fe-heat-body", {}, this.scroll, this.numbers), this.legend, this.says);
    this.seen = new ResizeObserver(() => this.#paint());
    this.seen.observe(this.scroll);
  }

  draw(known, names) {
    this.matrix = known.matrix(this.name);
    this.names = names;
    const range = heatRange(this.matrix);
    this.legend.hidden = !range;
    if (range) { say(this.low, figure(range[0])); say(this.high, figure(range[1])); }
    const told = this.matrix.flatMap((row, i) => row.filter((value, j) => j > i && value !== undefined));
    const label = !told.length ? "not measured yet" : range ? `between ${figure(range[0])} and ${figure(range[1])}` : "means nothing of these members";
    this.canvas.setAttribute("aria-label", `${MATRIX_NAMES[this.name]} of every two members: ${label}; arrow keys read the pairs`);
    this.resting = this.matrix.length === 1 ? "It takes two members." : !told.length ? "measuring…" : range ? "" : pairWords(this.name, null, this.names[0], this.names[1]);
    this.#tell();
    this.#paint();
    this.#fill();
  }

  #tell() {
    const [row, column] = this.chosen ?? [];
    if (row === undefined || row >= this.matrix.length || column >= this.matrix.length) say(this.says, this.resting);
    else if (row === column) say(this.says, `${this.names[row]} and itself`);
    else say(this.says, pairWords(this.name, this.matrix[row][column], this.names[row], this.names[column]));
  }

  #paint() {
    const room = this.scroll.clientWidth;
    if (!this.matrix || room < 60) return;
    this.sizes = measureOut(this.matrix.length, room);
    const { side } = this.sizes;
    Object.assign(this.canvas.style, { width: `${side}px`, height: `${side}px` });
    drawHeat(fit(this.canvas, side, side).context, this.matrix, this.sizes, this.chosen);
  }

  #point(event) {
    const bounds = this.canvas.getBoundingClientRect();
    const cell = this.sizes ? cellAt(event.clientX - bounds.left, event.clientY - bounds.top, this.sizes, this.matrix.length) : null;
    this.#choose(cell && cell[0] !== cell[1] ? cell : null);
  }

  #key(event) {
    const way = WAYS[event.key];
    const last = (this.matrix?.length ?? 0) - 1;
    if (!way || last < 1) return;
    event.preventDefault();
    this.#choose(this.chosen ? this.chosen.map((at, axis) => Math.max(0, Math.min(last, at + way[axis]))) : [1, 0]);
  }

  #choose(cell) {
    if (String(cell) === String(this.chosen)) return;
    this.chosen = cell;
    this.#tell();
    this.#paint();
  }

  #turn() {
    const shown = this.numbers.hidden;
    this.numbers.hidden = !shown;
    this.scroll.style.visibility = shown ? "hidden" : "";
    this.flip.setAttribute("aria-pressed", String(shown));
    this.#fill();
  }

  #fill() {
    if (this.numbers.hidden || !this.matrix) return;
    const head = element("tr", {}, element("td"), this.names.map((name, i) => element("th", { scope: "col", title: name }, String(i + 1))));
    const lines = this.matrix.map((row, i) => element("tr", {}, element("th", { scope: "row" }, `${i + 1} ${this.names[i]}`), row.map((value, j) => element("td", {}, i === j ? "" : cellWords(value)))));
    this.numbers.replaceChildren(element("table", {}, element("thead", {}, head), element("tbody", {}, lines)));
  }

  close() { this.seen.disconnect(); }
}

export class Matrices {
  /** `choose(name)` hears which is shown where there is room for one. */
  constructor(place, choose) {
    this.place = place;
    this.all = MATRICES.map((name) => new Matrix(name));
    this.chooser = element("select.select", { id: "ensemble-matrix", "aria-label": "Which measure of two members", onchange: () => choose(this.chooser.value) }, MATRICES.map((name) => element("option", { value: name }, MATRIX_NAMES[name])));
    place.replaceChildren(element("label.fe-chooser", {}, element("span", {}, "every two members"), this.chooser), ...this.all.map(({ node }) => node));
  }

  draw(known, names, shown) {
    this.chooser.value = shown;
    for (const matrix of this.all) {
      matrix.node.classList.toggle("is-chosen", matrix.name === shown);
      matrix.draw(known, names);
    }
  }

  close() { for (const matrix of this.all) matrix.close(); }
}
