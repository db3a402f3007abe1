// The same plane as a surface that can be turned: height and colour are the loss.

import { el, fit, themed } from "../dom.mjs";
import { projection, turned } from "../views/camera.mjs";
import { DepthBuffer, shading } from "../views/depth.mjs";
import { strokeLines } from "../views/space-marks.mjs";
import { BROKEN, FINE } from "./cells.mjs";
import { drawBall, drawBirth, FONT } from "./frame.mjs";
import { look } from "./tone.mjs";
import { figure } from "../words.mjs";

const START = Object.freeze({ azimuth: -34, elevation: 38 });
const TALL = 0.62;
const MOST = 121; // Points a side of the mesh: finer ones would not be seen.
const TURN = 0.45;
const CLICK = 5; // Pixels within which a press is not a drag.
const SLACK = 0.05;
const KEYS = { ArrowLeft: [-6, 0], ArrowRight: [6, 0], ArrowUp: [0, 6], ArrowDown: [0, -6] };

export class Relief {
  /** `pick(column, row)` when a place is clicked. */
  constructor(container, { pick }) {
    this.container = container;
    this.image = el("canvas", { class: "fq-canvas", "aria-hidden": "true" });
    this.marks = el("canvas", { class: "fq-canvas fq-turning", tabIndex: 0, role: "img", "aria-label": "The surface; drag or arrow keys turn it, Home turns it back" });
    container.replaceChildren(this.image, this.marks);
    this.buffer = new DepthBuffer();
    this.camera = START;
    this.scene = null;
    this.pick = pick;
    this.#listen();
    this.resized = new ResizeObserver(() => this.again());
    this.resized.observe(container);
  }

  again() { if (this.scene) this.draw(this.scene); }

  #listen() {
    let grip = null;
    let moved = 0;
    const on = (name, call) => this.marks.addEventListener(name, call);
    const turn = (by, rise) => { this.camera = turned(this.camera, by, rise); this.asked ??= requestAnimationFrame(() => { this.asked = null; this.again(); }); };
    on("pointerdown", (event) => { grip = [event.clientX, event.clientY]; moved = 0; this.marks.setPointerCapture(event.pointerId); });
    on("pointermove", (event) => {
      if (!grip) return;
      const by = [event.clientX - grip[0], event.clientY - grip[1]];
      moved += Math.hypot(...by);
      grip = [event.clientX, event.clientY];
      if (moved > CLICK) turn(-TURN * by[0], TURN * by[1]);
    });
    on("pointerup", (event) => { if (grip && moved <= CLICK) this.#choose(event); grip = null; });
    on("pointercancel", () => { grip = null; });
    on("dblclick", () => this.home());
    on("keydown", (event) => {
      if (event.key === "Home") this.home();
      else if (event.key in KEYS) turn(...KEYS[event.key]);
      else return;
      event.preventDefault();
    });
  }

  home() { this.camera = START; this.again(); }

  #choose({ clientX, clientY }) {
    const { left, top } = this.marks.getBoundingClientRect();
    let [best, found] = [24, null];
    const { spots, side, columns } = this.mesh ?? {};
    for (let i = 0; spots && i < spots.length / 3; i += 1) {
      const distance = Math.hypot(spots[3 * i] - clientX + left, spots[3 * i + 1] - clientY + top);
      if (distance < best && this.#sees(spots[3 * i], spots[3 * i + 1], spots[3 * i + 2])) { best = distance; found = i; }
    }
    if (found !== null) this.pick(columns[found % side], this.mesh.rows[Math.floor(found / side)]);
  }

  #sees(x, y, z) { return this.buffer.sees(x * this.ratio, y * this.ratio, z, SLACK); }

  /** The same scene as a map's, with `pathLoss`. */
  draw(scene) {
    this.scene = scene;
    const [width, height] = [this.container.clientWidth, this.container.clientHeight];
    if (width < 60 || height < 60 || !scene.cells || !scene.scale) { fit(this.marks); fit(this.image); return; }
    this.ratio = Math.min(2, globalThis.devicePixelRatio || 1);
    const eye = projection(this.camera, width, height, 3.0);
    eye.sees = (...spot) => this.#sees(...spot);
    const surface = this.#surface(scene);
    const spots = eye.all(surface.positions);
    this.mesh = { spots, side: surface.columns.length, columns: surface.columns, rows: surface.rows };
    this.#raster(surface, spots, width, height);
    this.#draw(scene, surface, eye, width, height);
  }

  #surface({ cells, name, scale }) {
    const key = [cells.version, name, scale.low, scale.high, scale.log].join();
    if (this.key === key && this.cells === cells) return this.kept;
    const pickOf = (count) => { const n = Math.min(MOST, count); return Array.from({ length: n }, (_, i) => Math.round((i * (count - 1)) / Math.max(1, n - 1))); };
    const [columns, rows] = [pickOf(cells.columns), pickOf(cells.rows)];
    const { values, state } = cells.filled(name);
    const side = columns.length;
    const positions = new Float32Array(3 * side * rows.length);
    const shares = new Float32Array(side * rows.length);
    const fine = new Uint8Array(side * rows.length);
    rows.forEach((row, r) => columns.forEach((column, c) => {
      const [at, cell] = [r * side + c, row * cells.columns + column];
      fine[at] = state[cell] === FINE ? 1 : 0;
      shares[at] = fine[at] ? scale.at(values[cell]) : 1;
      positions.set([(2 * column) / (cells.columns - 1) - 1, (2 * row) / (cells.rows - 1) - 1, TALL * (2 * shares[at] - 1)], 3 * at);
    }));
    const faces = [];
    for (let r = 0; r < rows.length - 1; r += 1) {
      for (let c = 0; c < side - 1; c += 1) {
        const corners = [r * side + c, r * side + c + 1, (r + 1) * side + c + 1, (r + 1) * side + c];
        if (corners.every((corner) => fine[corner])) faces.push(corners);
      }
    }
    Object.assign(this, { key, cells, kept: { columns, rows, positions, shares, faces, light: shading(faces, positions), broken: state.includes(BROKEN) } });
    return this.kept;
  }

  #raster({ faces, shares, light }, spots, width, height) {
    const { ratio, buffer, image } = this;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    buffer.begin(w, h);
    const scaled = ratio === 1 ? spots : spots.map((value, i) => (i % 3 < 2 ? value * ratio : value));
    buffer.faces(faces, scaled, { values: shares, channels: 1, look }, light);
    if (image.width !== w || image.height !== h) Object.assign(image, { width: w, height: h });
    image.getContext("2d").putImageData(new ImageData(buffer.pixels, w, h), 0, 0);
  }

  #draw(scene, surface, eye, width, height) {
    const { context } = fit(this.marks);
    const { x, y, scale, path, pathLoss, births, ball, cells, name, xName, yName } = scene;
    const unit = (axis, value) => (2 * (value - axis[0])) / (axis.at(-1) - axis[0]) - 1;
    const floor = -TALL - 0.12;
    const corners = [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([a, b]) => eye.point([a, b, floor]));
    strokeLines(context, eye, corners.map((spot, i) => [spot, corners[(i + 1) % 4]]), { colour: themed("--line-strong"), width: 1.2, faint: 0.1 });
    context.font = FONT;
    context.fillStyle = themed("--ink-3");
    context.textAlign = "center";
    context.textBaseline = "middle";
    const near = Math.abs(this.camera.azimuth) < 90 ? -1 : 1;
    const side = this.camera.azimuth < 0 ? -1 : 1;
    for (const [words, spot] of [[xName, [0, 1.22 * near, floor]], [yName, [1.22 * side, 0, floor]]]) {
      const half = context.measureText(words).width / 2 + 4;
      const [px, py] = eye.point(spot);
      context.fillText(words, Math.max(half, Math.min(width - half, px)), py);
    }
    const mast = [[-1, 1], [1, 1], [1, -1], [-1, -1]].map(([a, b]) => [a, b, eye.point([a, b, 0])[0]]).sort((a, b) => a[2] - b[2])[0];
    context.textAlign = "right";
    for (const share of [0, 0.5, 1]) {
      const [px, py] = eye.point([mast[0], mast[1], TALL * (2 * share - 1)]);
      const words = `${figure(scale.value(share), 2)} –`;
      context.fillText(words, Math.max(px - 3, context.measureText(words).width + 2), py);
    }
    if (path && pathLoss) {
      const height3 = (loss) => TALL * (2 * scale.at(Number.isFinite(loss) ? loss : scale.high) - 1) + 0.012;
      const spots = Array.from({ length: path.length / 2 }, (_, i) => eye.point([unit(x, path[2 * i]), unit(y, path[2 * i + 1]), height3(pathLoss[i])]));
      strokeLines(context, eye, spots.slice(1).map((spot, i) => [spots[i], spot]), { colour: "#14181d", width: 2, halo: "rgba(255, 255, 255, 0.85)", faint: 0.25 });
      for (const birth of births ?? []) drawBirth(context, spots[birth][0], spots[birth][1]);
    }
    const value = cells.of(name)[ball[1] * cells.columns + ball[0]];
    const at = eye.point([unit(x, x[ball[0]]), unit(y, y[ball[1]]), TALL * (2 * (Number.isFinite(value) ? scale.at(value) : 1) - 1) + 0.02]);
    context.globalAlpha = this.#sees(...at) ? 1 : 0.4;
    drawBall(context, at[0], at[1] - 3);
    context.globalAlpha = 1;
    if (surface.broken) { context.textAlign = "left"; context.fillStyle = themed("--ink-3"); context.fillText("gaps: no finite loss", 8, height - 10); }
  }

  close() { this.resized.disconnect(); }
}
