// The panels of what a run's probes measure, made as they are needed, under the page's one cross-hair; and the place
// where probes are chosen.

import { Chart } from "../charts.mjs";
import { el, say } from "../dom.mjs";
import { fetchMeasures } from "../measures/declared.mjs";
import { edgeAlert } from "../measures/edges.mjs";
import { meaning, warn } from "../measures/help.mjs";
import { ProbeFields, costWords, fetchProbes } from "../measures/probes.mjs";
import { warningOf } from "../measures/warnings.mjs";
import { landscapeAddress } from "../runs/navigate.mjs";
import { MEASURES, plainPanel } from "./measure-panels.mjs";
import { Panel, writeNow } from "./panel.mjs";

const ONCE = "measured once so far";

export class Measures {
  /** `page`: {session, hands, tell(command)}; hands move the cross-hair. */
  constructor(place, page) {
    this.page = page;
    this.panels = new Map();
    this.step = this.hair = null;
    this.grid = el("div", { class: "fx-measures" });
    this.fields = el("div", { class: "fx-probes" });
    this.cost = el("span", { class: "panel-note", role: "status" });
    this.dialog = el("dialog", { class: "keys fx-choose", "aria-label": "What is measured" }, el("h2", {}, "What is measured"), this.fields, el("button", { type: "button", class: "chip", onclick: () => this.dialog.close() }, "Close"));
    this.choose = el("button", { type: "button", class: "chip", id: "run-probes", onclick: () => this.dialog.showModal() }, "choose measures…");
    this.probes = new ProbeFields(this.fields, (probes) => page.tell({ kind: "set_probes", probes }));
    this.straight = el("a", { class: "chip", id: "run-straight", title: "The loss from the first net straight to this one, and the cosine between downhill and the way to the end" }, "straight line and convexity");
    place.replaceChildren(el("div", { class: "fx-measures-head" }, el("h2", { class: "panel-title" }, "Measures"), this.cost, this.straight, this.choose), this.grid, this.dialog);
    fetchMeasures();
    fetchProbes().then((plans) => this.probes.offer(plans));
  }

  /** What is known of a measure now, for its "?". */
  told(kind, variant = undefined) {
    const { measured, summary } = this.page.session;
    const step = this.step ?? Infinity;
    const alert = kind === "curvature" ? edgeAlert(measured.list(kind), step) || measured.at(kind, step)?.edge_note : "";
    return { event: measured.at(kind, step, variant), ms: summary?.probe_ms?.[kind], warning: [warningOf(measured, step), alert].filter(Boolean).join(" ") };
  }

  /** Make a panel for each thing that has been measured. */
  #make() {
    const { session, hands } = this.page;
    const wanted = Object.entries(MEASURES).filter(([, { probe, wanted: asked }]) => (probe === null || session.measured.list(probe).length) && (asked?.(session.measured, session) ?? true));
    const plain = session.measured.plain.map((probe) => [probe, this.panels.get(probe)?.told ?? plainPanel(probe, session.measured)]);
    for (const [key, told] of [...wanted, ...plain]) {
      const variants = told.alike ? [undefined] : session.measured.variants(told.probe);
      for (const [i, variant] of variants.entries()) this.#panel(i ? `${key}-${i + 1}` : key, told, variant, hands);
      for (const each of this.panels.values()) if (each.told === told) say(each.variant, variants.length > 1 ? ` · ${each.of}` : "");
    }
  }

  /** A panel of its own for each variant: probes of a kind with other settings never share one. */
  #panel(id, told, of, hands) {
    if (this.panels.has(id)) return;
    const note = el("span", { id: `run-${id}-now`, class: "panel-note" });
    const chart = el("div", { id: `run-${id}`, class: "fx-chart" });
    const variant = el("span", { class: "fx-variant" });
    const ask = meaning(told.means, () => this.told(told.probe, of));
    const below = told.below?.(() => this.#again(id));
    this.grid.append(el("div", { class: `panel fx-panel${below ? " fx-tall" : ""}`, "data-key": id }, el("div", { class: "panel-head" }, el("h3", { class: "panel-title" }, told.title, variant), note, ask), chart, below?.place));
    const shows = told.cut ? { chart: new Chart(chart, { name: told.title }) } : { panel: new Panel({ place: chart, note }, told.title, hands, told.none ?? ONCE) };
    this.panels.set(id, { told, of, note, variant, below, ...shows });
  }

  /** Draw the curves over a range of epochs. */
  async curves(range, marks, revision) {
    const known = this.panels.size;
    this.#make();
    if (this.panels.size > known && this.step !== null) this.show(this.step, this.hair); // A run that is over may tell nothing more.
    const { session } = this.page;
    const { measured } = session;
    const all = [...this.panels.values()].filter(({ panel }) => panel);
    await Promise.all(all.map(({ told, of, panel }) => {
      const seen = measured.only(told.probe, of);
      return panel.draw([...told.lines(seen, session), ...marks], told.axes(seen, session), range, revision);
    }));
  }

  /** Show the moment: a step, and the epoch of the hair or null. */
  show(step, hair) {
    Object.assign(this, { step, hair });
    const { session } = this.page;
    const row = session.series.at(step);
    for (const each of this.panels.values()) {
      const event = session.measured.at(each.told.probe, step, each.of);
      writeNow(each.note, each.told.now(event, session.measured.only(each.told.probe, each.of), session, row) || []);
      if (each.panel) each.panel.cross(hair);
      else if (each.shown !== event) { each.shown = event; this.#cut(each, event, session.measured.only(each.told.probe, each.of)); }
    }
    warn(warningOf(session.measured, step));
    if (session.summary) this.straight.href = `${landscapeAddress(session.summary.id, step)}&view=straight`;
    const { probe_share: share, probe_ms: ms } = session.summary ?? {};
    say(this.cost, costWords(share, session.sparing));
    this.cost.classList.toggle("is-dear", share > 0.5);
    this.choose.disabled = session.over;
    this.choose.title = session.over ? "This run is over: fork it to measure more" : "Choose what is measured, and how often";
    this.probes.show(session.probes, { share, ms, sparing: session.sparing });
  }

  /** Draw a cut anew, because somebody chose something below it. */
  #again(id) {
    const each = this.panels.get(id);
    if (each?.shown) this.#cut(each, each.shown, this.page.session.measured.only(each.told.probe, each.of));
  }

  #cut({ told, chart, below }, event, measured) {
    below?.draw(event, this.page.session);
    const { lines, axes } = event ? told.cut(event, measured, below) : { lines: [], axes: {} };
    chart.update(lines, { revision: "cut", ...axes, x: { fixedrange: true, ...axes.x }, y: { fixedrange: true, ...axes.y } });
  }

  /** Draw all cuts anew: the theme or the boxes have changed. */
  forget() { for (const each of this.panels.values()) each.shown = undefined; }

  close() {
    this.dialog.close();
    for (const { panel, chart } of this.panels.values()) (panel ?? chart).close();
  }
}
