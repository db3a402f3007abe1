// Marks in space, one function each: what the surface hides is drawn faintly or not at all. `eye` holds the projection
// and the depth buffer of the surface (see surface.mjs).

import { BOUNDARY, CLASSES, NEW_FOLD, SHAPES, strokedOnly, traceMarker } from "../colour.mjs";
import { themed } from "../dom.mjs";

const STEP = 4; // Pixels between two looks at the depth.
const SLACK = 0.02;
const FONT = "12.5px Inter, system-ui, sans-serif";

/** Trace the part of a line that is seen into one path and the rest into another. */
function traceLine(eye, seen, hidden, [ax, ay, az], [bx, by, bz]) {
  const steps = Math.max(1, Math.ceil(Math.hypot(bx - ax, by - ay) / STEP));
  let last = null;
  for (let i = 0; i < steps; i += 1) {
    const [from, to, middle] = [i / steps, (i + 1) / steps, (i + 0.5) / steps];
    const path = eye.sees(ax + middle * (bx - ax), ay + middle * (by - ay), az + middle * (bz - az), SLACK) ? seen : hidden;
    if (path !== last) path.moveTo(ax + from * (bx - ax), ay + from * (by - ay));
    path.lineTo(ax + to * (bx - ax), ay + to * (by - ay));
    last = path;
  }
}

/** Stroke lines [[from, to], …] of projected points. */
export function strokeLines(context, eye, lines, { colour, width, halo = null, faint = 0.14, dash = [] }) {
  const [seen, hidden] = [new Path2D(), new Path2D()];
  for (const [from, to] of lines) traceLine(eye, seen, hidden, from, to);
  context.lineCap = "round";
  context.lineJoin = "round";
  context.setLineDash(dash);
  if (faint) {
    context.globalAlpha = faint;
    context.strokeStyle = themed("--ink");
    context.lineWidth = Math.min(width, 1.6);
    context.stroke(hidden);
    context.globalAlpha = 1;
  }
  if (halo) { context.strokeStyle = halo; context.lineWidth = width + 2.6; context.stroke(seen); }
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke(seen);
  context.setLineDash([]);
}

const segment = (spots, i) => [spots.subarray(6 * i, 6 * i + 3), spots.subarray(6 * i + 3, 6 * i + 6)];
const is = (unit, layer, row) => Boolean(unit) && unit.layer === layer && unit.row === row;

/** The folds as creases: those of the newest unit and of the unit pointed at stand out. */
export function drawCreases(context, eye, { frame, fresh, lit, flash = 0 }, spots) {
  const groups = { usual: [], fresh: [], lit: [] };
  for (let i = 0; i < frame.folds.shape[0]; i += 1) {
    const [layer, row] = [frame.fold_unit[2 * i], frame.fold_unit[2 * i + 1]];
    groups[is(lit, layer, row) ? "lit" : is(fresh, layer, row) ? "fresh" : "usual"].push(segment(spots, i));
  }
  const crowded = frame.folds.shape[0] > 260;
  const usual = crowded ? 0.28 : lit ? 0.45 : 0.72;
  strokeLines(context, eye, groups.usual, { colour: `rgba(40, 48, 58, ${usual})`, width: crowded ? 0.9 : 1.4, faint: crowded ? 0 : 0.12 });
  strokeLines(context, eye, groups.fresh, { colour: NEW_FOLD, width: 2.2 + 2 * flash });
  strokeLines(context, eye, groups.lit, { colour: lit && is(fresh, lit.layer, lit.row) ? NEW_FOLD : BOUNDARY, width: 3.2, faint: 0.4 });
}

export function drawEdge(context, eye, segments, spots, { floor = false, ghost = false } = {}) {
  const lines = Array.from({ length: segments.shape[0] }, (_, i) => segment(spots, i));
  if (ghost) strokeLines(context, eye, lines, { colour: themed("--ink-3"), width: 2.2, faint: 0.2, dash: [1.5, 6] });
  else if (floor) strokeLines(context, eye, lines, { colour: themed("--ink"), width: 2.4, faint: 0.18 });
  else strokeLines(context, eye, lines, { colour: BOUNDARY, width: 3, halo: "rgba(255, 255, 255, 0.75)", faint: 0.3 });
}

/** Data points on the surface; those it hides are faint. */
export function drawRiders(context, eye, sets, classes) {
  for (const { spots, labels, hollow } of sets) {
    for (const seen of [false, true]) {
      context.globalAlpha = seen ? 1 : 0.2;
      for (let k = 0; k < classes; k += 1) {
        context.beginPath();
        for (let i = 0; i < labels.length; i += 1) {
          if (Number(labels[i]) !== k || eye.sees(spots[3 * i], spots[3 * i + 1], spots[3 * i + 2], SLACK) !== seen) continue;
          traceMarker(context, SHAPES[k], spots[3 * i], spots[3 * i + 1], 3.1);
        }
        const lines = strokedOnly(SHAPES[k]);
        context.lineWidth = hollow ? 2.4 : lines ? 2 : 1.4;
        context.strokeStyle = hollow || lines ? CLASSES[k] : "rgba(255, 255, 255, 0.9)";
        context.fillStyle = hollow ? "rgba(255, 255, 255, 0.85)" : CLASSES[k];
        context.stroke();
        if (!lines) context.fill();
      }
    }
  }
  context.globalAlpha = 1;
}

/** Corners that are seen, as dots; gives where each lies, null for those that are not seen. */
export function drawKnots(context, eye, { frame, lit }, spots) {
  const unit = frame.fold_point_unit;
  const count = frame.fold_points.shape[0];
  return Array.from({ length: count }, (_, i) => {
    const [x, y, z] = spots.slice(3 * i, 3 * i + 3);
    if (!eye.sees(x, y, z, SLACK)) return null;
    const bright = is(lit, unit[2 * i], unit[2 * i + 1]);
    context.beginPath();
    context.arc(x, y, (count > 60 ? 2.4 : 4.2) + (bright ? 1.8 : 0), 0, 2 * Math.PI);
    context.fillStyle = "#ffffff";
    context.fill();
    context.strokeStyle = BOUNDARY;
    context.lineWidth = bright ? 2.8 : 1.8;
    context.stroke();
    return [x, y];
  });
}

function write(context, words, x, y, align = "center") {
  context.font = FONT;
  context.fillStyle = themed("--ink-2");
  context.textAlign = align;
  context.textBaseline = "middle";
  context.fillText(words, x, y);
}

/** The edge of the box that stands furthest to the left, as x and y. */
const leftPost = (eye) => [-1, 1].flatMap((a) => [-1, 1].map((b) => [a, b])).reduce((best, spot) => (eye.point([...spot, 0])[0] < eye.point([...best, 0])[0] ? spot : best));

/** The axes of the neurons, from where they are silent to where they say most. */
export function drawSpaceAxes(context, eye, axes, strength) {
  const origin = [0, 0, 0];
  for (const { along, zero } of axes) origin[along] = zero;
  if (axes.length === 1) [origin[0], origin[1]] = leftPost(eye);
  context.globalAlpha = strength;
  for (const { along, words, sign } of axes) {
    const end = origin.map((value, k) => (k === along ? 1.1 * sign : value));
    const [from, to] = [eye.point(origin), eye.point(end)];
    strokeLines(context, eye, [[from, to]], { colour: themed("--ink-2"), width: 1.4, faint: 0 });
    context.globalAlpha = strength;
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
    const [dx, dy] = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
    context.beginPath();
    context.moveTo(to[0] + 5 * dx, to[1] + 5 * dy);
    context.lineTo(to[0] - 4 * dx - 4 * dy, to[1] - 4 * dy + 4 * dx);
    context.lineTo(to[0] - 4 * dx + 4 * dy, to[1] - 4 * dy - 4 * dx);
    context.fillStyle = themed("--ink-2");
    context.fill();
    write(context, words, to[0] + 10 * dx, to[1] + 16 * dy + (Math.abs(dy) < 0.3 ? 14 : 0), dx > 0.5 ? "left" : dx < -0.5 ? "right" : "center");
  }
  context.globalAlpha = 1;
}

/** The floor below a graph, with the names of its sides and the least and the largest margin. */
export function drawFloor(context, eye, { floor, ends, zero }, azimuth) {
  const corners = [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([x, y]) => eye.point([x, y, floor]));
  context.beginPath();
  corners.forEach(([x, y], i) => context[i ? "lineTo" : "moveTo"](x, y));
  context.closePath();
  context.fillStyle = themed("--hover");
  context.fill();
  context.strokeStyle = themed("--line-strong");
  context.lineWidth = 1;
  context.stroke();
  const [sideX, sideY] = [Math.cos((azimuth * Math.PI) / 180) > 0 ? -1 : 1, Math.sin((azimuth * Math.PI) / 180) > 0 ? 1 : -1];
  const x = eye.point([0, 1.16 * sideX, floor]);
  const y = eye.point([1.16 * sideY, 0, floor]);
  write(context, "x", x[0], x[1]);
  write(context, "y", y[0], y[1]);
  const post = leftPost(eye);
  const [low, high] = [eye.point([...post, floor]), eye.point([...post, -floor])];
  context.beginPath();
  context.moveTo(low[0], low[1]);
  context.lineTo(high[0], high[1]);
  context.stroke();
  const marks = [...ends, ...(ends.every(([z]) => Math.abs(z - zero) > 0.12) || ends.length < 2 ? [[zero, "0"]] : [])];
  for (const [z, words] of marks) {
    const [px, py] = eye.point([...post, z]);
    context.fillRect(px - 4, py, 4, 1);
    write(context, words, px - 8, py, "right");
  }
  write(context, "margin", high[0], high[1] - 14, "center");
}
