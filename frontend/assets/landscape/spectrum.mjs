// The spectrum of a Hessian: its density, the largest eigenvalues one by one, where the bulk ends.

import { el, fit, themed } from "../dom.mjs";
import { joined } from "./cells.mjs";
import { drawFrame, FONT, layOut, powers, stroke } from "./frame.mjs";
import { scaleOf } from "./tone.mjs";

export const LOOKS = { train: { colour: "#0072b2", dash: [] }, test: { colour: "#d08a00", dash: [8, 5] }, ghost: { colour: "#cc79a7", dash: [3, 4] } };
const MARGIN = { left: 62, right: 18, top: 50, bottom: 42 };
const RUG = { own: 10, ghost: 26 }; // Pixels above the picture at which eigenvalues are marked.

/** Height of the bell that one eigenvalue of `parameters` has. */
export const oneHigh = ({ parameters, width }) => 1 / (parameters * width * Math.sqrt(2 * Math.PI));

/** Where a spectrum lies: {x, y}, each lowest and highest; y begins well below the bell of one eigenvalue. */
export function extent(row) {
  if (!row) return null;
  const { at, density } = row.arrays;
  return { x: [at[0], at.at(-1)], y: [0.2 * oneHigh(row), 1.3 * density.reduce((most, value) => Math.max(most, value), 0)] };
}

/** What holds several spectra: the ghost counts only where the scale is locked. */
export function extents(rows) {
  const found = rows.map(extent).filter(Boolean);
  return { x: joined(...found.map(({ x }) => x)), y: joined(...found.map(({ y }) => y)) };
}

/** The eigenvalues of a row: [{value, residual, believed, gaussNewton}], empty while they are not known. */
export function pairsOf(row) {
  const { values, residuals, believed, gauss_newton: parts } = row?.arrays ?? {};
  return values ? Array.from(values, (value, i) => ({ value, residual: residuals[i], believed: Boolean(believed[i]), gaussNewton: parts[i] })) : [];
}

export class Spectrum {
  constructor(container) {
    this.canvas = el("canvas", { class: "fq-canvas", role: "img", "aria-label": "The density of the Hessian's eigenvalues; the numbers stand beside it" });
    container.replaceChildren(this.canvas);
    this.scene = null;
    this.resized = new ResizeObserver(() => this.scene && this.draw(this.scene));
    this.resized.observe(container);
  }

  /** scene: {lines [{row, look, name}] with the main one last, ghost (a line or null), ranges {x, y}, log}. */
  draw(scene) {
    this.scene = scene;
    const { context, width, height } = fit(this.canvas);
    const main = scene.lines.at(-1)?.row;
    if (width < 120 || height < 100 || !main || !scene.ranges.x) return;
    const { ranges: { x, y }, log } = scene;
    this.scale = scaleOf(log ? y : [0, y[1]], log);
    this.place = layOut(width, height, x, [0, 1], MARGIN);
    const rows = log ? powers(this.scale.low, this.scale.high).map((value) => [value, this.#y(value)]) : [0, 0.25, 0.5, 0.75, 1].map((share) => [this.scale.value(share), this.place.y(share)]);
    drawFrame(context, this.place, { xName: "eigenvalue", yName: log ? "density (log)" : "density", rows });
    this.#inside(context, scene, main);
    this.#rug(context, pairsOf(main), RUG.own, scene.lines.at(-1).look.colour, true);
    if (scene.ghost) this.#rug(context, pairsOf(scene.ghost.row), RUG.ghost, LOOKS.ghost.colour, false);
    this.#legend(context, [...scene.lines].reverse().concat(scene.ghost ?? []));
  }

  /** Pixel of a density; what is below the scale lies just under the picture. */
  #y(value) { return this.place.y(this.scale.at(value)) + (value < this.scale.low ? 4 : 0); }

  #inside(context, { lines, ghost }, main) {
    const { left, top, width, height, x } = this.place;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    const upright = (value, style) => stroke(context, [[x(value), top], [x(value), top + height]], style);
    context.fillStyle = "rgba(213, 94, 0, 0.07)";
    context.fillRect(left, top, Math.max(0, x(0) - left), height);
    upright(0, { colour: themed("--line-strong"), width: 1 });
    const one = this.#y(oneHigh(main));
    stroke(context, [[left, one], [left + width, one]], { colour: themed("--ink-3"), width: 1, dash: [1, 4] });
    for (const { value, believed } of pairsOf(main)) if (believed) upright(value, { colour: themed("--line-strong"), width: 1 });
    upright(main.bulk_edge, { colour: themed("--ink-2"), width: 1.4, dash: [6, 5] });
    this.#band(context, main, lines.at(-1).look.colour);
    for (const line of [...(ghost ? [ghost] : []), ...lines]) this.#curve(context, line, line === lines.at(-1));
    context.font = FONT;
    context.fillStyle = themed("--ink-2");
    context.textAlign = "left";
    context.textBaseline = "top";
    context.fillText("bulk edge", x(main.bulk_edge) + 5, top + 6);
    context.textAlign = "right";
    context.textBaseline = "bottom";
    context.fillText("one eigenvalue", left + width - 6, one - 3);
    context.restore();
  }

  #curve(context, { row, look }, isMain) {
    const { at, density } = row.arrays;
    stroke(context, Array.from(at, (value, i) => [this.place.x(value), this.#y(density[i])]), { ...look, width: isMain ? 2.6 : 1.8 });
  }

  /** A standard error to both sides, over the random vectors that are known. */
  #band(context, { arrays: { at, density, error } }, colour) {
    if (Number.isNaN(error[0])) return;
    context.beginPath();
    at.forEach((value, i) => context.lineTo(this.place.x(value), this.#y(density[i] + error[i])));
    for (let i = at.length - 1; i >= 0; i -= 1) context.lineTo(this.place.x(at[i]), this.#y(density[i] - error[i]));
    context.globalAlpha = 0.18;
    context.fillStyle = colour;
    context.fill();
    context.globalAlpha = 1;
  }

  /** Marks of the largest eigenvalues: full where converged; else hollow, with a bar as wide as the residual. */
  #rug(context, pairs, above, colour, named) {
    const { x, left, top, width } = this.place;
    const y = top - above;
    for (const { value, residual, believed } of pairs) {
      const here = x(value);
      if (!Number.isFinite(value) || here < left - 1 || here > left + width + 1) continue;
      if (!believed) stroke(context, [[Math.max(left, x(value - residual)), y], [Math.min(left + width, x(value + residual)), y]], { colour, width: 1.4 });
      context.beginPath();
      context.arc(here, y, 4, 0, 2 * Math.PI);
      context.fillStyle = believed ? colour : themed("--panel");
      context.fill();
      context.strokeStyle = colour;
      context.lineWidth = 1.6;
      context.stroke();
    }
    if (!named || !pairs.length) return;
    context.font = FONT;
    context.fillStyle = themed("--ink-2");
    context.textAlign = "left"; // To the right of it there is no other dot.
    context.textBaseline = "middle";
    context.fillText("λ₁", Math.min(x(pairs[0].value) + 8, left + width - 6), y);
  }

  #legend(context, lines) {
    context.font = FONT;
    context.textAlign = "left";
    context.textBaseline = "middle";
    let at = this.place.left;
    for (const { look, name } of lines) {
      stroke(context, [[at, 10], [at + 26, 10]], { ...look, width: 2.2 });
      context.fillStyle = themed("--ink-2");
      context.fillText(name, at + 33, 10);
      at += context.measureText(name).width + 58;
    }
  }

  close() { this.resized.disconnect(); }
}
