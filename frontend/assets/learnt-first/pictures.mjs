/** A card a row: the points sorted by how often they were right, with the curve of points that are all alike. */

import { FIXED, GROWN } from "../colour.mjs";
import { fit, say, themed } from "../dom.mjs";
import { element } from "../element.mjs";
import { meaning } from "../measures/help.mjs";
import { tenths } from "../words.mjs";
import { excessWords, PARTS, sortedCurve } from "./words.mjs";

const DASH = [5, 4];
const colour = (name) => ({ clean: GROWN, corrupted: FIXED })[name] ?? themed("--ink");

export class LearntCards {
  constructor(place) {
    this.place = place;
    this.cards = new Map();
    this.watcher = new ResizeObserver(() => this.redraw());
    this.watcher.observe(place);
  }

  /** Lay out cards for rows; called when another study is shown. */
  lay(runs, rows) {
    this.runs = runs;
    this.cards.clear();
    this.place.replaceChildren(legend(), element("div.fd-cards.lf-cards", {}, rows.map((row) => this.card(row))));
    for (const row of rows) this.show(row);
  }

  card(row) {
    const parts = { canvas: element("canvas", { role: "img" }), phase: element("span.fu-phase"), figures: element("p.fu-small"), row: null };
    this.cards.set(row.key, parts);
    const head = element("div.fd-head", {}, element("h3", {}, row.label), meaning("learnt_excess"));
    return element("section.panel.fd-card", { "data-row": row.key, "aria-label": row.label }, head, element("div.fd-under", {}, parts.phase), parts.canvas, parts.figures);
  }

  /** Show one row as it stands now. */
  show(row) {
    const card = this.cards.get(row.key);
    if (!card) return;
    card.row = row;
    say(card.phase, row.done ? `${row.done} of ${this.runs} runs` : `${this.runs} runs`);
    const told = row.parts.map((part) => `${PARTS[part.name]}: right in ${tenths(part.share)} of the runs, variance ${excessWords(part.excess)}`).join("; ");
    say(card.figures, told);
    card.canvas.setAttribute("aria-label", `${row.label}. ${told || "No run is over yet."}`);
    draw(card);
  }

  redraw() { for (const card of this.cards.values()) draw(card); }

  close() { this.watcher.disconnect(); }
}

function draw({ canvas, row }) {
  if (!row || canvas.clientWidth < 40) return;
  const { context, width, height } = fit(canvas);
  const [left, foot] = [42, height - 18];
  const at = ([x, y]) => [left + x * (width - left - 4), foot - y * (foot - 6)];
  context.font = "11px Inter, system-ui, sans-serif";
  context.fillStyle = themed("--ink-3");
  context.textAlign = "right";
  for (const share of [0, 0.5, 1]) {
    line(context, [at([0, share]), at([1, share])], themed("--line"), 1);
    context.fillText(`${100 * share} %`, left - 4, at([0, share])[1] + 4);
  }
  context.textAlign = "center";
  context.fillText("points, sorted", (left + width) / 2, height - 4);
  for (const part of row.parts) {
    line(context, sortedCurve(part.binomial).map(at), colour(part.name), 1, DASH);
    line(context, sortedCurve(part.counts).map(at), colour(part.name), 2);
  }
}

function line(context, points, stroke, wide, dash = []) {
  context.strokeStyle = stroke;
  context.lineWidth = wide;
  context.setLineDash(dash);
  context.beginPath();
  points.forEach(([x, y], at) => context[at ? "lineTo" : "moveTo"](x, y));
  context.stroke();
  context.setLineDash([]);
}

function legend() {
  const key = (kind, words) => element("span", {}, element("i.fd-key", { "data-kind": kind }), words);
  return element("div.fu-legend", {}, key("points", "share of the runs in which a point is right"), key("clean", "clean points"), key("wrong", "corrupted points"), key("alike", "points of which none is easier"));
}
