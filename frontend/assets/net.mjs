// The net as a diagram: inputs, a thumbnail of what each hidden unit gives, output; lines as thick as their weights.
// Every unit is a button: pointing at it, or focusing it, lights its fold and shows its field in the plane. A net without
// layers stands by depth: lines from primary parents strong, others faint; one too large is summed up by depth.

import { CLASSES, GROWN, NEW_FOLD, paintClasses, paintUnit } from "./colour.mjs";
import { el, fit, themed } from "./dom.mjs";
import { evaluate, gridPoints, outputOf } from "./forward.mjs";
import { isDag, linesOf, placeName, widthsOf } from "./net-graph.mjs";
import { arrange, arrangeByParents, isCrowded, roomFor, summedUp, waysOf } from "./net-layout.mjs";
import { leanOf } from "./views/picture.mjs";
import { plural } from "./words.mjs";

const SIDE = 22; // Cells of a thumbnail.
const MOST_LINES = 600; // Into one column.

export class NetView {
  constructor(place, { onPoint = () => {}, onPick = () => {} } = {}) {
    this.place = place;
    this.lines = el("canvas", { class: "net-lines", "aria-hidden": "true" });
    this.buttons = [];
    this.outputs = [];
    this.layer = el("div", { class: "net-units" });
    this.onPoint = onPoint;
    this.onPick = onPick;
    this.shape = "";
    place.replaceChildren(this.lines, this.layer);
  }

  /** Make room for another drawing, or come back. */
  hide(away) { this.lines.hidden = this.layer.hidden = away; this.place.classList.toggle("has-blocks", away); }

  /** Show a net. `births` tells which units were grown; `lit` and `fresh` are {layer, row}. */
  draw({ net, frame, box, births = [], lit = null, fresh = null }) {
    if (!net || !frame || !box) return;
    const dag = isDag(frame);
    this.place.classList.toggle("is-dag", dag);
    const [seen, height] = [this.place.clientWidth, this.place.clientHeight];
    if (!seen || !height) return;
    const widths = widthsOf(net, frame);
    const lines = linesOf(net, frame);
    const crowded = dag && isCrowded(widths, seen, height);
    const sums = crowded ? summedUp(widths, lines, seen, height) : null;
    const width = dag && !crowded ? roomFor(widths, seen) : seen;
    this.lines.style.width = this.layer.style.width = `${width}px`;
    const shown = crowded ? [widths[0], ...sums.bars.map(() => 1), widths.at(-1)] : widths;
    const spots = dag ? arrangeByParents(shown, crowded ? [] : lines, width, height) : arrange(widths, width, height);
    const shape = `${widths}/${width}x${height}/${dag ? frame.units.map((ids) => ids.join()).join(";") : ""}`;
    if (shape !== this.shape) {
      this.#build(spots, { net, frame, dag, crowded });
      if (fresh && width > seen) this.place.scrollLeft = spots[fresh.layer + 1][fresh.row].x - seen / 2;
    }
    this.shape = shape;
    if (crowded) this.#summary(sums, spots, width, height);
    else this.#lines(lines, waysOf(lines, spots, height), { widths, dag, lit }, width, height);
    this.#pictures({ net, frame, box, births, lit, fresh, dag }, dag && lit ? lines : []);
  }

  #build(spots, { net, frame, dag, crowded }) {
    const focused = document.activeElement?.dataset?.unit;
    const classes = net.weights.at(-1).shape[0];
    this.layer.replaceChildren();
    const place = (element, { x, y, side }) => {
      Object.assign(element.style, { left: `${x - side / 2}px`, top: `${y - side / 2}px`, width: `${side}px`, height: `${side}px` });
      this.layer.append(element);
      return element;
    };
    spots[0].forEach((spot, row) => {
      const name = placeName(net, frame, { column: 0, row });
      place(el("span", { class: "net-input", title: name === "1" ? "the constant 1, whose weights are the biases" : `input ${name}` }, name), spot);
    });
    this.bars = [];
    this.buttons = crowded ? [] : spots.slice(1, -1).map((column, layer) => column.map((spot, row) => {
      const point = () => this.onPoint({ layer, row });
      const leave = () => this.onPoint(null);
      const canvas = el("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
      const button = el("button", {
        class: spot.side < 10 ? "net-unit is-small" : "net-unit", type: "button", "data-unit": `${layer}.${row}`, title: placeName(net, frame, { column: layer + 1, row }),
        onpointerenter: point, onpointerleave: leave, onfocus: point, onblur: leave,
        onclick: () => this.onPick({ layer, row }),
      }, canvas);
      return { button: place(button, spot), canvas, name: nameOf({ layer, row }, dag) };
    }));
    this.outputs = spots.at(-1).map((spot, k) => {
      const canvas = el("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
      const box = el("span", { class: "net-output", title: classes === 2 ? "output" : `output of class ${k}` }, canvas);
      if (classes > 2) box.style.borderColor = CLASSES[k];
      return { box: place(box, spot), canvas };
    });
    if (focused) this.layer.querySelector(`[data-unit="${focused}"]`)?.focus();
  }

  #lines(lines, ways, { widths, dag, lit }, width, height) {
    const { context } = fit(this.lines, width, height);
    context.lineCap = "round";
    widths.slice(1).forEach((_, before) => {
      const column = before + 1;
      let chosen = lines.map((line, i) => i).filter((i) => lines[i].to.column === column);
      const most = chosen.reduce((top, i) => Math.max(top, Math.abs(lines[i].weight)), 1e-9);
      if (chosen.length > MOST_LINES) chosen = chosen.sort((a, b) => Math.abs(lines[b].weight) - Math.abs(lines[a].weight)).slice(0, MOST_LINES);
      const dense = (dag ? lines.length : chosen.length) > 80;
      for (const i of chosen.sort((a, b) => Number(lines[a].strong) - Number(lines[b].strong))) {
        const line = lines[i];
        const strength = Math.abs(line.weight) / most;
        const shown = !lit ? 1 : touches(line, lit) ? 2 : 0;
        stroke(context, ways[i], line, strength, { shown, dense, dag });
      }
    });
    context.globalAlpha = 1;
    context.setLineDash([]);
  }

  /** Bars instead of units, and one line for all that lead from a depth to another. */
  #summary({ bars, sums }, spots, width, height) {
    const { context } = fit(this.lines, width, height);
    const most = Math.max(...sums.map(({ size }) => size), 1e-9);
    const middle = (column) => spots[column][0].x;
    context.strokeStyle = themed("--ink-3");
    for (const { from, to, size } of sums.filter((sum) => sum.from !== sum.to)) {
      context.globalAlpha = 0.12 + 0.5 * (size / most);
      context.lineWidth = 0.8 + 5 * (size / most);
      const rise = to - from === 1 ? 0 : Math.min(height / 2 - 6, 10 + 9 * (to - from)) * ((from + to) % 2 ? 1 : -1);
      context.beginPath();
      context.moveTo(middle(from), height / 2);
      context.quadraticCurveTo((middle(from) + middle(to)) / 2, height / 2 + 2 * rise, middle(to), height / 2);
      context.stroke();
    }
    context.globalAlpha = 1;
    if (!this.bars.length) this.bars = bars.map(() => this.layer.appendChild(el("span", { class: "net-bar" })));
    bars.forEach((bar, i) => {
      const element = this.bars[i];
      element.textContent = String(bar.count);
      element.title = `${bar.first === bar.last ? `depth ${bar.first}` : `depths ${bar.first} to ${bar.last}`}: ${plural(bar.count, "neuron")}`;
      Object.assign(element.style, { left: `${bar.x - bar.width / 2}px`, top: `${bar.y - bar.height / 2}px`, width: `${bar.width}px`, height: `${bar.height}px` });
    });
  }

  #pictures({ net, frame, box, births, lit, fresh, dag }, lines) {
    const count = SIDE * SIDE;
    const result = evaluate(net, gridPoints(box, SIDE, "thumb"), count, "thumb");
    const { logits, classes } = result;
    const born = new Set(births.filter(({ unit }) => unit >= 0).flatMap((birth) => Array.from({ length: Math.max(1, birth.k_new ?? 1) }, (_, i) => birth.unit + i)));
    const parents = new Set(lines.filter(({ to }) => is(to, lit)).map(({ from }) => `${from.column - 1}.${from.row}`));
    this.buttons.forEach((column, layer) => column.forEach(({ button, canvas, name }, row) => {
      if (canvas.parentElement.offsetWidth >= 8) {
        const values = outputOf(net, result, { layer, row }, count);
        blit(canvas, (pixels) => paintUnit(values, 0, count, leanOf(net, { layer, row }), pixels));
      }
      const grown = born.has(frame.units[layer]?.[row]);
      const isFresh = fresh && fresh.layer === layer && fresh.row === row;
      const isLit = lit && lit.layer === layer && lit.row === row;
      button.style.setProperty("--edge", isFresh ? NEW_FOLD : grown ? GROWN : "var(--ink-3)");
      button.classList.toggle("is-lit", Boolean(isLit));
      button.classList.toggle("is-parent", dag && parents.has(`${layer}.${row}`));
      button.classList.toggle("is-grown", grown);
      const label = `${name}${grown ? ", grown" : ""}`;
      if (button.getAttribute("aria-label") !== label) button.setAttribute("aria-label", label);
    }));
    this.outputs.forEach(({ canvas }, k) => blit(canvas, (pixels) => {
      if (classes === 2) paintClasses(logits, 2, count, pixels);
      else paintUnit(logits, k * count, count, 1, pixels);
    }));
  }
}

const is = ({ column, row }, unit) => Boolean(unit) && column === unit.layer + 1 && row === unit.row;
const touches = ({ from, to }, unit) => is(from, unit) || is(to, unit);

const nameOf = ({ layer, row }, dag) => `neuron ${row + 1} of ${dag ? "depth" : "layer"} ${layer + 1}`;

/** Draw one line; `shown` is 0 while another unit is lit, 2 when it leads to or from that unit, else 1. */
function stroke(context, way, { weight, strong }, strength, { shown, dense, dag }) {
  const faint = dag && !strong && shown < 2;
  const usual = dense ? 0.12 + 0.6 * strength : 0.9;
  context.globalAlpha = !shown ? (dag ? 0.07 : 0.15) : shown === 2 && dag ? 0.95 : faint ? Math.min(0.32, usual) : dag ? Math.max(0.55, usual) : usual;
  context.strokeStyle = strength < 0.004 ? themed("--line-strong") : CLASSES[weight > 0 ? 1 : 0];
  context.lineWidth = 0.7 + (dense ? 1.8 : faint ? 1.4 : 3.6) * strength;
  context.setLineDash(weight === 0 ? [2, 4] : []);
  context.beginPath();
  context.moveTo(...way[0]);
  for (let i = 1; i < way.length; i += 2) {
    const [[x0, y0], [x1, y1]] = [way[i - 1], way[i]];
    context.bezierCurveTo(x0 + (x1 - x0) * 0.45, y0, x1 - (x1 - x0) * 0.45, y1, x1, y1);
    if (i + 1 < way.length) context.lineTo(...way[i + 1]);
  }
  context.stroke();
}

function blit(canvas, paint) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(SIDE, SIDE);
  paint(new Uint32Array(image.data.buffer));
  context.putImageData(image, 0, 0);
}
