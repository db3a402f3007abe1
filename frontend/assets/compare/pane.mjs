// One chart with its title, a note, a hair that stands on the clock, and the same as a table of numbers.

import { Chart } from "../charts.mjs";
import { say } from "../dom.mjs";
import { element } from "../element.mjs";
import { meaning } from "../measures/help.mjs";
import { figure } from "../words.mjs";

export class Pane {
  /** `ask` is the measure that a "?" beside the title explains; `hands` stand before the one that turns the chart into a table. */
  constructor(place, title, { empty = "not measured", wide = false, ask = "", hands = [] } = {}) {
    this.title = element("h3.panel-title", {}, title);
    this.note = element("span.panel-note");
    this.inner = element("div.fc-inner");
    this.hair = element("div.fc-hair", { hidden: true });
    this.numbers = element("div.fc-numbers", { hidden: true, tabIndex: 0 });
    this.flip = element("button.fc-flip", { type: "button", "aria-pressed": "false", title: "Show as a table", "aria-label": `${title} as a table`, onclick: () => this.#turn() }, "▦");
    this.node = element(wide ? "section.panel.fc-pane.fc-wide" : "section.panel.fc-pane", { "aria-label": title }, element("div.panel-head", {}, this.title, ask ? meaning(ask) : null, this.note, hands, this.flip), element("div.fc-chart", {}, this.inner, this.hair, this.numbers));
    place.append(this.node);
    this.chart = new Chart(this.inner, { name: title, empty });
    this.rows = null;
  }

  #turn() {
    const shown = this.numbers.hidden;
    this.numbers.hidden = !shown;
    this.inner.style.visibility = shown ? "hidden" : "";
    this.flip.setAttribute("aria-pressed", String(shown));
    this.#fill();
    this.cross(shown ? null : this.crossed);
  }

  /** Draw traces; `rows` gives `{heads, lines}` for the table when it is asked for. */
  async draw(traces, options, { title, note = "", summary = "", rows = () => ({ heads: [], lines: [] }) }) {
    if (title) { say(this.title, title); this.chart.name = title; this.flip.setAttribute("aria-label", `${title} as a table`); }
    say(this.note, note);
    this.rows = rows;
    this.#fill();
    await this.#put(traces, options, summary);
    this.cross(this.crossed);
  }

  /** A chart takes one drawing at a time; of those that come meanwhile the last is drawn after it. */
  async #put(...drawing) {
    this.wanted = drawing;
    if (this.drawing) return;
    this.drawing = true;
    try {
      while (this.wanted) {
        const next = this.wanted;
        this.wanted = null;
        await this.chart.update(...next);
      }
    } finally { this.drawing = false; }
  }

  #fill() {
    if (this.numbers.hidden || !this.rows) return;
    const { heads, lines } = this.rows();
    const cell = (value) => element("td", {}, typeof value === "number" ? figure(value, 4) : value ?? "–");
    this.numbers.replaceChildren(element("table", {}, element("thead", {}, element("tr", {}, heads.map((head) => element("th", { scope: "col" }, head)))), element("tbody", {}, lines.map((line) => element("tr", {}, line.map(cell))))));
  }

  /** Let the hair stand at a reading of the axis below; null takes it away. */
  cross(reading) {
    if (reading !== null) this.crossed = reading;
    const layout = this.chart.drawn ? this.inner._fullLayout : null;
    const axis = layout?.xaxis;
    const at = reading === null || reading === undefined || !axis ? NaN : axis.d2p(reading);
    this.hair.hidden = !(at >= -1 && at <= axis?._length + 1) || !this.numbers.hidden;
    if (this.hair.hidden) return;
    const { l, t, h } = layout._size;
    Object.assign(this.hair.style, { transform: `translateX(${l + at}px)`, top: `${t}px`, height: `${h}px` });
  }

  close() { this.chart.close(); }
}
