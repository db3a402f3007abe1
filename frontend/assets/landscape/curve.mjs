// Losses along a line: a slice, or the ways between two nets. The ball is dragged along, or moved by arrow keys.

import { el, fit, themed } from "../dom.mjs";
import { drawBall, drawFrame, FONT, layOut, powers, stroke } from "./frame.mjs";
import { nearest } from "./cells.mjs";

const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 };
const MARGIN = { left: 66, right: 16, top: 14, bottom: 42 };

export class Curve {
  /** `pick(place)` when a point of the line is chosen. */
  constructor(container, { pick }) {
    this.canvas = el("canvas", { class: "fq-canvas fq-dragging", tabIndex: 0, role: "img", "aria-label": "The loss along the line; arrow keys move the net" });
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

  /** scene: {t, lines [{values, colour, dash, width, name}], main (the line of the ball), ball, scale, xName}. */
  draw(scene) {
    this.scene = scene;
    const { context, width, height } = fit(this.canvas);
    const { t, lines, scale, ball, main } = scene;
    if (width < 80 || height < 60 || !scale || !t?.length) return;
    const room = 0.05;
    this.place = layOut(width, height, [t[0], t.at(-1)], [-room, 1 + room], MARGIN);
    const { place } = this;
    const rows = scale.log ? powers(scale.low, scale.high).map((value) => [value, place.y(scale.at(value))]) : linearRows(scale, place);
    drawFrame(context, place, { xName: scene.xName, yName: `loss, ${scene.unit}${scale.log ? " (log)" : ""}`, rows });
    context.save();
    context.beginPath();
    context.rect(place.left, place.top, place.width, place.height);
    context.clip();
    if (t[0] < 0 && t.at(-1) > 0) stroke(context, [[place.x(0), place.top], [place.x(0), place.top + place.height]], { colour: themed("--line-strong"), width: 1 });
    for (const line of lines) stroke(context, spotsOf(line.values, t, place, scale, line.free), line);
    this.#broken(context, main, t);
    const value = main?.values[ball];
    const share = Number.isFinite(value) ? scale.at(value) : 1;
    stroke(context, [[place.x(t[ball]), place.y(share)], [place.x(t[ball]), place.top + place.height]], { colour: "#d55e00", width: 1, dash: [2, 4] });
    drawBall(context, place.x(t[ball]), place.y(share), 9);
    context.restore();
    this.#legend(context, lines);
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

  #legend(context, lines) {
    context.font = FONT;
    context.textAlign = "left";
    context.textBaseline = "middle";
    const named = lines.filter(({ name }) => name);
    const wide = Math.max(...named.map(({ name }) => context.measureText(name).width)) + 34;
    const left = this.place.left + this.place.width / 2 - wide / 2;
    const top = this.scene.legend === "low" ? this.place.top + this.place.height - 18 * named.length - 12 : this.place.top + 8;
    context.fillStyle = themed("--panel");
    context.fillRect(left - 8, top, wide + 16, 18 * named.length + 4);
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
