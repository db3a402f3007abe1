// The plane: three canvases one over the other. The field, as small as its grid and stretched by the page; axes and
// points, drawn when they change; folds, boundary and corners, drawn with every frame. It draws a scene and reports the pointer; what to show is decided elsewhere.
//
// scene: {frame, net, box, data, hard, showTest, ghost, fresh, flash, lit}
//   frame  a frame event, or null              net   {weights, biases, activation, slope}
//   fresh  {layer, row} of the newest unit     flash 0…1, how strongly it glows
//   ghost  the frame before the last birth     lit   {layer, row} of the unit pointed at

import { paintClasses, paintUnit } from "./colour.mjs";
import { el, fit } from "./dom.mjs";
import { activate, evaluate, gridPoints, gridSide } from "./forward.mjs";
import { drawAxes, drawBoundary, drawCorners, drawFolds, drawGhost, drawPoints } from "./plane-marks.mjs";

const MARGIN = { left: 40, right: 10, top: 10, bottom: 26 };
const REACH = 9; // Pixels within which the pointer is on a fold.

/** The part of the plane that is shown: the data's range and a tenth more on each side, as the geometry is cut. */
export function dataBox({ train_x: train, test_x: test }) {
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (const points of [train, test]) {
    for (let i = 0; i < (points?.length ?? 0); i += 1) {
      low[i % 2] = Math.min(low[i % 2], points[i]);
      high[i % 2] = Math.max(high[i % 2], points[i]);
    }
  }
  const half = 0.6 * Math.max(high[0] - low[0], high[1] - low[1], 1e-6);
  const [x, y] = [0, 1].map((axis) => (low[axis] + high[axis]) / 2);
  return { x0: x - half, x1: x + half, y0: y - half, y1: y + half };
}

/** Where a box lies in a picture of this size, equal scale on both axes; with the maps between them. */
export function placeBox(box, width, height, margin = MARGIN) {
  const room = [width - margin.left - margin.right, height - margin.top - margin.bottom];
  const scale = Math.max(1e-6, Math.min(room[0] / (box.x1 - box.x0), room[1] / (box.y1 - box.y0)));
  const [w, h] = [scale * (box.x1 - box.x0), scale * (box.y1 - box.y0)];
  const left = margin.left + (room[0] - w) / 2;
  const top = margin.top + (room[1] - h) / 2;
  return {
    left, top, width: w, height: h, scale, box,
    x: (value) => left + (value - box.x0) * scale,
    y: (value) => top + (box.y1 - value) * scale,
    toData: (x, y) => [box.x0 + (x - left) / scale, box.y1 - (y - top) / scale],
  };
}

/** The fold piece nearest to a point of the picture, as {layer, row}, or null when none is near. */
export function foldAt(frame, place, x, y, reach = REACH) {
  let best = reach * reach;
  let found = null;
  const { folds, fold_unit: unit } = frame;
  for (let i = 0; i < folds.shape[0]; i += 1) {
    const [ax, ay, bx, by] = [place.x(folds[4 * i]), place.y(folds[4 * i + 1]), place.x(folds[4 * i + 2]), place.y(folds[4 * i + 3])];
    const [dx, dy] = [bx - ax, by - ay];
    const t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
    const distance = (ax + t * dx - x) ** 2 + (ay + t * dy - y) ** 2;
    if (distance < best) { best = distance; found = { layer: unit[2 * i], row: unit[2 * i + 1] }; }
  }
  return found;
}

/** Which class a unit's output argues for: the sign of its weight towards class 1 over class 0; +1 if not direct. */
export function leanOf(net, { layer, row }) {
  const out = net.weights[layer + 1];
  if (!out || layer + 2 !== net.weights.length || out.shape[0] !== 2) return 1;
  return out[out.shape[1] + row] - out[row] < 0 ? -1 : 1;
}

export class Plane {
  constructor(container, { onPoint = () => {}, onCursor = () => {} } = {}) {
    this.container = container;
    this.field = el("canvas", { class: "plane-field", "aria-hidden": "true" });
    this.ground = el("canvas", { class: "plane-ground", "aria-hidden": "true" });
    this.marks = el("canvas", { class: "plane-marks", role: "img", "aria-label": "The plane" });
    this.hatched = document.createElement("canvas");
    container.replaceChildren(this.field, this.ground, this.marks);
    this.scene = null;
    this.painted = null;
    this.grounded = null;
    this.resized = new ResizeObserver(() => { this.forget(); if (this.scene) this.draw(this.scene); });
    this.resized.observe(container);
    this.marks.addEventListener("pointermove", (event) => this.#point(event, onPoint, onCursor));
    this.marks.addEventListener("pointerleave", () => { onPoint(null); onCursor(null); });
  }

  #point(event, onPoint, onCursor) {
    if (!this.place || !this.scene?.frame) return;
    const bounds = this.marks.getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
    const { left, top, width, height } = this.place;
    const inside = x >= left && x <= left + width && y >= top && y <= top + height;
    onCursor(inside ? this.place.toData(x, y) : null);
    onPoint(inside ? foldAt(this.scene.frame, this.place, x, y) : null);
  }

  /** Draw everything anew at the next draw: size or theme have changed. */
  forget() { this.painted = null; this.grounded = null; }

  /** Draw a scene; field and ground are drawn anew only when what they show has changed. */
  draw(scene) {
    this.scene = scene;
    const [width, height] = [this.container.clientWidth, this.container.clientHeight];
    if (!width || !height || !scene.box) return;
    this.place = placeBox(scene.box, width, height);
    const { frame, net, box, lit, hard, data, showTest } = scene;
    if (net && this.#changed("painted", [frame, hard, lit?.layer, lit?.row, box])) this.#paint(scene);
    if (this.#changed("grounded", [data, showTest, Boolean(lit), box])) this.#ground(scene, width, height);
    const { context } = fit(this.marks, width, height);
    if (!frame) return;
    this.#clip(context);
    if (this.hatching) context.drawImage(this.hatched, this.place.left, this.place.top, this.place.width, this.place.height);
    if (scene.ghost) drawGhost(context, this.place, scene.ghost);
    drawFolds(context, this.place, scene);
    drawBoundary(context, this.place, frame);
    drawCorners(context, this.place, frame, lit);
    context.restore();
  }

  #changed(name, key) {
    const same = this[name] && key.every((part, i) => part === this[name][i]);
    this[name] = key;
    return !same;
  }

  #clip(context) {
    const { left, top, width, height } = this.place;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
  }

  #ground({ data, showTest, lit }, width, height) {
    const { context } = fit(this.ground, width, height);
    drawAxes(context, this.place);
    if (!data) return;
    this.#clip(context);
    drawPoints(context, this.place, data, showTest, lit ? 0.55 : 1);
    context.restore();
  }

  #paint({ net, box, lit, hard }) {
    const n = gridSide(net);
    const count = n * n;
    const result = evaluate(net, gridPoints(box, n), count);
    const { left, top, width, height } = this.place;
    if (this.field.width !== n) this.field.width = this.field.height = n;
    Object.assign(this.field.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    const context = this.field.getContext("2d");
    const image = context.createImageData(n, n);
    const pixels = new Uint32Array(image.data.buffer);
    const seen = lit && lit.row < (net.weights[lit.layer]?.shape[0] ?? 0) ? result.before[lit.layer] : null;
    this.hatching = Boolean(seen) && net.activation !== "tanh";
    if (seen) {
      const values = seen.slice(lit.row * count, (lit.row + 1) * count);
      activate(net.activation, net.slope, values, values, count);
      paintUnit(values, 0, count, leanOf(net, lit), pixels);
    } else paintClasses(result.logits, result.classes, count, pixels, hard);
    context.putImageData(image, 0, 0);
    if (this.hatching) this.#hatch(seen, lit.row * count, n);
  }

  /** Hatch the side on which a unit is active. */
  #hatch(before, from, n) {
    const mask = document.createElement("canvas");
    mask.width = mask.height = n;
    const inner = mask.getContext("2d");
    const image = inner.createImageData(n, n);
    for (let i = 0; i < n * n; i += 1) image.data[4 * i + 3] = before[from + i] > 0 ? 255 : 0;
    inner.putImageData(image, 0, 0);
    const [width, height] = [Math.round(this.place.width), Math.round(this.place.height)];
    Object.assign(this.hatched, { width, height });
    const lines = this.hatched.getContext("2d");
    lines.strokeStyle = "rgba(20, 24, 29, 0.3)";
    lines.lineWidth = 1;
    lines.beginPath();
    for (let x = -height; x < width; x += 9) { lines.moveTo(x, height); lines.lineTo(x + height, 0); }
    lines.stroke();
    lines.globalCompositeOperation = "destination-in";
    lines.drawImage(mask, 0, 0, width, height);
  }

  close() { this.resized.disconnect(); }
}
