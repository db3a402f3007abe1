// The plane: three canvases one over the other. The picture (field or regions), stretched by the page; axes and points,
// drawn when they change; folds, boundary and corners, drawn with every frame. It draws a scene and reports the pointer;
// what to show is decided elsewhere.
//
// scene: {view, frame, net, box, data, hard, showTest, ghost, other, fresh, flash, lit, critical, point}
//   view   "field" or "regions"
//   frame  a frame event, or null              net   {weights, biases, activation, slope}
//   fresh  {layer, row} of the newest unit     flash 0…1, how strongly it glows
//   ghost  the frame before the last birth     lit   {layer, row} of the unit pointed at
//   other  {frame, colour, dash} of the net beside it, whose boundary is drawn instead of the ghost
//   critical  radius of the critical region, in data units, or null; point  index of the training point pointed at

import { corruptedAt } from "./corrupted.mjs";
import { drawBand } from "./critical.mjs";
import { el, fit } from "./dom.mjs";
import { drawAxes, drawBoundary, drawCorners, drawFolds, drawGhost, drawOutline, drawPointed, drawPoints } from "./plane-marks.mjs";
import { distanceTo } from "./views/labels.mjs";
import { Numbers, onPage, pointsOnPage } from "./views/numbers.mjs";
import { Picture } from "./views/picture.mjs";

const MARGIN = { left: 40, right: 10, top: 10, bottom: 26 };
const REACH = 9; // Pixels within which the pointer is on a fold or a point.

/** The part of the plane that is shown: the data's range and a tenth more on each side, as the geometry is cut. */
export function dataBox({ train_x: train, test_x: test, validation_x: held }) {
  const low = [Infinity, Infinity];
  const high = [-Infinity, -Infinity];
  for (const points of [train, test, held]) {
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

/** The fold piece nearest to a point, as {layer, row}, or null when none is near; `lines` are the pieces in pixels. */
export function nearestFold({ fold_unit: unit }, lines, x, y, reach = REACH) {
  let best = reach;
  let found = null;
  lines.forEach((line, i) => {
    const distance = line ? distanceTo(line, x, y) : Infinity;
    if (distance < best) { best = distance; found = { layer: unit[2 * i], row: unit[2 * i + 1] }; }
  });
  return found;
}

/** The same for a frame as it lies in the plane. */
export const foldAt = (frame, place, x, y, reach) => nearestFold(frame, onPage(frame.folds, place), x, y, reach);

export class Plane {
  constructor(container, { onPoint = () => {}, onCursor = () => {} } = {}) {
    this.container = container;
    this.picture = new Picture();
    this.numbers = new Numbers();
    this.ground = el("canvas", { class: "plane-ground", "aria-hidden": "true" });
    this.marks = el("canvas", { class: "plane-marks", role: "img", "aria-label": "The plane" });
    container.replaceChildren(this.picture.canvas, this.ground, this.marks);
    this.scene = null;
    this.painted = null;
    this.grounded = null;
    this.resized = new ResizeObserver(() => { this.forget(); if (this.scene) this.draw(this.scene); });
    this.resized.observe(container);
    this.band = document.createElement("canvas");
    // A finger that taps does not move.
    for (const name of ["pointermove", "pointerdown"]) this.marks.addEventListener(name, (event) => this.#point(event, onPoint, onCursor));
    this.marks.addEventListener("pointerleave", () => { onPoint(null); onCursor(null); });
  }

  #point(event, onPoint, onCursor) {
    if (!this.place || !this.scene?.frame) return;
    const bounds = this.marks.getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
    const { left, top, width, height } = this.place;
    const inside = x >= left && x <= left + width && y >= top && y <= top + height;
    onCursor(inside ? this.place.toData(x, y) : null, inside ? corruptedAt(this.scene.data, this.place, x, y, REACH) : null);
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
    const { frame, net, box, lit, hard, data, showTest, view } = scene;
    if (net && this.#changed("painted", [frame, hard, lit?.layer, lit?.row, box, view])) this.picture.paint(scene, this.place);
    if (this.#changed("grounded", [data, showTest, Boolean(lit), box])) this.#ground(scene, width, height);
    const { context } = fit(this.marks, width, height);
    if (!frame) return;
    this.#clip(context);
    this.picture.drawHatching(context, this.place);
    if (scene.critical) drawBand(context, this.place, frame, scene.critical, this.band);
    if (scene.other) drawOutline(context, this.place, scene.other);
    else if (scene.ghost) drawGhost(context, this.place, scene.ghost);
    drawFolds(context, this.place, scene);
    drawBoundary(context, this.place, frame);
    drawCorners(context, this.place, frame, lit);
    drawPointed(context, this.place, data, scene.point);
    this.#numbers(context, scene);
    context.restore();
  }

  #numbers(context, { frame, lit, data, showTest }) {
    const { place } = this;
    const dots = [data?.train_x, showTest && data?.test_x].flatMap((points) => (points ? pointsOnPage(points, place) : []));
    const around = { dots, lines: onPage(frame.boundary, place), box: place };
    this.numbers.draw(context, frame, lit, pointsOnPage(frame.fold_points, place), around);
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

  close() { this.resized.disconnect(); }
}
