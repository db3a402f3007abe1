// How a net does on each class: the matrix, the share of each class that is right, and the examples missed most often.

import { el, fit, themed } from "../dom.mjs";
import { figure, share } from "../words.mjs";

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

/** Strength of a cell from 0 to 1: the diagonal against its row, errors against the largest error. */
export function strength(confusion, classes, row, column) {
  const value = confusion[row * classes + column];
  if (!value) return 0;
  if (row === column) return classAccuracy(confusion, classes)[row];
  return 0.3 + 0.7 * (value / Math.max(MANY, worst(confusion, classes, 1)[0][2]));
}

/** The pixels of example `index` of a split, dark on light as written. */
function drawExample(canvas, points, index, [rows, columns]) {
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  const size = rows * columns;
  for (let i = 0; i < size; i += 1) {
    const grey = 255 - Math.round(255 * Math.max(0, Math.min(1, points[index * size + i])));
    image.data.set([grey, grey, grey, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

const SHOWN = 12;

export class ConfusionView {
  constructor(place) {
    this.canvas = el("canvas", { class: "fx-matrix", role: "img", "aria-label": "Confusion matrix" });
    this.words = el("p", { class: "fx-caption" });
    this.missed = el("div", { class: "fx-missed" });
    this.heading = el("h4", { class: "fx-sub" }, "Missed most often");
    place.replaceChildren(el("div", { class: "fx-matrix-place" }, this.canvas), this.words, this.heading, this.missed);
    this.tiles = [];
  }

  draw({ frame, data }) {
    if (!frame || !data) return;
    const classes = data.classes;
    const rates = classAccuracy(frame.confusion, classes);
    this.#matrix(frame.confusion, classes, rates);
    const [first] = worst(frame.confusion, classes);
    const right = rates.reduce((sum, rate) => sum + (Number.isFinite(rate) ? rate : 0), 0) / classes;
    this.words.textContent = `${frame.split} points · mean class accuracy ${share(right)}${first?.[2] > 1 ? ` · most often a ${first[0]} read as ${first[1]}, ${first[2]} times` : ""}`;
    this.#examples(frame, data);
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
    for (let k = 0; k < classes; k += 1) {
      text(String(k), left + (k + 0.5) * cell, top - 8, faint);
      text(String(k), left - 10, top + (k + 0.5) * cell, faint);
    }
    for (let row = 0; row < classes; row += 1) {
      for (let column = 0; column < classes; column += 1) this.#cell(context, confusion, classes, row, column, { left, top, cell, text });
      const y = top + (row + 0.5) * cell;
      const [x, room] = [left + classes * cell + 10, 40];
      context.fillStyle = themed("--line");
      context.fillRect(x, y - 3, room, 6);
      context.fillStyle = themed("--accent");
      context.fillRect(x, y - 3, room * (rates[row] || 0), 6);
      text(Number.isFinite(rates[row]) ? rates[row].toFixed(2) : "–", x + room + 8, y, ink, "left");
    }
  }

  #cell(context, confusion, classes, row, column, { left, top, cell, text }) {
    const value = confusion[row * classes + column];
    const strong = strength(confusion, classes, row, column);
    context.globalAlpha = 1;
    context.fillStyle = themed("--page");
    context.fillRect(left + column * cell + 0.5, top + row * cell + 0.5, cell - 1, cell - 1);
    context.globalAlpha = strong * (row === column ? 0.85 : 0.9);
    context.fillStyle = row === column ? themed("--accent") : themed("--new-fold");
    context.fillRect(left + column * cell + 0.5, top + row * cell + 0.5, cell - 1, cell - 1);
    context.globalAlpha = 1;
    if (value && cell > 18) text(String(value), left + (column + 0.5) * cell, top + (row + 0.5) * cell, strong > 0.55 ? themed("--on-accent") : themed("--ink"));
  }

  #examples({ missed, missed_count: counts, missed_as: said, split }, data) {
    const points = data[`${split}_x`];
    const labels = data[`${split}_y`];
    const count = Math.min(SHOWN, missed.length);
    this.heading.textContent = count ? "Missed most often" : "Nothing is missed";
    while (this.tiles.length < count) this.tiles.push(this.#tile());
    this.missed.replaceChildren(...this.tiles.slice(0, count).map((tile) => tile.place));
    for (let i = 0; i < count; i += 1) {
      const tile = this.tiles[i];
      if (data.image_shape && tile.index !== missed[i]) drawExample(tile.canvas, points, missed[i], data.image_shape);
      tile.index = missed[i];
      const now = said[i] === labels[missed[i]] ? "right now" : `read as ${said[i]}`;
      tile.words.textContent = `${labels[missed[i]]} · ${now}`;
      tile.place.title = `Example ${missed[i]}: a ${labels[missed[i]]}, missed at ${figure(counts[i])} measurements, ${now}.`;
      tile.place.classList.toggle("fx-righted", said[i] === labels[missed[i]]);
    }
  }

  #tile() {
    const canvas = el("canvas", { class: "fx-digit" });
    const words = el("span", {});
    return { canvas, words, index: -1, place: el("figure", { class: "fx-tile" }, canvas, words) };
  }

  close() {}
}
