// The planes that a few directions span two by two, as a matrix of small pictures with one colour scale. A click opens one.

import { el, fit, themed } from "../dom.mjs";
import { BROKEN, UNKNOWN, thinned } from "./cells.mjs";
import { contour } from "./contours.mjs";
import { drawBall, hatch, layOut, stroke } from "./frame.mjs";
import { ColourKey, brokenSays } from "./key.mjs";
import { levels, pixelAt } from "./tone.mjs";

const EDGE = { left: 1, right: 1, top: 1, bottom: 1 };
const LEVELS = 7;

export class PlanesMatrix {
  /** `open(i, j)` when the plane of two directions is chosen, counted from 0. */
  constructor(place, { open }) {
    this.open = open;
    this.matrix = el("div", { class: "fq-matrix" });
    const key = el("div", { class: "fq-key fq-planes-key" });
    place.replaceChildren(this.matrix, key);
    this.key = new ColourKey(key, "landscape-planes-broken");
    this.paint = document.createElement("canvas");
    this.shape = "";
    this.resized = new ResizeObserver(() => this.scene && this.draw(this.scene));
    this.resized.observe(place);
  }

  /** scene: {cells, pairs, names (of the directions), axes (each one's coordinates), path (a row a moment) or null, name, scale, done}. */
  draw(scene) {
    this.scene = scene;
    const { pairs, names, cells, name, scale } = scene;
    this.#lay(pairs, names);
    pairs.forEach((pair, plane) => this.#plane(this.canvases[plane], pair, cells.planes[plane], scene));
    this.key.draw(scale, cells.limits(name), [brokenSays(cells.broken(name)), scene.path ? "line: the way training went" : ""]);
  }

  /** A row for each direction but the first, a column for each but the last; names stand at the edges. */
  #lay(pairs, names) {
    const shape = JSON.stringify([pairs, names]);
    if (shape === this.shape) return;
    this.shape = shape;
    const side = names.length - 1;
    this.matrix.style.setProperty("--planes", side);
    const button = ([i, j]) => {
      const canvas = el("canvas", { class: "fq-canvas" });
      const words = `→ ${names[i]}, ↑ ${names[j]}: open this plane`;
      const node = el("button", { type: "button", class: "fq-small-plane", title: words, "aria-label": words, "data-pair": `${i}-${j}`, onclick: () => this.open(i, j), style: `grid-column: ${i + 2}; grid-row: ${j}` }, canvas);
      return { node, canvas };
    };
    const found = pairs.map(button);
    this.canvases = found.map(({ canvas }) => canvas);
    const below = names.slice(0, -1).map((name, i) => el("span", { class: "fq-matrix-below", style: `grid-column: ${i + 2}; grid-row: ${side + 1}` }, `→ ${name}`));
    const beside = names.slice(1).map((name, j) => el("span", { class: "fq-matrix-beside", style: `grid-column: 1; grid-row: ${j + 1}` }, el("span", {}, `↑ ${name}`)));
    this.matrix.replaceChildren(...found.map(({ node }) => node), ...below, ...beside);
  }

  #plane(canvas, [i, j], cells, { axes, name, scale, path, done }) {
    const { context, width, height } = fit(canvas);
    if (width < 20 || height < 20) return;
    const [x, y] = [axes[i], axes[j]];
    const place = layOut(width, height, [x[0], x.at(-1)], [y[0], y.at(-1)], EDGE);
    context.fillStyle = themed("--hover");
    context.fillRect(0, 0, width, height);
    if (!scale || !cells.count) return;
    if (cells.broken(name)) hatch(context, place.left, place.top, place.width, place.height);
    const filled = cells.filled(name);
    this.#colours(context, place, cells, filled, scale, done);
    const spot = (column, row) => [place.left + (column / (cells.columns - 1)) * place.width, place.top + place.height - (row / (cells.rows - 1)) * place.height];
    const grid = thinned(filled, cells.columns, cells.rows);
    for (const level of levels(scale, LEVELS)) {
      const lines = contour(grid, grid.columns, grid.rows, level);
      const points = [];
      for (let at = 0; at < lines.length; at += 4) points.push(spot(lines[at] * grid.stride, lines[at + 1] * grid.stride), spot(lines[at + 2] * grid.stride, lines[at + 3] * grid.stride), null);
      stroke(context, points, { colour: "rgba(255, 255, 255, 0.45)", width: 0.8 });
    }
    if (path) stroke(context, path.map((moment) => [place.x(moment[i]), place.y(moment[j])]), { colour: "#14181d", width: 1.4, halo: 1 });
    drawBall(context, place.x(0), place.y(0), 4);
  }

  #colours(context, place, cells, { values, state }, scale, done) {
    const { columns, rows } = cells;
    Object.assign(this.paint, { width: columns, height: rows });
    const inner = this.paint.getContext("2d");
    const image = inner.createImageData(columns, rows);
    const words = new Uint32Array(image.data.buffer);
    for (let row = 0, at = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1, at += 1) {
        if (state[at] !== BROKEN && state[at] !== UNKNOWN) words[(rows - 1 - row) * columns + column] = pixelAt(scale.at(values[at]));
      }
    }
    inner.putImageData(image, 0, 0);
    context.imageSmoothingEnabled = done && !state.includes(BROKEN);
    context.drawImage(this.paint, place.left, place.top, place.width, place.height);
  }

  close() { this.resized.disconnect(); }
}

/** Rows of a matrix that came as one array. */
export const matrixRows = (array, width) => (array ? Array.from({ length: array.length / width }, (_, row) => array.subarray(row * width, (row + 1) * width)) : null);
