// The panels of what a run's probes measure, made as they are needed, under the page's one cross-hair; and the place
// where probes are chosen.

import { Chart } from "../charts.mjs";
import { el, say } from "../dom.mjs";
import { meaning, warn } from "../measures/help.mjs";
import { ProbeFields, costWords, fetchProbes } from "../measures/probes.mjs";
import { warningOf } from "../measures/warnings.mjs";
import { MEASURES } from "./measure-panels.mjs";
import { Panel, writeNow } from "./panel.mjs";

const ONCE = "measured once so far";

export class Measures {
  /** `page`: {session, hands, tell(command)}; hands move the cross-hair. */
  constructor(place, page) {
    this.page = page;
    this.panels = new Map();
    this.step = null;
    this.grid = el("div", { class: "fx-measures" });
    this.fields = el("div", { class: "fx-probes" });
    this.cost = el("span", { class: "panel-note", role: "status" });
    this.dialog = el("dialog", { class: "keys fx-choose", "aria-label": "What is measured" }, el("h2", {}, "What is measured"), this.fields, el("button", { type: "button", class: "chip", onclick: () => this.dialog.close() }, "Close"));
    this.choose = el("button", { type: "button", class: "chip", id: "run-probes", onclick: () => this.dialog.showModal() }, "choose measures…");
    this.probes = new ProbeFields(this.fields, (probes) => page.tell({ kind: "set_probes", probes }));
    place.replaceChildren(el("div", { class: "fx-measures-head" }, el("h2", { class: "panel-title" }, "Measures"), this.cost, this.choose), this.grid, this.dialog);
    fetchProbes().then((plans) => this.probes.offer(plans));
  }

  /** What is known of a measure now, for its "?". */
  told(kind) {
    const { measured, summary } = this.page.session;
    return { event: measured.at(kind, this.step ?? Infinity), ms: summary?.probe_ms?.[kind], warning: warningOf(measured, this.step ?? Infinity) };
  }

  /** Make a panel for each thing that has been measured. */
  #make() {
    const { session, hands } = this.page;
    const wanted = Object.entries(MEASURES).filter(([, { probe, wanted: asked }]) => session.measured.list(probe).length && (asked?.(session.measured) ?? true));
    for (const [key, told] of wanted) {
      if (this.panels.has(key)) continue;
      const note = el("span", { id: `run-${key}-now`, class: "panel-note" });
      const chart = el("div", { id: `run-${key}`, class: "fx-chart" });
      this.grid.append(el("div", { class: "panel fx-panel", "data-key": key }, el("div", { class: "panel-head" }, el("h3", { class: "panel-title" }, told.title), note, meaning(told.means, () => this.told(told.probe))), chart));
      this.panels.set(key, told.cut ? { told, note, chart: new Chart(chart, { name: told.title }) } : { told, note, panel: new Panel(key, told.title, hands, ONCE) });
    }
  }

  /** Draw the curves over a range of epochs. */
  async curves(range, births, revision) {
    this.#make();
    const { measured } = this.page.session;
    const all = [...this.panels.values()].filter(({ panel }) => panel);
    await Promise.all(all.map(({ told, panel }) => panel.draw([...told.lines(measured), births], told.axes(measured), range, revision)));
  }

  /** Show the moment: a step, and the epoch of the hair or null. */
  show(step, hair) {
    this.step = step;
    const { session } = this.page;
    for (const each of this.panels.values()) {
      const event = session.measured.at(each.told.probe, step);
      writeNow(each.note, each.told.now(event, session.measured) || []);
      if (each.panel) each.panel.cross(hair);
      else if (each.shown !== event) { each.shown = event; this.#cut(each, event); }
    }
    warn(warningOf(session.measured, step));
    const { probe_share: share, probe_ms: ms } = session.summary ?? {};
    say(this.cost, costWords(share, session.sparing));
    this.cost.classList.toggle("is-dear", share > 0.5);
    this.choose.disabled = session.over;
    this.choose.title = session.over ? "This run is over: fork it to measure more" : "Choose what is measured, and how often";
    this.probes.show(session.probes, { share, ms, sparing: session.sparing });
  }

  #cut({ told, chart }, event) {
    const { lines, axes } = event ? told.cut(event) : { lines: [], axes: {} };
    chart.update(lines, { revision: "cut", ...axes, x: { fixedrange: true, ...axes.x }, y: { fixedrange: true, ...axes.y } });
  }

  /** Draw all cuts anew: the theme or the boxes have changed. */
  forget() { for (const each of this.panels.values()) each.shown = undefined; }

  close() {
    this.dialog.close();
    for (const { panel, chart } of this.panels.values()) (panel ?? chart).close();
  }
}
