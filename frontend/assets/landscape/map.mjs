// A plane from above: colours, lines of equal loss, the training path, the ball. Clicked, dragged, moved by arrow keys.

import { el, fit, themed } from "../dom.mjs";
import { basinColour, linesByBasin } from "./basins.mjs";
import { contour } from "./contours.mjs";
import { BROKEN, UNKNOWN, nearest, thinned } from "./cells.mjs";
import { drawBall, drawBirth, drawFrame, drawMark, FONT, hatch, HILL_TOP, layOut, stroke } from "./frame.mjs";
import { levels, pixelAt } from "./tone.mjs";

const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

const MOST_MARKED = 150; // Basins with a mark at their lowest cell.

export class Map2D {
  /** `pick(column, row)` when a cell is chosen. */
  constructor(container, { pick }) {
    this.canvas = el("canvas", { class: "fq-canvas", tabIndex: 0, role: "img", "aria-label": "The plane from above; arrow keys move the net" });
    this.paint = document.createElement("canvas");
    this.container = container;
    container.replaceChildren(this.canvas);
    this.pick = pick;
    this.scene = null;
    this.painted = "";
    this.#listen();
    this.resized = new ResizeObserver(() => this.scene && this.draw(this.scene));
    this.resized.observe(container);
  }

  #listen() {
    let held = false;
    const choose = ({ clientX, clientY }) => {
      if (!this.place) return;
      const { left, top } = this.canvas.getBoundingClientRect();
      const { x, y } = this.scene;
      this.pick(nearest(x, this.place.toX(clientX - left)), nearest(y, this.place.toY(clientY - top)));
    };
    const on = (name, call) => this.canvas.addEventListener(name, call);
    on("pointerdown", (event) => { held = true; this.canvas.setPointerCapture(event.pointerId); choose(event); });
    on("pointermove", (event) => held && choose(event));
    for (const name of ["pointerup", "pointercancel"]) on(name, () => { held = false; });
    on("keydown", (event) => {
      if (!(event.key in KEYS) || !this.scene || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      const { x, y, ball } = this.scene;
      const by = event.shiftKey ? 5 : 1;
      const to = KEYS[event.key].map((sign, k) => Math.max(0, Math.min([x, y][k].length - 1, ball[k] + by * sign)));
      this.pick(...to);
    });
  }

  /** scene: {cells, name, scale, x, y, ball [column, row], basins (their topology at a depth, or null), path, births, marks, ghost, xName, yName, done}. */
  draw(scene) {
    this.scene = scene;
    const { context, width, height } = fit(this.canvas);
    if (width < 60 || height < 60 || !scene.cells) return;
    const { x, y, cells, scale } = scene;
    const half = [(x.at(-1) - x[0]) / (x.length - 1) / 2, (y.at(-1) - y[0]) / (y.length - 1) / 2];
    this.place = layOut(width, height, [x[0] - half[0], x.at(-1) + half[0]], [y[0] - half[1], y.at(-1) + half[1]]);
    const { place } = this;
    context.fillStyle = themed("--hover");
    context.fillRect(place.left, place.top, place.width, place.height);
    if (cells.broken(scene.name)) hatch(context, place.left, place.top, place.width, place.height);
    if (scale) this.#colours(context, scene);
    drawFrame(context, place, scene);
    this.#clipped(context, () => this.#marks(context, scene));
  }

  #clipped(context, draw) {
    const { left, top, width, height } = this.place;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    draw();
    context.restore();
  }

  #colours(context, { cells, name, scale, done }) {
    const { columns, rows } = cells;
    const key = [cells.version, name, scale.low, scale.high, scale.log, columns].join();
    if (key !== this.painted || this.cells !== cells) {
      Object.assign(this, { painted: key, cells, filled: cells.filled(name) });
      Object.assign(this.paint, { width: columns, height: rows });
      const inner = this.paint.getContext("2d");
      const image = inner.createImageData(columns, rows);
      const words = new Uint32Array(image.data.buffer);
      const { values, state } = this.filled;
      for (let row = 0, at = 0; row < rows; row += 1) {
        for (let column = 0; column < columns; column += 1, at += 1) {
          if (state[at] !== BROKEN && state[at] !== UNKNOWN) words[(rows - 1 - row) * columns + column] = pixelAt(scale.at(values[at]));
        }
      }
      inner.putImageData(image, 0, 0);
      const grid = thinned(this.filled, columns, rows);
      this.lines = levels(scale).map((level) => contour(grid, grid.columns, grid.rows, level).map((at) => at * grid.stride));
    }
    const { left, top, width, height } = this.place;
    context.imageSmoothingEnabled = done && !this.filled.state.includes(BROKEN);
    context.drawImage(this.paint, left, top, width, height);
  }

  /** Pixels of a place in cells. */
  #spot(column, row, { x, y }) {
    const along = (axis, at) => axis[0] + (at / (axis.length - 1)) * (axis.at(-1) - axis[0]);
    return [this.place.x(along(x, column)), this.place.y(along(y, row))];
  }

  #segments(context, lines, scene, style) {
    context.beginPath();
    for (let i = 0; i < lines.length; i += 4) {
      context.moveTo(...this.#spot(lines[i], lines[i + 1], scene));
      context.lineTo(...this.#spot(lines[i + 2], lines[i + 3], scene));
    }
    Object.assign(context, style);
    context.stroke();
  }

  /** Lines of equal loss; as soon as all cells are known each is in the colour of its basin, if there are several. */
  #levels(context, scene) {
    const { basins, cells } = scene;
    const plain = { strokeStyle: "rgba(255, 255, 255, 0.5)", lineWidth: 1 };
    const isWhole = basins?.row.side === cells.columns && basins.count > 1;
    if (!isWhole) for (const lines of this.lines ?? []) this.#segments(context, lines, scene, plain);
    else for (const [basin, lines] of linesByBasin(this.lines ?? [], basins.row.arrays, basins.homes, cells.columns)) this.#segments(context, lines, scene, basin < 0 ? plain : { strokeStyle: basinColour(basin), lineWidth: 1.6 });
    for (let basin = Math.min(basins?.count ?? 0, MOST_MARKED) - 1; basin >= 0; basin -= 1) {
      const cell = basins.row.arrays.lowest[basin];
      drawMark(context, this.#spot(cell % cells.columns, Math.floor(cell / cells.columns), scene), { colour: basinColour(basin), size: 5 });
    }
  }

  #marks(context, scene) {
    const { path, births, marks, ball, x, y, ghost } = scene;
    this.#levels(context, scene);
    if (ghost) {
      context.setLineDash([2, 5]);
      for (const lines of ghost) this.#segments(context, lines, scene, { strokeStyle: "#f3c6de", lineWidth: 2, lineCap: "round" });
      context.setLineDash([]);
    }
    if (path) {
      const spots = Array.from({ length: path.length / 2 }, (_, i) => [this.place.x(path[2 * i]), this.place.y(path[2 * i + 1])]);
      stroke(context, spots, { colour: "#14181d", width: 2, halo: 1.4 });
      for (const birth of births ?? []) drawBirth(context, ...spots[birth]);
    }
    context.font = FONT;
    for (const mark of marks ?? []) {
      const [px, py] = [this.place.x(mark.x), this.place.y(mark.y)];
      if (mark.hill) drawMark(context, [px, py], { colour: HILL_TOP, size: 6, corners: 4 });
      else stroke(context, [[px - 6, py], [px + 6, py], null, [px, py - 6], [px, py + 6]], { colour: "#14181d", width: 2.4, halo: 1.4 });
      context.fillStyle = "#ffffff";
      context.textAlign = "center";
      context.fillText(mark.name, px, py - 11);
    }
    drawBall(context, this.place.x(x[ball[0]]), this.place.y(y[ball[1]]));
  }

  /** Draw anew at the next draw: size or theme have changed. */
  close() { this.resized.disconnect(); }
}
