// The marks of the plane, one function each. `place` maps data units to pixels (see plane.mjs).

import { isCorrupted, corruptionOf } from "./corrupted.mjs";
import { BOUNDARY, CLASSES, NEW_FOLD, SHAPES, strokedOnly, traceMarker } from "./colour.mjs";
import { themed } from "./dom.mjs";

const TICK_EVERY = 30;
const TICK = 7;
const CROWDED = 260; // Pieces from which on ticks would only be noise.
const POINT = 3.4;
const RING = 7; // Radius of the ring around a corrupted point.

/** Round places for about `wanted` ticks between two values. */
export function ticks(low, high, wanted = 6) {
  const raw = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= raw * 0.75);
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.max(0, Math.floor(high / step + 1e-9) - first + 1) }, (_, i) => (first + i) * step);
}

const label = (value, step) => value.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9))).replace("-", "−").replace(/^−(0(\.0*)?)$/, "$1");

export function drawAxes(context, place) {
  const { left, top, width, height, box } = place;
  context.strokeStyle = themed("--line-strong");
  context.lineWidth = 1;
  context.strokeRect(Math.round(left) - 0.5, Math.round(top) - 0.5, Math.round(width) + 1, Math.round(height) + 1);
  context.fillStyle = themed("--ink-3");
  context.font = "11.5px Inter, system-ui, sans-serif";
  context.textBaseline = "top";
  context.textAlign = "center";
  const wanted = (pixels) => Math.max(3, Math.round(pixels / 95));
  const columns = ticks(box.x0, box.x1, wanted(width));
  const rows = ticks(box.y0, box.y1, wanted(height));
  const step = (list) => (list.length > 1 ? list[1] - list[0] : 1);
  context.beginPath();
  for (const value of columns) {
    const x = Math.round(place.x(value)) + 0.5;
    context.moveTo(x, top + height + 1);
    context.lineTo(x, top + height + 5);
    context.fillText(label(value, step(columns)), x, top + height + 8);
  }
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const value of rows) {
    const y = Math.round(place.y(value)) + 0.5;
    context.moveTo(left - 5, y);
    context.lineTo(left - 1, y);
    context.fillText(label(value, step(rows)), left - 9, y);
  }
  context.stroke();
}

export function drawPoints(context, place, data, showTest, strength = 1) {
  const sets = [[data.train_x, data.train_y, false], ...(showTest ? [[data.test_x, data.test_y, true]] : [])];
  context.globalAlpha = strength;
  for (const [points, labels, hollow] of sets) {
    for (let k = 0; k < data.classes; k += 1) {
      context.beginPath();
      for (let i = 0; i < labels.length; i += 1) {
        if (Number(labels[i]) === k) traceMarker(context, SHAPES[k], place.x(points[2 * i]), place.y(points[2 * i + 1]), POINT);
      }
      const lines = strokedOnly(SHAPES[k]);
      if (!lines) {
        context.fillStyle = hollow ? "rgba(255,255,255,0.85)" : CLASSES[k];
        context.lineWidth = hollow ? 3 : 1.6;
        context.strokeStyle = hollow ? CLASSES[k] : "rgba(255,255,255,0.9)";
        context.stroke();
        context.fill();
      } else {
        context.lineWidth = hollow ? 1.2 : 2;
        context.strokeStyle = CLASSES[k];
        context.stroke();
      }
    }
  }
  drawRings(context, place, data);
  context.globalAlpha = 1;
}

/** A ring around each corrupted training point: whole for a wrong label, in pieces where only its place is noise. */
function drawRings(context, place, data) {
  for (const mislabelled of isCorrupted(data) ? [true, false] : []) {
    context.beginPath();
    for (let i = 0; i < data.train_y.length; i += 1) {
      if (corruptionOf(data, i)?.mislabelled === mislabelled) ring(context, place, data, i, RING);
    }
    context.setLineDash(mislabelled ? [] : [2.5, 2]);
    context.strokeStyle = "rgba(255, 255, 255, 0.8)";
    context.lineWidth = 3.4;
    context.stroke();
    context.strokeStyle = BOUNDARY;
    context.lineWidth = 1.6;
    context.stroke();
  }
  context.setLineDash([]);
}

function ring(context, place, { train_x: points }, i, radius) {
  const [x, y] = [place.x(points[2 * i]), place.y(points[2 * i + 1])];
  context.moveTo(x + radius, y);
  context.arc(x, y, radius, 0, 2 * Math.PI);
}

/** The training point that is pointed at. */
export function drawPointed(context, place, data, point) {
  if (point === null || point === undefined || !data) return;
  context.beginPath();
  ring(context, place, data, point, RING + 3);
  context.strokeStyle = NEW_FOLD;
  context.lineWidth = 3;
  context.stroke();
}

const is = (unit, layer, row) => Boolean(unit) && unit.layer === layer && unit.row === row;

/** Fold pieces of one kind in one path; gives their ticks on the active side too. */
function traceFolds(context, place, frame, chosen, withTicks) {
  const { folds, fold_unit: unit, fold_normal: normal } = frame;
  context.beginPath();
  for (let i = 0; i < folds.shape[0]; i += 1) {
    if (!chosen(unit[2 * i], unit[2 * i + 1])) continue;
    const [ax, ay, bx, by] = [place.x(folds[4 * i]), place.y(folds[4 * i + 1]), place.x(folds[4 * i + 2]), place.y(folds[4 * i + 3])];
    context.moveTo(ax, ay);
    context.lineTo(bx, by);
    if (!withTicks) continue;
    const length = Math.hypot(bx - ax, by - ay);
    const count = length < 12 ? 0 : Math.max(1, Math.round(length / TICK_EVERY));
    for (let tick = 0; tick < count; tick += 1) {
      const t = (tick + 0.5) / count;
      const [x, y] = [ax + t * (bx - ax), ay + t * (by - ay)];
      context.moveTo(x, y);
      context.lineTo(x + TICK * normal[2 * i], y - TICK * normal[2 * i + 1]);
    }
  }
}

export function drawFolds(context, place, { frame, fresh, lit, flash = 0 }) {
  const crowded = frame.folds.shape[0] > CROWDED;
  context.lineCap = "round";
  context.setLineDash([]);
  traceFolds(context, place, frame, (layer, row) => !is(fresh, layer, row) && !is(lit, layer, row), !crowded);
  context.strokeStyle = `rgba(40, 48, 58, ${crowded ? Math.max(0.18, 0.4 * (CROWDED / frame.folds.shape[0]) ** 0.5) : lit ? 0.45 : 0.72})`;
  context.lineWidth = crowded ? 1 : 1.4;
  context.stroke();
  if (fresh) {
    if (flash > 0) {
      traceFolds(context, place, frame, (layer, row) => is(fresh, layer, row), false);
      context.strokeStyle = NEW_FOLD;
      context.globalAlpha = 0.4 * flash;
      context.lineWidth = 5 + 12 * flash;
      context.stroke();
      context.globalAlpha = 1;
    }
    traceFolds(context, place, frame, (layer, row) => is(fresh, layer, row), true);
    context.strokeStyle = NEW_FOLD;
    context.lineWidth = 2.2 + 1.4 * flash;
    context.stroke();
  }
  if (lit) {
    traceFolds(context, place, frame, (layer, row) => is(lit, layer, row), true);
    context.strokeStyle = is(fresh, lit.layer, lit.row) ? NEW_FOLD : BOUNDARY;
    context.lineWidth = 3;
    context.stroke();
  }
}

function traceSegments(context, place, segments) {
  context.beginPath();
  for (let i = 0; i < segments.shape[0]; i += 1) {
    context.moveTo(place.x(segments[4 * i]), place.y(segments[4 * i + 1]));
    context.lineTo(place.x(segments[4 * i + 2]), place.y(segments[4 * i + 3]));
  }
}

/** Lines of one colour, `segments` (n, 2, 2). */
export function drawLines(context, place, segments, { colour, width }) {
  traceSegments(context, place, segments);
  context.lineCap = "round";
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

export function drawBoundary(context, place, frame) {
  traceSegments(context, place, frame.boundary);
  context.lineCap = "round";
  context.lineJoin = "round";
  context.strokeStyle = "rgba(255, 255, 255, 0.75)";
  context.lineWidth = 6;
  context.stroke();
  context.strokeStyle = BOUNDARY;
  context.lineWidth = 3.2;
  context.stroke();
}

export function drawGhost(context, place, ghost) {
  traceSegments(context, place, ghost.boundary);
  context.setLineDash([1.5, 6]);
  context.lineCap = "round";
  context.strokeStyle = "rgba(20, 24, 29, 0.75)";
  context.lineWidth = 2.4;
  context.stroke();
  context.setLineDash([]);
}

/** The boundary of one of several nets, `{frame, colour, dash}`. */
export function drawOutline(context, place, { frame: { boundary }, colour, dash }) {
  traceSegments(context, place, boundary);
  context.lineCap = "round";
  context.strokeStyle = "rgba(255, 255, 255, 0.8)";
  context.lineWidth = 5;
  context.stroke();
  context.strokeStyle = colour;
  context.lineWidth = 2.6;
  context.setLineDash(dash === "solid" ? [] : [6, 6]);
  context.stroke();
  context.setLineDash([]);
}

export function drawCorners(context, place, frame, lit) {
  const { fold_points: points, fold_point_unit: unit } = frame;
  const count = points.shape[0];
  const radius = count > 60 ? 2.6 : 4.6;
  for (let i = 0; i < count; i += 1) {
    const bright = is(lit, unit[2 * i], unit[2 * i + 1]);
    context.beginPath();
    context.arc(place.x(points[2 * i]), place.y(points[2 * i + 1]), radius + (bright ? 2 : 0), 0, 2 * Math.PI);
    context.fillStyle = "#ffffff";
    context.fill();
    context.strokeStyle = BOUNDARY;
    context.lineWidth = bright ? 3 : 2;
    context.stroke();
  }
}
