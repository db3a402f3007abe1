// Losses along a line: a slice, or the ways between two nets. The ball is dragged along, or moved by arrow keys.

import { el, fit, themed } from "../dom.mjs";
import { drawBall, drawFrame, drawMark, FONT, HILL_TOP, layOut, powers, stroke } from "./frame.mjs";
import { nearest } from "./cells.mjs";
import { basinColour } from "./basins.mjs";

const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
const MARGIN = { left: 66, right: 16, top: 14, bottom: 42 };

export class Curve {
  /** `pick(place)` when a point of the line is chosen. */
  constructor(container, { pick, about = "The loss along the line; arrow keys move the net" }) {
    this.canvas = el("canvas", { class: "fq-canvas fq-dragging", tabIndex: 0, role: "img", "aria-label": about });
    container.replaceChildren(this.canvas);
    this.pick = pick;
    this.scene = null;
    this.#listen();
    this.resized = new ResizeObserver(() => this.scene && this.draw(this.scene));
    this.resized.observe(container);
  }

  #listen() {
    let held = false;
    const choose = ({ clientX }) => this.place && this.pick(nearest(this.scene.t, this.place.toX(clientX - this.canvas.getBoundingClientRect().left)));
    const on = (name, call) => this.canvas.addEventListener(name, call);
    on("pointerdown", (event) => { held = true; this.canvas.setPointerCapture(event.pointerId); choose(event); });
    on("pointermove", (event) => held && choose(event));
    for (const name of ["pointerup", "pointercancel"]) on(name, () => { held = false; });
    on("keydown", (event) => {
      if (!(event.key in STEPS) || !this.scene || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      const to = this.scene.ball + STEPS[event.key] * (event.shiftKey ? 10 : 1);
      this.pick(Math.max(0, Math.min(this.scene.t.length - 1, to)));
    });
  }

  /** scene: {t, lines [{values, colour, dash, width, name}], main (the line of the ball), ball, scale, basins (their topology at a depth, or null), xName}. */
  draw(scene) {
    this.scene = scene;
    const { context, width, height } = fit(this.canvas);
    const { t, lines, scale, ball, main } = scene;
    if (width < 80 || height < 60 || !scale || !t?.length) return;
    const room = 0.05;
    this.place = layOut(width, height, [t[0], t.at(-1)], [-room, 1 + room], MARGIN);
    const { place } = this;
    const rows = scale.log ? powers(scale.low, scale.high).map((value) => [value, place.y(scale.at(value))]) : linearRows(scale, place);
    drawFrame(context, place, { xName: scene.xName, yName: `${scene.yName}${scale.log ? " (log)" : ""}`, rows });
    context.save();
    context.beginPath();
    context.rect(place.left, place.top, place.width, place.height);
    context.clip();
    if (t[0] < 0 && t.at(-1) > 0) stroke(context, [[place.x(0), place.top], [place.x(0), place.top + place.height]], { colour: themed("--line-strong"), width: 1 });
    const drawn = lines.map((line) => spotsOf(line.values, t, place, scale, line.free));
    drawn.forEach((spots, i) => stroke(context, spots, lines[i]));
    this.#broken(context, main, t);
    this.#tops(context, scene);
    this.#lowest(context, scene);
    const value = main?.values[ball];
    const share = Number.isFinite(value) ? scale.at(value) : 1;
    stroke(context, [[place.x(t[ball]), place.y(share)], [place.x(t[ball]), place.top + place.height]], { colour: "#d55e00", width: 1, dash: [2, 4] });
    drawBall(context, place.x(t[ball]), place.y(share), 9);
    context.restore();
    this.#legend(context, lines, drawn);
  }

  /** Points without a finite loss, as crosses at the upper edge. */
  #broken(context, main, t) {
    const { place } = this;
    const found = main ? t.map((_, i) => i).filter((i) => main.known?.[i] && !Number.isFinite(main.values[i])) : [];
    for (const i of found) {
      const [x, y] = [place.x(t[i]), place.top + 8];
      stroke(context, [[x - 3, y - 3], [x + 3, y + 3], null, [x - 3, y + 3], [x + 3, y - 3]], { colour: themed("--ink-3"), width: 1.4 });
    }
  }

  /** The foot of each hill's top, on the lower edge with its name. */
  #tops(context, { marks = [], t }) {
    const { place } = this;
    context.font = FONT;
    context.textAlign = "center";
    context.textBaseline = "bottom";
    for (const { x, name } of marks.filter((mark) => mark.x >= t[0] && mark.x <= t.at(-1)).reverse()) {
      const [at, floor] = [place.x(x), place.top + place.height];
      stroke(context, [[at, place.top], [at, floor]], { colour: themed("--line-strong"), width: 1, dash: [2, 4] });
      drawMark(context, [at, floor - 7], { colour: HILL_TOP, size: 5, corners: 4 });
      context.fillStyle = themed("--ink-3");
      context.fillText(name, Math.max(place.left + 30, Math.min(place.left + place.width - 30, at)), floor - 15);
    }
  }

  /** The lowest place of each basin, in its colour. */
  #lowest(context, { basins, t, scale }) {
    if (!basins) return;
    const { lowest, birth } = basins.row.arrays;
    for (let basin = basins.count - 1; basin >= 0; basin -= 1) drawMark(context, [this.place.x(t[lowest[basin]]), this.place.y(scale.at(birth[basin]))], { colour: basinColour(basin), size: 5 });
  }

  #legend(context, lines, drawn) {
    context.font = FONT;
    context.textAlign = "left";
    context.textBaseline = "middle";
    const named = lines.filter(({ name }) => name);
    const wide = Math.max(...named.map(({ name }) => context.measureText(name).width)) + 34;
    const [width, height] = [wide + 16, 18 * named.length + 4];
    const box = freest(this.place, width, height, drawn);
    const [left, top] = [box.left + 8, box.top];
    context.fillStyle = themed("--panel");
    context.fillRect(box.left, top, width, height);
    let y = top + 11;
    for (const line of named) {
      stroke(context, [[left, y], [left + 26, y]], line);
      context.fillStyle = themed("--ink-2");
      context.fillText(line.name, left + 34, y);
      y += 18;
    }
  }

  close() { this.resized.disconnect(); }
}

/** Of six places for a box in a picture, in the middle and at the sides, that which covers least of some lines. Pure. */
export function freest({ left, top, width, height }, boxWidth, boxHeight, lines) {
  const edge = 8;
  const across = [left + (width - boxWidth) / 2, left + edge, left + width - boxWidth - edge];
  const places = [top + edge, top + height - boxHeight - edge].flatMap((y) => across.map((x) => ({ left: x, top: y })));
  const covered = (box) => lines.reduce((sum, spots) => sum + coveredOf(box, spots, boxWidth, boxHeight), 0);
  const counts = places.map(covered);
  return places[counts.indexOf(Math.min(...counts))];
}

const BETWEEN = 8; // Places that are looked at between two points of a line.

function coveredOf(box, spots, width, height) {
  let count = 0;
  for (let i = 1; i < spots.length; i += 1) {
    if (!spots[i - 1] || !spots[i]) continue;
    for (let k = 0; k < BETWEEN; k += 1) {
      const [x, y] = [0, 1].map((axis) => spots[i - 1][axis] + (k / BETWEEN) * (spots[i][axis] - spots[i - 1][axis]));
      if (x > box.left && x < box.left + width && y > box.top && y < box.top + height) count += 1;
    }
  }
  return count;
}

function linearRows(scale, place) {
  const count = Math.max(3, Math.round(place.height / 70));
  const raw = (scale.high - scale.low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= raw * 0.75);
  const first = Math.ceil(scale.low / step - 1e-9);
  return Array.from({ length: Math.floor(scale.high / step + 1e-9) - first + 1 }, (_, i) => [(first + i) * step, place.y(scale.at((first + i) * step))]);
}

const BELOW = -0.2; // Where a value below a logarithmic scale lies: under the picture, never on its edge.

/** Pixels of a line; null where it is not known or not finite, and, of a `free` line, where it leaves the scale. */
function spotsOf(values, t, place, scale, free = false) {
  return Array.from(values, (value, i) => {
    if (!Number.isFinite(value) || (free && (value > scale.high * 1.02 || value < scale.low))) return null;
    return [place.x(t[i]), place.y(scale.log && value < scale.low ? BELOW : scale.at(value))];
  });
}
