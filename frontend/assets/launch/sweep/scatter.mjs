/** The live scatter of a sweep: flatness (log) against accuracy, a dot a run, a line as the second of a pair lands. */

import { fit, say, themed } from "../../dom.mjs";
import { element } from "../../element.mjs";
import { sweepDots, limitsOf, logTicksOf, othersOf, dotPairs, ticksOf } from "./dots.mjs";
import { isFlatness, labelOf } from "../../measures/declared.mjs";
import { tenths } from "../../words.mjs";
import { comparedAxis, drawnMeasure } from "./words.mjs";

const EDGE = { left: 64, right: 16, top: 14, bottom: 44 };
const COLOURS = ["--grown", "--fixed", "--class-0", "--class-1", "--new-fold"];
const NEAR = 12; // Pixels within which a dot is meant.

export class Scatter {
  constructor(place) {
    this.canvas = element("canvas.fw-canvas", { role: "img", tabindex: 0 });
    this.tip = element("div.fw-tip", { hidden: true });
    this.legend = element("ul.fw-legend");
    this.empty = element("p.fw-empty", {}, "The first dot comes with the first run that ends.");
    place.replaceChildren(this.legend, element("div.fw-plot", {}, this.canvas, this.empty, this.tip));
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerleave", () => { this.tip.hidden = true; });
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(place);
    this.show(null, []);
  }

  show(spec, rows) {
    this.spec = spec;
    this.measure = spec ? drawnMeasure(spec) : "";
    this.dots = spec ? sweepDots(spec, rows, this.measure) : [];
    this.pairs = spec ? dotPairs(this.dots, spec) : [];
    this.empty.hidden = this.dots.length > 0;
    if (spec) this.writeLegend();
    this.canvas.setAttribute("aria-label", this.dots.length > 0 ? `${this.dots.length} runs: ${labelOf(this.measure)} against accuracy, ${this.pairs.length} pairs` : "No run has ended yet");
    this.draw();
  }

  writeLegend() {
    const sides = Object.keys(this.spec.vary[comparedAxis(this.spec)] ?? {}).slice(0, COLOURS.length);
    const shades = othersOf(this.spec).filter(Boolean);
    const mark = (side, shade) => {
      const canvas = element("canvas", { "aria-hidden": "true" });
      const { context } = fit(canvas, 14, 14);
      canvas.style.cssText = "width:14px;height:14px";
      paint(context, 7, 7, side, shade, 1);
      return canvas;
    };
    const items = sides.map((name, side) => element("li", {}, mark(side, 0), name));
    const others = shades.length > 1 ? shades.slice(0, 4).map((name, shade) => element("li.fw-shade", {}, mark(-1, shade), name)) : [];
    this.legend.replaceChildren(...items, ...others);
  }

  draw() {
    if (this.canvas.clientWidth < 80) return;
    const { context, width, height } = fit(this.canvas);
    const xs = limitsOf(this.dots.map(({ x }) => x));
    const ys = limitsOf(this.dots.map(({ y }) => y), true);
    if (!xs || !ys) return;
    const x = (value) => EDGE.left + ((value - xs[0]) / (xs[1] - xs[0])) * (width - EDGE.left - EDGE.right);
    const y = (value) => height - EDGE.bottom - ((Math.log10(value) - ys[0]) / (ys[1] - ys[0])) * (height - EDGE.top - EDGE.bottom);
    this.at = this.dots.map((dot) => ({ dot, x: x(dot.x), y: y(dot.y) }));
    drawAxes(context, { width, height, x, y, xs, ys, measure: this.measure });
    context.strokeStyle = themed("--line-strong");
    context.lineWidth = 1;
    for (const [first, second] of this.pairs) {
      context.beginPath();
      context.moveTo(x(first.x), y(first.y));
      context.lineTo(x(second.x), y(second.y));
      context.stroke();
    }
    for (const each of this.at) paint(context, each.x, each.y, each.dot.side, each.dot.shade, 0.9);
  }

  point({ offsetX, offsetY }) {
    const away = (each) => Math.hypot(each.x - offsetX, each.y - offsetY);
    const nearest = (this.at ?? []).reduce((best, each) => (away(each) < (best ? away(best) : NEAR) ? each : best), null);
    this.tip.hidden = !nearest;
    if (!nearest) return;
    const { dot } = nearest;
    say(this.tip, `${dot.row.name}: ${labelOf(this.measure)} ${dot.y.toPrecision(3)}, accuracy ${tenths(dot.x)}`);
    const left = Math.min(nearest.x + 10, this.canvas.clientWidth - this.tip.offsetWidth - 4);
    this.tip.style.cssText = `left:${Math.max(0, left)}px;top:${Math.max(0, nearest.y - 30)}px`;
  }

  close() { this.watch.disconnect(); }
}

/** One mark: a triangle for the first side, a square for the second, circles for others; hollow from the second shade on. */
function paint(context, x, y, side, shade, alpha) {
  const colour = side < 0 ? themed("--ink-2") : themed(COLOURS[side % COLOURS.length]);
  context.globalAlpha = alpha;
  context.beginPath();
  if (side === 0) { context.moveTo(x, y - 5.5); context.lineTo(x + 5, y + 4); context.lineTo(x - 5, y + 4); context.closePath(); }
  else if (side === 1) context.rect(x - 4, y - 4, 8, 8);
  else context.arc(x, y, 4.3, 0, 2 * Math.PI);
  context.fillStyle = shade === 0 ? colour : themed("--panel");
  context.fill();
  context.strokeStyle = colour;
  context.lineWidth = 1.6;
  context.setLineDash(shade > 1 ? [2, 1.6] : []);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

function drawAxes(context, { width, height, x, y, xs, ys, measure }) {
  const bottom = height - EDGE.bottom;
  context.font = "11.5px Inter, system-ui, sans-serif";
  context.fillStyle = themed("--ink-2");
  context.strokeStyle = themed("--line");
  context.lineWidth = 1;
  context.textAlign = "center";
  for (const value of ticksOf(xs, Math.max(2, Math.min(7, width / 110)))) {
    line(context, x(value), EDGE.top, x(value), bottom);
    context.fillText(`${Number((100 * value).toFixed(1))} %`, x(value), bottom + 16);
  }
  context.textAlign = "right";
  for (const value of logTicksOf(ys)) {
    line(context, EDGE.left, y(value), width - EDGE.right, y(value));
    context.fillText(Number(value.toPrecision(2)).toLocaleString("en"), EDGE.left - 7, y(value) + 4);
  }
  context.textAlign = "center";
  context.fillText("accuracy on test points", (EDGE.left + width - EDGE.right) / 2, height - 8);
  context.save();
  context.translate(14, (EDGE.top + bottom) / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(`${labelOf(measure)}, log${isFlatness(measure) ? "  (sharper ↑)" : ""}`, 0, 0);
  context.restore();
}

function line(context, x0, y0, x1, y1) {
  context.beginPath();
  context.moveTo(Math.round(x0) + 0.5, Math.round(y0) + 0.5);
  context.lineTo(Math.round(x1) + 0.5, Math.round(y1) + 0.5);
  context.stroke();
}
