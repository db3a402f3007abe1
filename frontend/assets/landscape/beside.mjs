// The net at the ball: its field with the decision boundary where the data are plane, else what it gets right.

import { paintClasses } from "../colour.mjs";
import { el, fit, say } from "../dom.mjs";
import { evaluate, gridPoints, gridSide, latticePoints } from "../forward.mjs";
import { dataBox, placeBox } from "../plane.mjs";
import { drawAxes, drawPoints } from "../plane-marks.mjs";
import { marginsOf } from "../views/graph.mjs";
import { figure, percent } from "../words.mjs";
import { contour } from "./contours.mjs";

const NODES = 90; // A side of the lattice on which the boundary is traced.
const BOUNDARY = "#14181d";

export class Beside {
  constructor(container) {
    this.container = container;
    this.words = el("p", { class: "fq-ball", role: "status", id: "landscape-ball" });
    this.picture = el("div", { class: "fq-field" });
    this.canvas = el("canvas", { class: "fq-canvas", role: "img", id: "landscape-field", "aria-label": "What the net at the ball says of every point of the plane" });
    this.numbers = el("div", { class: "fq-numbers" });
    this.paint = document.createElement("canvas");
    container.replaceChildren(this.words, this.picture, this.numbers);
    this.picture.append(this.canvas);
    this.resized = new ResizeObserver(() => this.again());
    this.resized.observe(this.picture);
  }

  again() { if (this.given) this.draw(this.given); }

  /** given: {net, data, words, cell, middle}; the net is null where only numbers are shown. */
  draw(given) {
    this.given = given;
    const { net, data, words, cell, middle } = given;
    say(this.words, words);
    const isPlane = Boolean(net && data?.train_x && net.weights[0].shape[1] === 2);
    this.picture.hidden = !isPlane;
    this.numbers.hidden = isPlane;
    if (isPlane) this.#field(net, data);
    else this.#numbers(cell, middle);
  }

  #field(net, data) {
    const { context, width, height } = fit(this.canvas);
    if (width < 40 || height < 40) return;
    const box = dataBox(data);
    const place = placeBox(box, width, height, { left: 30, right: 8, top: 6, bottom: 24 });
    const n = gridSide(net, 3e6, 40, 110);
    const result = evaluate(net, gridPoints(box, n, "beside"), n * n, "beside");
    if (this.paint.width !== n) this.paint.width = this.paint.height = n;
    const inner = this.paint.getContext("2d");
    const image = inner.createImageData(n, n);
    const isFinite = result.logits.subarray(0, n * n * result.classes).every(Number.isFinite);
    if (isFinite) paintClasses(result.logits, result.classes, n * n, new Uint32Array(image.data.buffer), false);
    inner.putImageData(image, 0, 0);
    context.drawImage(this.paint, place.left, place.top, place.width, place.height);
    drawAxes(context, place);
    context.save();
    context.beginPath();
    context.rect(place.left, place.top, place.width, place.height);
    context.clip();
    drawPoints(context, place, data, true);
    const edge = isFinite ? boundaryOf(net, box) : [];
    context.beginPath();
    for (let i = 0; i < edge.length; i += 4) {
      context.moveTo(place.x(edge[i]), place.y(edge[i + 1]));
      context.lineTo(place.x(edge[i + 2]), place.y(edge[i + 3]));
    }
    context.lineCap = "round";
    for (const [colour, size] of [["rgba(255, 255, 255, 0.75)", 6], [BOUNDARY, 3]]) { context.strokeStyle = colour; context.lineWidth = size; context.stroke(); }
    context.restore();
    this.canvas.dataset.boundary = String(edge.length / 4);
  }

  #numbers(cell, middle) {
    const row = (name) => [
      el("h4", {}, name === "train" ? "Training points" : "Test points"),
      measure("accuracy", cell?.[`${name}_accuracy`], middle?.[`${name}_accuracy`], percent),
      measure("loss", cell?.[`${name}_loss`], middle?.[`${name}_loss`], figure),
    ];
    const why = this.given.data?.train_x ? "No boundary is drawn of a net of blocks" : "Its inputs are not points of a plane, so there is no boundary to draw";
    const measured = ["train", "test"].filter((name) => !Number.isNaN(middle?.[`${name}_accuracy`] ?? NaN));
    this.numbers.replaceChildren(...measured.flatMap(row), el("p", { class: "note" }, `${why}; these are what the net with exactly these weights gets right.`));
  }

  close() { this.resized.disconnect(); }
}

function measure(name, value, middle, words) {
  const share = name === "accuracy" && Number.isFinite(value) ? value : null;
  return el(
    "div", { class: "fq-measure" },
    el("span", { class: "fq-measure-name" }, name),
    el("b", {}, Number.isFinite(value) ? words(value) : "not finite"),
    share === null ? null : el("span", { class: "fq-bar" }, el("span", { style: `width: ${100 * share}%` })),
    el("span", { class: "note" }, Number.isFinite(middle) ? `in the middle ${words(middle)}` : ""),
  );
}

/** The decision boundary of a net as segments [ax, ay, bx, by, …] in data units, traced on a lattice. */
export function boundaryOf(net, box, nodes = NODES) {
  const count = nodes * nodes;
  const result = evaluate(net, latticePoints(box, nodes, "edge"), count, "edge");
  const classes = result.classes;
  const { logits } = result;
  const found = [];
  const take = (values) => {
    const lines = contour({ values }, nodes, nodes, 0);
    for (let i = 0; i < lines.length; i += 2) {
      found.push(box.x0 + (lines[i] / (nodes - 1)) * (box.x1 - box.x0), box.y1 - (lines[i + 1] / (nodes - 1)) * (box.y1 - box.y0));
    }
  };
  if (classes === 2) take(marginsOf(result, count));
  else {
    for (let k = 0; k < classes; k += 1) {
      const lead = new Float32Array(count);
      for (let i = 0; i < count; i += 1) {
        let best = -Infinity;
        for (let other = 0; other < classes; other += 1) if (other !== k) best = Math.max(best, logits[other * count + i]);
        lead[i] = logits[k * count + i] - best;
      }
      take(lead);
    }
  }
  return found;
}
