// The picture: basin dashed, hill thin, both together thick, the checkpoint, r* on either side, and the ball.

import { FIXED, GROWN, NEW_FOLD } from "../colour.mjs";
import { fit, themed } from "../dom.mjs";
import { ticks } from "../plane-marks.mjs";
import { basin, both, equilibrium, hill, halfWidth } from "./basin.mjs";

const POINTS = 400;
const EDGE = { left: 14, right: 14, top: 22, bottom: 26 };
const BALL = 9;

/** Draw it all on a canvas. */
export function draw(canvas, given, ball) {
  if (canvas.clientWidth < 40) return;
  const { context, width, height } = fit(canvas);
  const at = scale(given, width, height);
  const line = (of, colour, thick, dash = []) => stroke(context, outline(given, of).map(at), colour, thick, dash);
  context.font = "12px Inter, system-ui, sans-serif";
  axis(context, given, at, width, height);
  line(basin, FIXED, 2, [6, 5]);
  line(hill, themed("--ink-3"), 1.2);
  line(both, themed("--ink"), 2.6);
  marks(context, given, at, height);
  const [x, y] = at([ball.x, both(given, ball.x)]);
  context.beginPath();
  context.arc(x, y - BALL, BALL, 0, 2 * Math.PI);
  context.fillStyle = NEW_FOLD;
  context.fill();
}

/** From parameter and loss to pixels. */
function scale(given, width, height) {
  const far = halfWidth(given);
  const top = 1.15 * Math.max(both(given, 0), basin(given, far), given.strength);
  return ([x, y]) => [
    EDGE.left + ((x + far) / (2 * far)) * (width - EDGE.left - EDGE.right),
    height - EDGE.bottom - (Math.min(y, 2 * top) / top) * (height - EDGE.top - EDGE.bottom),
  ];
}

function outline(given, of) {
  const far = halfWidth(given);
  return Array.from({ length: POINTS + 1 }, (_, n) => { const x = far * ((2 * n) / POINTS - 1); return [x, of(given, x)]; });
}

function axis(context, given, at, width, height) {
  const far = halfWidth(given);
  stroke(context, [[0, height - EDGE.bottom], [width, height - EDGE.bottom]], themed("--line"), 1);
  context.fillStyle = themed("--ink-3");
  context.textAlign = "center";
  for (const tick of ticks(-far, far)) context.fillText(String(Number(tick.toPrecision(4))).replace("-", "−"), at([tick, 0])[0], height - 8);
}

function marks(context, given, at, height) {
  const rest = equilibrium(given);
  const [top, bottom] = [EDGE.top, height - EDGE.bottom];
  const ink = themed("--ink");
  const [x, y] = at([0, 0]);
  context.beginPath();
  context.moveTo(x, y - 7);
  context.lineTo(x + 7, y);
  context.lineTo(x, y + 7);
  context.lineTo(x - 7, y);
  context.closePath();
  context.fillStyle = ink;
  context.fill();
  if (!rest) return;
  for (const side of [-1, 1]) {
    const [where] = at([side * rest, 0]);
    stroke(context, [[where, top], [where, bottom]], GROWN, 1.5, [3, 3]);
    context.fillStyle = GROWN;
    context.textAlign = "center";
    context.fillText(side < 0 ? "−r*" : "r*", where, top - 7);
  }
}

function stroke(context, places, colour, thick, dash = []) {
  context.beginPath();
  places.forEach(([x, y], n) => (n ? context.lineTo(x, y) : context.moveTo(x, y)));
  context.strokeStyle = colour;
  context.lineWidth = thick;
  context.setLineDash(dash);
  context.stroke();
  context.setLineDash([]);
}
