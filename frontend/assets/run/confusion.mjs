// How a net does on each class: the matrix, the share of each class that is right, and the examples missed most often.

import { el, fit, themed } from "../dom.mjs";
import { share } from "../words.mjs";
import { Missed, nameOf } from "./missed.mjs";
import { openNearest } from "./nearest.mjs";

/** Share of each true class that is right; NaN for a class without examples. */
export function classAccuracy(confusion, classes) {
  return Array.from({ length: classes }, (_, row) => {
    let all = 0;
    for (let column = 0; column < classes; column += 1) all += confusion[row * classes + column];
    return all ? confusion[row * classes + row] / all : NaN;
  });
}

/** The worst confusions off the diagonal: [[true, predicted, count]], worst first. */
export function worst(confusion, classes, most = 3) {
  const found = [];
  for (let i = 0; i < confusion.length; i += 1) {
    const [row, column] = [Math.floor(i / classes), i % classes];
    if (row !== column && confusion[i] > 0) found.push([row, column, confusion[i]]);
  }
  return found.sort((a, b) => b[2] - a[2]).slice(0, most);
}

const MANY = 6; // So many errors in one cell are shown at full strength, whatever the others are.

/** Strength of each cell from 0 to 1: the diagonal against its row, errors against the largest error. */
export function strengths(confusion, classes) {
  const rates = classAccuracy(confusion, classes);
  let most = MANY;
  confusion.forEach((value, i) => { if (Math.floor(i / classes) !== i % classes) most = Math.max(most, value); });
  return Array.from(confusion, (value, i) => {
    if (!value) return 0;
    const row = Math.floor(i / classes);
    return row === i % classes ? rates[row] : 0.3 + 0.7 * (value / most);
  });
}

/** Every how many-th of lines so far apart is written, so that words of some pixels do not touch. */
export const everyNth = (apart, words = 14) => Math.max(1, Math.ceil(words / apart));

/** Matthews correlation of a confusion matrix of any number of classes (Gorodkin 2004); 0 where it is not defined. */
export function matthews(confusion, classes) {
  const truly = new Float64Array(classes);
  const said = new Float64Array(classes);
  let [right, all] = [0, 0];
  for (let i = 0; i < confusion.length; i += 1) {
    const [row, column] = [Math.floor(i / classes), i % classes];
    truly[row] += confusion[i];
    said[column] += confusion[i];
    all += confusion[i];
    if (row === column) right += confusion[i];
  }
  const dot = (a, b) => a.reduce((sum, value, k) => sum + value * b[k], 0);
  const spread = Math.sqrt((all * all - dot(said, said)) * (all * all - dot(truly, truly)));
  return spread ? (right * all - dot(truly, said)) / spread : 0;
}

export class ConfusionView {
  constructor(place) {
    this.canvas = el("canvas", { class: "fx-matrix", role: "img", "aria-label": "Confusion matrix" });
    this.words = el("p", { class: "fx-caption" });
    this.missed = new Missed((index) => this.#open(index));
    place.replaceChildren(el("div", { class: "fx-matrix-place" }, this.canvas), this.words, this.missed.heading, this.missed.place);
  }

  draw({ run, frame, data }) {
    if (!frame || !data) return;
    const classes = data.classes;
    const rates = classAccuracy(frame.confusion, classes);
    this.#matrix(frame.confusion, classes, rates);
    const [first] = worst(frame.confusion, classes);
    const right = rates.reduce((sum, rate) => sum + (Number.isFinite(rate) ? rate : 0), 0) / classes;
    const most = first?.[2] > 1 ? ` · most often ${nameOf(data, first[0])} read as ${nameOf(data, first[1])}, ${first[2]} times` : "";
    this.words.textContent = `${frame.split} points · mean class accuracy ${share(right)} · Matthews correlation ${matthews(frame.confusion, classes).toFixed(3)}${most}`;
    this.missed.draw(run, frame, data);
  }

  /** A test point opens with its nearest training point. */
  #open(index) {
    const { run, frame, data } = this.missed.now;
    if (frame.split === "test") openNearest({ run, data, index, answer: frame.missed_as[frame.missed.indexOf(index)] });
  }

  #matrix(confusion, classes, rates) {
    const { context, width, height } = fit(this.canvas, this.canvas.clientWidth, this.canvas.clientHeight);
    const [left, top, right] = [34, 34, 92];
    const cell = Math.min((width - left - right) / classes, (height - top - 2) / classes);
    const text = (words, x, y, colour, align = "center") => {
      context.fillStyle = colour;
      context.textAlign = align;
      context.textBaseline = "middle";
      context.fillText(words, x, y);
    };
    context.font = "11.5px Inter, system-ui, sans-serif";
    const [ink, faint] = [themed("--ink"), themed("--ink-3")];
    text("read as", left + (cell * classes) / 2, 8, faint);
    text("is", left - 10, top - 8, faint);
    const [across, down] = [everyNth(cell, String(classes - 1).length * 8 + 6), everyNth(cell)];
    for (let k = 0; k < classes; k += 1) {
      if (k % across === 0) text(String(k), left + (k + 0.5) * cell, top - 8, faint);
      if (k % down === 0) text(String(k), left - 10, top + (k + 0.5) * cell, faint);
    }
    this.#cells(context, confusion, classes, { left, top, cell, text });
    const [line, accent, thick] = [themed("--line"), themed("--accent"), Math.min(6, Math.max(1, cell - 1))];
    for (let row = 0; row < classes; row += 1) {
      const y = top + (row + 0.5) * cell;
      const [x, room] = [left + classes * cell + 10, 40];
      context.fillStyle = line;
      context.fillRect(x, y - thick / 2, room, thick);
      context.fillStyle = accent;
      context.fillRect(x, y - thick / 2, room * (rates[row] || 0), thick);
      if (row % down === 0) text(Number.isFinite(rates[row]) ? rates[row].toFixed(2) : "–", x + room + 8, y, ink, "left");
    }
  }

  #cells(context, confusion, classes, { left, top, cell, text }) {
    const [page, right, wrong, onAccent, ink] = ["--page", "--accent", "--new-fold", "--on-accent", "--ink"].map((name) => themed(name));
    const all = strengths(confusion, classes);
    const side = cell > 4 ? cell - 1 : cell; // Lines between cells that are hardly wider would be all that is seen.
    confusion.forEach((value, i) => {
      const [row, column] = [Math.floor(i / classes), i % classes];
      const [x, y] = [left + column * cell + (cell - side) / 2, top + row * cell + (cell - side) / 2];
      context.globalAlpha = 1;
      context.fillStyle = page;
      context.fillRect(x, y, side, side);
      context.globalAlpha = all[i] * (row === column ? 0.85 : 0.9);
      context.fillStyle = row === column ? right : wrong;
      context.fillRect(x, y, side, side);
      context.globalAlpha = 1;
      if (value && cell > 18) text(String(value), left + (column + 0.5) * cell, top + (row + 0.5) * cell, all[i] > 0.55 ? onAccent : ink);
    });
  }

  close() {}
}
