// Drawing of what a growth would do, on a canvas over the plane: gain map, instance and cluster, fold point, the fold
// itself; and the fold that is being laid by hand.

import { BOUNDARY, GROWN, NEW_FOLD, rgb } from "../colour.mjs";
import { el, fit } from "../dom.mjs";
import { ends, normal } from "./fold-by-hand.mjs";

const TICK_EVERY = 30;
const TICK = 9;
const STRONGEST = 0.4; // Opacity of the gain map where the gain is largest.

/** How strongly each place is coloured, 0…1: nothing below the median gain, so that the map stays faint. */
function gainStrengths(gains) {
  const sorted = Float32Array.from(gains).sort();
  const [middle, most] = [sorted[sorted.length >> 1], sorted.at(-1)];
  return Float32Array.from(gains, (gain) => (most > middle ? Math.max(0, (gain - middle) / (most - middle)) ** 1.3 : 0));
}

export class OfferMarks {
  constructor(plane) {
    this.plane = plane;
    this.canvas = el("canvas", { class: "plane-offer", "aria-hidden": "true" });
    this.map = el("canvas", { class: "plane-gain", "aria-hidden": "true", hidden: true }); // Under the points.
    plane.ground.before(this.map);
    plane.container.append(this.canvas);
    this.mapped = null;
    this.blank = true;
  }

  /** Draw an answer, a fold laid by hand, both or nothing. */
  draw({ answer = null, hand = null, data = null }) {
    const { place, container } = this.plane;
    const nothing = !hand && (!answer || answer.refused);
    if (!place || (nothing && this.blank)) return;
    const { context } = fit(this.canvas, container.clientWidth, container.clientHeight);
    this.blank = nothing;
    this.map.hidden = nothing || Boolean(hand) || !answer.gain_map.length;
    if (nothing) return;
    context.save();
    context.beginPath();
    context.rect(place.left, place.top, place.width, place.height);
    context.clip();
    context.lineCap = "round";
    if (answer && !answer.refused && !hand) this.#answer(context, place, answer, data);
    if (hand) drawHand(context, place, hand);
    context.restore();
  }

  #answer(context, place, answer, data) {
    if (answer.gain_map.length) this.#gainMap(place, answer);
    const why = answer.explanation;
    if (why.cluster && data) drawCluster(context, place, why, data);
    if (why.segment) drawSegment(context, place, why);
    drawFold(context, place, answer);
    if (why.fold_point?.length === 2) drawAsking(context, place, why);
  }

  #gainMap({ left, top, width, height }, { gain_map: gains }) {
    Object.assign(this.map.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    if (this.mapped === gains) return;
    this.mapped = gains;
    const [rows, columns] = gains.shape;
    Object.assign(this.map, { width: columns, height: rows });
    const inner = this.map.getContext("2d");
    const image = inner.createImageData(columns, rows);
    const colour = rgb(GROWN);
    gainStrengths(gains).forEach((strength, i) => {
      const at = 4 * ((rows - 1 - Math.floor(i / columns)) * columns + (i % columns)); // Rows count up from the bottom.
      image.data.set([...colour, Math.round(255 * STRONGEST * strength)], at);
    });
    inner.putImageData(image, 0, 0);
  }

  close() { this.canvas.remove(); this.map.remove(); }
}

function ring(context, x, y, radius, colour, width) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

function drawCluster(context, place, { cluster, instance }, { train_x: points }) {
  for (const index of cluster) {
    if (index !== instance) ring(context, place.x(points[2 * index]), place.y(points[2 * index + 1]), 6.5, "rgba(20, 24, 29, 0.55)", 1.2);
  }
}

function drawSegment(context, place, { segment: [[ax, ay], [bx, by]] }) {
  context.beginPath();
  context.moveTo(place.x(ax), place.y(ay));
  context.lineTo(place.x(bx), place.y(by));
  context.strokeStyle = BOUNDARY;
  context.lineWidth = 1.6;
  context.setLineDash([2, 6]);
  context.stroke();
  context.setLineDash([]);
}

/** The instance that asks, its way to the fold point, and the fold point. */
function drawAsking(context, place, { point, fold_point: at }) {
  const [x, y, u, v] = [place.x(point[0]), place.y(point[1]), place.x(at[0]), place.y(at[1])];
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(u, v);
  context.strokeStyle = BOUNDARY;
  context.lineWidth = 1.6;
  context.stroke();
  ring(context, x, y, 9.5, "#ffffff", 5);
  ring(context, x, y, 9.5, NEW_FOLD, 2.8);
  context.fillStyle = NEW_FOLD;
  context.strokeStyle = "#ffffff";
  context.lineWidth = 2;
  context.beginPath();
  context.rect(u - 5, v - 5, 10, 10);
  context.stroke();
  context.fill();
}

function drawFold(context, place, { fold, fold_normal: normals }) {
  context.beginPath();
  for (let i = 0; i < (fold.shape?.[0] ?? 0); i += 1) {
    const [ax, ay, bx, by] = [place.x(fold[4 * i]), place.y(fold[4 * i + 1]), place.x(fold[4 * i + 2]), place.y(fold[4 * i + 3])];
    tracePiece(context, [ax, ay], [bx, by], [normals[2 * i], normals[2 * i + 1]]);
  }
  context.strokeStyle = NEW_FOLD;
  context.lineWidth = 2.4;
  context.setLineDash([9, 6]);
  context.stroke();
  context.setLineDash([]);
}

/** A piece in pixels with ticks towards its active side; the normal is in data units, y up. */
function tracePiece(context, [ax, ay], [bx, by], [nx, ny]) {
  context.moveTo(ax, ay);
  context.lineTo(bx, by);
  const count = Math.floor(Math.hypot(bx - ax, by - ay) / TICK_EVERY);
  for (let tick = 0; tick < count; tick += 1) {
    const t = (tick + 0.5) / count;
    const [x, y] = [ax + t * (bx - ax), ay + t * (by - ay)];
    context.moveTo(x, y);
    context.lineTo(x + TICK * nx, y - TICK * ny);
  }
}

/** A fold being laid reaches through the whole picture; its drawn part is thick and has ticks. */
function drawHand(context, place, hand) {
  const long = { ...hand, half: 4 * (place.box.x1 - place.box.x0) };
  const pixel = ([x, y]) => [place.x(x), place.y(y)];
  context.strokeStyle = NEW_FOLD;
  context.lineWidth = 2;
  context.beginPath();
  const [from, to] = ends(long).map(pixel);
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
  context.lineWidth = 3.4;
  context.beginPath();
  tracePiece(context, ...ends(hand).map(pixel), normal(hand));
  context.stroke();
  for (const end of ends(hand).map(pixel)) {
    context.beginPath();
    context.arc(...end, 5, 0, 2 * Math.PI);
    context.fillStyle = "#ffffff";
    context.fill();
    ring(context, ...end, 5, NEW_FOLD, 2.2);
  }
}
