// The net as a diagram: inputs, a thumbnail of what each hidden unit gives, output; lines as thick as their weights.
// Every unit is a button: pointing at it, or focusing it, lights its fold and shows its field in the plane.

import { CLASSES, GROWN, NEW_FOLD, paintClasses, paintUnit } from "./colour.mjs";
import { el, fit, themed } from "./dom.mjs";
import { evaluate, gridPoints, outputOf } from "./forward.mjs";
import { leanOf } from "./views/picture.mjs";

const SIDE = 22; // Cells of a thumbnail.
const MOST_LINES = 600;

/** Middle of each unit of each layer (inputs and outputs too) in a box, and the side of its picture. */
export function arrange(widths, width, height) {
  const columns = widths.length;
  const inset = 26;
  return widths.map((count, column) => {
    const x = inset + (column * (width - 2 * inset)) / Math.max(1, columns - 1);
    const room = height / count;
    const ends = column === 0 || column === columns - 1;
    const side = Math.max(2, Math.min(ends ? 30 : 44, room - Math.min(6, room * 0.25)));
    const pitch = Math.min(room, side + 16);
    return Array.from({ length: count }, (_, row) => ({ x, y: height / 2 + (row - (count - 1) / 2) * pitch, side }));
  });
}

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

  /** Show a net. `births` tells which units were grown; `lit` and `fresh` are {layer, row}. */
  draw({ net, frame, box, births = [], lit = null, fresh = null }) {
    if (!net || !frame || !box) return;
    const [width, height] = [this.place.clientWidth, this.place.clientHeight];
    if (!width || !height) return;
    const hidden = net.weights.slice(0, -1).map((weight) => weight.shape[0]);
    const classes = net.weights.at(-1).shape[0];
    const widths = [2, ...hidden, classes === 2 ? 1 : classes];
    const spots = arrange(widths, width, height);
    const shape = `${widths}/${width}x${height}`;
    if (shape !== this.shape) this.#build(spots, hidden.length, classes);
    this.shape = shape;
    this.#lines(net, spots, width, height, lit);
    this.#pictures(net, frame, box, births, lit, fresh);
  }

  #build(spots, layers, classes) {
    const focused = document.activeElement?.dataset?.unit;
    this.layer.replaceChildren();
    const place = (element, { x, y, side }) => {
      Object.assign(element.style, { left: `${x - side / 2}px`, top: `${y - side / 2}px`, width: `${side}px`, height: `${side}px` });
      this.layer.append(element);
      return element;
    };
    spots[0].forEach((spot, i) => place(el("span", { class: "net-input" }, i ? "y" : "x"), spot));
    this.buttons = spots.slice(1, -1).map((column, layer) => column.map((spot, row) => {
      const point = () => this.onPoint({ layer, row });
      const leave = () => this.onPoint(null);
      const canvas = el("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
      const button = el("button", {
        class: spot.side < 10 ? "net-unit is-small" : "net-unit", type: "button", "data-unit": `${layer}.${row}`, title: `neuron ${row + 1}`,
        onpointerenter: point, onpointerleave: leave, onfocus: point, onblur: leave,
        onclick: () => this.onPick({ layer, row }),
      }, canvas);
      return { button: place(button, spot), canvas };
    }));
    this.outputs = spots.at(-1).map((spot, k) => {
      const canvas = el("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
      const box = el("span", { class: "net-output", title: classes === 2 ? "output" : `output of class ${k}` }, canvas);
      if (classes > 2) box.style.borderColor = CLASSES[k];
      return { box: place(box, spot), canvas };
    });
    if (focused) this.layer.querySelector(`[data-unit="${focused}"]`)?.focus();
  }

  #lines(net, spots, width, height, lit) {
    const { context } = fit(this.lines, width, height);
    context.lineCap = "round";
    net.weights.forEach((weight, layer) => {
      const binary = layer === net.weights.length - 1 && weight.shape[0] === 2;
      const [from, to] = [spots[layer], spots[layer + 1]];
      const columns = weight.shape[1];
      const value = (row, column) => (binary ? weight[columns + column] - weight[column] : weight[row * columns + column]);
      const lines = to.flatMap((_, row) => from.map((__, column) => ({ row, column, w: value(row, column) })));
      const most = lines.reduce((top, { w }) => Math.max(top, Math.abs(w)), 1e-9);
      if (lines.length > MOST_LINES) { lines.sort((a, b) => Math.abs(b.w) - Math.abs(a.w)); lines.length = MOST_LINES; }
      const dense = lines.length > 80;
      for (const { row, column, w } of lines) {
        const strength = Math.abs(w) / most;
        const [a, b] = [from[column], to[row]];
        const touched = lit && ((layer === lit.layer && row === lit.row) || (layer === lit.layer + 1 && column === lit.row));
        context.globalAlpha = lit && !touched ? 0.15 : dense ? 0.12 + 0.6 * strength : 0.9;
        context.strokeStyle = strength < 0.004 ? themed("--line-strong") : CLASSES[w > 0 ? 1 : 0];
        context.lineWidth = 0.7 + (dense ? 1.8 : 3.6) * strength;
        context.setLineDash(w === 0 ? [2, 4] : []);
        const [x0, x1] = [a.x + a.side / 2, b.x - b.side / 2];
        context.beginPath();
        context.moveTo(x0, a.y);
        context.bezierCurveTo(x0 + (x1 - x0) * 0.45, a.y, x1 - (x1 - x0) * 0.45, b.y, x1, b.y);
        context.stroke();
      }
    });
    context.globalAlpha = 1;
    context.setLineDash([]);
  }

  #pictures(net, frame, box, births, lit, fresh) {
    const count = SIDE * SIDE;
    const result = evaluate(net, gridPoints(box, SIDE, "thumb"), count, "thumb");
    const { logits, classes } = result;
    const born = new Set(births.map((birth) => `${birth.layer}.${birth.unit}`));
    this.buttons.forEach((column, layer) => column.forEach(({ button, canvas }, row) => {
      if (canvas.parentElement.offsetWidth >= 8) {
        const values = outputOf(net, result, { layer, row }, count);
        blit(canvas, (pixels) => paintUnit(values, 0, count, leanOf(net, { layer, row }), pixels));
      }
      const grown = born.has(`${layer}.${frame.units[layer]?.[row]}`);
      const isFresh = fresh && fresh.layer === layer && fresh.row === row;
      const isLit = lit && lit.layer === layer && lit.row === row;
      button.style.setProperty("--edge", isFresh ? NEW_FOLD : grown ? GROWN : "var(--ink-3)");
      button.classList.toggle("is-lit", Boolean(isLit));
      button.classList.toggle("is-grown", grown);
      const name = `neuron ${row + 1} of layer ${layer + 1}${grown ? ", grown" : ""}`;
      if (button.getAttribute("aria-label") !== name) button.setAttribute("aria-label", name);
    }));
    this.outputs.forEach(({ canvas }, k) => blit(canvas, (pixels) => {
      if (classes === 2) paintClasses(logits, 2, count, pixels);
      else paintUnit(logits, k * count, count, 1, pixels);
    }));
  }
}

function blit(canvas, paint) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(SIDE, SIDE);
  paint(new Uint32Array(image.data.buffer));
  context.putImageData(image, 0, 0);
}
