/** One strip of dots a row: nets that reach the best are full, those close to it pale, the others hollow. */

import { FIXED, GROWN } from "../colour.mjs";
import { fit, say, themed } from "../dom.mjs";
import { element } from "../element.mjs";
import { tenths } from "../words.mjs";
import { bySet, stripCells, headline, stripLevels, phaseWords } from "./words.mjs";

const FOOT = 16; // Pixels below the dots of a strip with a mark.
const LARGEST = 14; // Pixels from dot to dot at most.
const PALE = 0.42;

export class Strips {
  constructor(place, about) {
    this.place = place;
    this.about = about;
    this.strips = new Map();
    this.watcher = new ResizeObserver(() => this.redraw());
    this.watcher.observe(place);
  }

  /** Lay out strips for rows; called when another study is shown. */
  lay(rows, steps) {
    this.steps = steps;
    this.strips.clear();
    const sets = bySet(rows).map(([data, own]) => {
      const head = element("h3", {}, data, element("span", {}, data === "sine" ? "z > sin x, one period" : "z > sin x, one and a half periods"));
      return element("section.panel.fu-set", { "aria-label": data }, head, own.map((row) => this.strip(row)));
    });
    this.place.replaceChildren(legend(), element("div.fu-sets", {}, sets));
    for (const row of rows) this.show(row);
  }

  strip(row) {
    const parts = { canvas: element(this.about.published[row.method] ? "canvas.fu-marked" : "canvas", { role: "img" }), number: element("b"), words: element("span"), phase: element("span.fu-phase"), row: null };
    this.strips.set(row.key, parts);
    return element("div.fu-strip", { "data-row": row.key }, element("div.fu-label", {}, element("span.fu-name", {}, row.label), parts.phase), parts.canvas, element("div.fu-count", {}, parts.number, parts.words));
  }

  /** Show one row as it stands now. */
  show(row) {
    const parts = this.strips.get(row.key);
    if (!parts) return;
    parts.row = row;
    const { number, words } = headline(row);
    say(parts.number, number);
    say(parts.words, words);
    say(parts.phase, phaseWords(row, this.steps));
    parts.canvas.setAttribute("aria-label", `${row.label}: ${number || "no"} ${words} reach the best accuracy`);
    this.draw(parts);
  }

  redraw() { for (const parts of this.strips.values()) this.draw(parts); }

  draw({ canvas, row }) {
    if (!row || canvas.clientWidth < 40) return;
    const { context, width, height } = fit(canvas);
    const published = this.about.published[row.method];
    const cells = stripCells(row.nets);
    const tall = height - (published ? FOOT : 0);
    const high = Math.max(1, Math.round(Math.sqrt((cells * tall) / width))); // Dots in a column, for square cells.
    const columns = Math.ceil(cells / high);
    const pitch = Math.min(tall / high, width / columns, LARGEST);
    const [full, pale] = stripLevels(row, cells);
    const colour = this.about.methods[row.method].grows ? GROWN : FIXED;
    const hollow = themed("--line-strong");
    for (let cell = 0; cell < cells; cell += 1) {
      const [x, y] = [(Math.floor(cell / high) + 0.5) * pitch, ((cell % high) + 0.5) * pitch];
      context.beginPath();
      context.arc(x, y, pitch * (cell < pale ? 0.4 : 0.16), 0, 2 * Math.PI);
      context.globalAlpha = cell < full || cell >= pale ? 1 : PALE;
      context.fillStyle = cell < pale ? colour : hollow;
      context.fill();
    }
    context.globalAlpha = 1;
    if (published) mark(context, (published.reached / published.of) * columns * pitch, pitch * high, width, tenths(published.reached, published.of));
  }

  close() { this.watcher.disconnect(); }
}

/** The published share as a line across the dots. */
function mark(context, x, height, width, words) {
  context.strokeStyle = themed("--ink");
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, height + 13);
  context.stroke();
  context.font = "11px Inter, system-ui, sans-serif";
  context.fillStyle = themed("--ink-2");
  context.textAlign = x > width / 2 ? "right" : "left";
  context.fillText(`published ${words}`, x + (x > width / 2 ? -5 : 5), height + 12);
}

function legend() {
  const dot = (kind, words) => element("span", {}, element("i.fu-dot", { "data-kind": kind }), words);
  return element(
    "div.fu-legend", {}, dot("full", "reaches the best accuracy that any net has"), dot("pale", "within 0.01 of it"), dot("rest", "further away"),
    dot("fixed", "not grown"), dot("grown", "grown"),
  );
}

