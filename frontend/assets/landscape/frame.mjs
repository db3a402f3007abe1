// The frame of a picture: where coordinates lie on the page, and axes with numbers and names.

import { themed } from "../dom.mjs";
import { ticks } from "../plane-marks.mjs";

export const HILL_TOP = "#ffb000"; // The top of a hill.
export const FONT = "11.5px Inter, system-ui, sans-serif";
const MARGIN = { left: 52, right: 14, top: 12, bottom: 40 };

/** Lay ranges x and y into a picture of this size; `toX`, `toY` give coordinates of a pixel. */
export function layOut(width, height, [x0, x1], [y0, y1], margin = MARGIN) {
  const [w, h] = [Math.max(1, width - margin.left - margin.right), Math.max(1, height - margin.top - margin.bottom)];
  const { left, top } = margin;
  return {
    left, top, width: w, height: h,
    x: (value) => left + ((value - x0) / (x1 - x0 || 1)) * w,
    y: (value) => top + h - ((value - y0) / (y1 - y0 || 1)) * h,
    toX: (pixel) => x0 + ((pixel - left) / w) * (x1 - x0),
    toY: (pixel) => y0 + ((top + h - pixel) / h) * (y1 - y0),
    ranges: [[x0, x1], [y0, y1]],
  };
}

const decimals = (list) => (list.length > 1 ? Math.max(0, -Math.floor(Math.log10(list[1] - list[0]) + 1e-9)) : 1);
const written = (value, digits) => (Math.abs(value) >= 1e5 ? short(value) : plain(value, digits));
const plain = (value, digits) => value.toFixed(Math.min(8, digits)).replace("-", "−").replace(/^−(0(\.0*)?)$/, "$1");

/** Round values of a logarithmic axis, `low` to `high`. */
export function powers(low, high) {
  const decades = Math.log10(high / low);
  const factors = decades > 3.2 ? [1] : decades > 1.2 ? [1, 3] : [1, 2, 5];
  const found = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const factor of factors) {
      const value = factor * 10 ** power;
      if (value >= low * 0.999 && value <= high * 1.001) found.push(value);
    }
  }
  return found;
}

const short = (value) => (Math.abs(value) >= 1e4 || (value !== 0 && Math.abs(value) < 1e-3) ? value.toExponential(0).replace("e+", "e").replaceAll("-", "−") : String(Number(value.toPrecision(2))).replace("-", "−"));

/** Draw box, ticks and names. `rows`, if given, are the values [[value, y pixel], …] of the upright axis; a level axis without a name has no numbers. */
export function drawFrame(context, place, { xName = "", yName = "", rows = null }) {
  const { left, top, width, height, ranges: [[x0, x1], [y0, y1]] } = place;
  context.strokeStyle = themed("--line-strong");
  context.lineWidth = 1;
  context.strokeRect(Math.round(left) - 0.5, Math.round(top) - 0.5, Math.round(width) + 1, Math.round(height) + 1);
  context.fillStyle = themed("--ink-3");
  context.font = FONT;
  context.textAlign = "center";
  context.textBaseline = "top";
  const columns = ticks(x0, x1, Math.max(3, Math.round(width / 90)));
  if (xName) for (const value of columns) context.fillText(written(value, decimals(columns)), place.x(value), top + height + 7);
  context.fillText(xName, left + width / 2, top + height + 23);
  context.textAlign = "right";
  context.textBaseline = "middle";
  const upright = ticks(y0, y1, Math.max(3, Math.round(height / 70)));
  const lines = rows ? rows.map(([value, y]) => [short(value), y]) : upright.map((value) => [written(value, decimals(upright)), place.y(value)]);
  for (const [words, y] of lines) context.fillText(words, left - 7, y);
  context.save();
  context.translate(11, top + height / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillText(yName, 0, 0);
  context.restore();
}

/** Strokes a line through points [[x, y], …] in pixels; a null breaks it. */
export function stroke(context, points, { colour, width = 2, dash = [], halo = 0 }) {
  context.beginPath();
  let open = false;
  for (const point of points) {
    if (!point) open = false;
    else if (open) context.lineTo(...point);
    else { context.moveTo(...point); open = true; }
  }
  context.lineJoin = "round";
  context.lineCap = "round";
  context.setLineDash([]);
  if (halo) { context.strokeStyle = "rgba(255, 255, 255, 0.85)"; context.lineWidth = width + 2 * halo; context.stroke(); }
  context.setLineDash(dash);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
  context.setLineDash([]);
}

/** The ball: where the net is. */
export function drawBall(context, x, y, radius = 7) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = "#d55e00";
  context.fill();
  context.lineWidth = 2.5;
  context.strokeStyle = "#ffffff";
  context.stroke();
}

/** ▲ of a birth. */
export function drawBirth(context, x, y, radius = 6) {
  context.beginPath();
  context.moveTo(x, y - radius);
  context.lineTo(x + radius * 0.95, y + radius * 0.75);
  context.lineTo(x - radius * 0.95, y + radius * 0.75);
  context.closePath();
  context.fillStyle = "#009e73";
  context.fill();
  context.lineWidth = 1.6;
  context.strokeStyle = "#ffffff";
  context.stroke();
}

/** A dot, or a triangle, with a rim. */
export function drawMark(context, [x, y], { colour, size = 4, corners = 0 }) {
  context.beginPath();
  if (corners) for (let i = 0; i < corners; i += 1) context.lineTo(x + size * 1.2 * Math.sin((2 * Math.PI * i) / corners), y - size * 1.2 * Math.cos((2 * Math.PI * i) / corners));
  else context.arc(x, y, size, 0, 2 * Math.PI);
  context.closePath();
  context.fillStyle = colour;
  context.fill();
  context.strokeStyle = "#14181d";
  context.lineWidth = 1;
  context.stroke();
}

/** Slanted lines over a rectangle of the page: a value that is not finite. */
export function hatch(context, left, top, width, height) {
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.strokeStyle = themed("--ink-3");
  context.lineWidth = 1;
  context.globalAlpha = 0.55;
  context.beginPath();
  for (let x = left - height; x < left + width; x += 7) { context.moveTo(x, top + height); context.lineTo(x + height, top); }
  context.stroke();
  context.restore();
}
