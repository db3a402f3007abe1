// The run page: one session, one cross-hair, and everything that follows it.

import * as api from "../api.mjs";
import { Chart, sessionMarks } from "../charts.mjs";
import { el, onTheme, say, settle, throttle } from "../dom.mjs";
import { closeMeaning, meaning } from "../measures/help.mjs";
import { netOn, sliceLines, sliceNote } from "../measures/lines.mjs";
import { atLeast } from "../measures/probes.mjs";
import { SliceHands } from "../measures/slice-hands.mjs";
import { closeModal, openModal } from "../modal.mjs";
import { onMount } from "../mount.mjs";
import { Session } from "../play/session.mjs";
import { TimeLine } from "../play/timeline.mjs";
import { act as actOn } from "../runs/actions.mjs";
import { keepInside, navigate, runAddress } from "../runs/navigate.mjs";
import { sayConnection, toast } from "../shell.mjs";
import { entryId } from "../wire.mjs";
import { figure } from "../words.mjs";
import { Reproduce } from "./reproduce.mjs";
import { Births } from "./births.mjs";
import { Cross } from "./cross.mjs";
import { RunGrowing } from "./growing.mjs";
import { Head } from "./head.mjs";
import { KEYS, actionOf } from "./keys.mjs";
import { Measures } from "./measures.mjs";
import { Panel, writeNow } from "./panel.mjs";
import { PANELS } from "./panels.mjs";
import { RunNet } from "./net.mjs";
import { RunPicture } from "./picture.mjs";

const CURVES_EVERY = 250;
const SLICE_EVERY = 120;
const byId = (id) => document.getElementById(id);

class RunPage {
  constructor(id) {
    this.id = id;
    this.heard = Date.now();
    this.drawing = 0;
    this.waiting = [];
    this.cross = new Cross(() => this.invalidate());
    this.session = new Session((what, detail) => this.hear(what, detail), ["frame", "predictions"]);
    this.head = new Head(byId("run-head"), (name) => this.act(name));
    this.picture = new RunPicture(byId("run-picture"));
    this.net = new RunNet(byId("run-net"), () => this.invalidate());
    this.growing = new RunGrowing(() => this.grown());
    this.births = new Births(byId("run-births"), { go: (step) => this.cross.pin(step), growing: this.growing, told: (birth) => this.toldOf(birth), blockOf: (layer) => this.net.blocks.blockOf(layer) });
    this.again = new Reproduce(byId("run-again"));
    this.time = new TimeLine(byId("run-time"), { onSeek: (step, end) => this.cross.pin(step, end) });
    this.#panels();
    this.#hands();
    this.curves = throttle(() => this.drawCurves(), CURVES_EVERY);
    this.slice = throttle(() => this.drawSlice(), SLICE_EVERY);
    this.address = throttle(() => this.writeAddress(), 500);
    this.detail = settle(() => this.readDetail(), 700);
    this.#listen();
    this.open();
  }

  #panels() {
    const hands = { look: (epoch) => this.cross.look(this.stepOf(epoch)), pin: (epoch) => this.cross.pin(this.stepOf(epoch)) };
    this.panels = Object.entries(PANELS).map(([key, told]) => ({ ...told, key, panel: new Panel({ place: byId(`run-${key}`), note: byId(`run-${key}-now`) }, key, hands) }));
    this.measures = new Measures(byId("run-measures"), { session: this.session, hands, tell: (order) => this.session.command(order) });
    this.sliceChart = new Chart(byId("run-slice"), { name: "Loss along a sharpest direction", empty: "loading…" });
    this.slices = new SliceHands({ ask: (directions) => this.askDirections(directions), changed: () => { this.shownSlice = undefined; this.drawSlice(); } });
    byId("run-slice-now").before(this.slices.root);
    const meant = { sharpness: ["curvature", "curvature"], slice: ["slice", `slice ${this.slices.direction}`] };
    for (const key of [...Object.keys(PANELS), "slice"]) {
      const [means, kind] = meant[key] ?? [key];
      byId(`run-${key}-now`).after(meaning(means, () => (kind ? this.measures.told(kind) : {})));
    }
  }

  #hands() {
    this.replayButton = el("button", { type: "button", class: "chip", title: "Replay the whole training (Space)", onclick: () => this.cross.play() }, "▶ replay");
    this.liveButton = el("button", { type: "button", class: "chip", title: "Back to the newest moment (L)", onclick: () => this.cross.toLive() }, "newest");
    byId("run-time-hands").replaceChildren(this.replayButton, this.liveButton);
  }

  #listen() {
    const page = byId("run").closest(".fx-page");
    const on = (target, name, call) => { target.addEventListener(name, call); return () => target.removeEventListener(name, call); };
    const resized = new ResizeObserver(() => { this.curves(); this.invalidate(); });
    for (const id of ["run-accuracy", "run-time", "run-picture"]) resized.observe(byId(id));
    const clock = setInterval(() => this.drawHead(), 1000);
    this.ends = [
      keepInside(page), on(document, "keydown", (event) => this.key(event)), on(window, "fs:help", (event) => { event.preventDefault(); this.help(); }),
      onTheme(() => { this.picture.refresh(); this.measures.forget(); this.shownSlice = undefined; this.curves(); this.invalidate(); }),
      () => resized.disconnect(), () => clearInterval(clock),
    ];
  }

  async open() {
    api.readRun(this.id).then((run) => this.head.draw({ ...run, heard: Date.now() }), () => {}); // The points may take longer.
    try {
      await this.session.attach(this.id);
    } catch (error) {
      byId("run").closest(".fx-page").replaceChildren(el("div", { class: "lost" }, ...this.lost(error)));
      return;
    }
    const at = new URLSearchParams(location.search).get("at");
    if (at !== null && this.known()) this.cross.pin(Number(at));
  }

  /** What stands here instead of a run that is not there, or whose spec this version cannot read: its curves leave as a table. */
  lost({ status, code, message, hint }) {
    const all = el("a", { class: "fp-button", href: "/runs" }, "All runs");
    if (code !== "unreadable") return [el("h1", {}, status === 404 ? `There is no run ${this.id}.` : message), el("p", {}, hint || "It may have been deleted."), all];
    const curves = el("a", { class: "fp-button", href: `/api/runs/${this.id}/metrics?format=csv` }, "Its curves as CSV");
    return [el("h1", {}, "This run cannot be drawn"), el("p", {}, `${message} ${hint}`), curves, " ", all];
  }

  // ——— what the session says ———

  hear(what, detail) {
    if (what === "connection") return sayConnection(detail);
    if (what === "proposal") return this.growing.hear(detail);
    if (what === "grown" || what === "undone" || what === "run") this.growing.forget();
    if (what === "refused") return toast(detail?.message ?? String(detail));
    if (what === "drawn") {
      this.waiting.push(detail);
      if (document.hidden) this.acknowledge(); // Nothing is drawn in a hidden tab.
    }
    if (what === "status" || what === "run") { this.heard = Date.now(); this.detail(); this.drawHead(); }
    if (what === "run") { this.again.draw(detail); this.emptyWords(detail.spec.probes); this.nameUnits(detail); }
    if (what === "probes") this.emptyWords(detail);
    if (what === "rows" || what === "grown" || what === "frame") this.curves();
    return this.invalidate();
  }

  get run() {
    const { summary, status } = this.session;
    return summary && { ...summary, state: status.state ?? summary.state, message: status.message || summary.message, heard: this.heard };
  }

  /** What stands where there is no curve: it comes, or this run does not measure it. */
  emptyWords(probes) {
    const measured = new Set(probes.map((probe) => probe.kind));
    const words = (kind) => (!kind || measured.has(kind) ? "measuring…" : "not measured in this run");
    const charts = [...this.panels.map(({ panel, probe }) => [panel.chart, probe]), [this.sliceChart, "slice"]];
    for (const [chart, probe] of charts) {
      chart.empty = words(probe);
      if (!chart.drawn) chart.update([]);
    }
  }

  /** A net of blocks has inner units. */
  nameUnits({ drawn }) { say(byId("run-neurons").closest(".panel").querySelector(".panel-title"), drawn === "blocks" ? "Inner units" : "Neurons"); }

  async readDetail() {
    const run = await api.readRun(this.id).catch(() => null);
    if (run) this.again.draw(run);
  }

  // ——— the moment ———

  stepOf(epoch) { return epoch === null ? null : this.session.calendar.stepOf(epoch); }
  epochOf(step) { return this.session.calendar.epochOf(step); }

  /** Tell the cross-hair how far the run reaches; says whether there is anything at all. */
  known() {
    const { series, history } = this.session;
    const firsts = [series.length ? series.steps[0] : Infinity, history.first?.step ?? Infinity];
    const last = Math.max(series.lastStep, history.last?.step ?? -1);
    if (last < 0) return false;
    this.cross.setRange(Math.min(...firsts), last);
    return true;
  }

  get frame() {
    const { history } = this.session;
    return history.frames[history.indexAt(this.cross.step)] ?? null;
  }

  /** What growing from this page needs to know. */
  grown() {
    const { session, run } = this;
    const row = session.series.at(session.series.lastStep);
    return { session, run, loss: row?.train_loss, solved: row?.train_accuracy >= 1 };
  }

  /** What the card of a birth tells: the unit in the newest frame that has it. */
  toldOf(birth) {
    const { history, series, data } = this.session;
    for (const frame of [history.last, this.frame, ...history.frames.toReversed()]) {
      const layer = frame?.units?.findIndex((ids) => ids.includes(birth.unit)) ?? -1;
      if (layer < 0) continue;
      const unit = { layer, row: frame.units[layer].indexOf(birth.unit) };
      return { unit, frame, birth, births: history.birthsOf(frame), series, shape: data?.image_shape ?? null, ink: data?.ink, numbers: null };
    }
    return null;
  }

  invalidate() {
    this.drawing ||= requestAnimationFrame(() => { this.drawing = 0; this.draw(); });
  }

  draw() {
    if (this.known()) {
      const step = this.cross.step;
      const row = this.session.series.at(step);
      const [sharp, held] = ["curvature", "validation"].map((kind) => this.session.measured.at(kind, step));
      const hair = this.cross.live ? null : this.epochOf(step);
      for (const { panel, now } of this.panels) {
        panel.cross(hair);
        writeNow(panel.note, now(row, sharp, this.session, held));
      }
      this.measures.show(step, hair);
      const frame = this.frame;
      this.picture.draw(this.session, frame);
      this.net.draw(this.session, frame);
      this.time.draw({ history: this.session.history, series: this.session.series, restarts: this.session.restarts, frame: frame && { ...frame, step }, live: this.cross.live });
      this.slice();
      this.address();
    }
    this.births.draw(this.session.history.births, this.run);
    this.head.lookFrom(this.run, this.cross.put);
    say(this.replayButton, this.cross.replaying ? "■ stop" : "▶ replay");
    this.liveButton.disabled = this.cross.live;
    this.acknowledge();
  }

  acknowledge() { for (const say of this.waiting.splice(0)) say(); }

  drawHead() { this.head.draw(this.run); }

  async drawCurves() {
    if (!this.known()) return;
    const range = this.cross.range.map((step) => this.epochOf(step));
    if (range[1] <= range[0]) range[1] = range[0] + 1;
    const along = sessionMarks(this.session);
    await Promise.all([
      ...this.panels.map(({ panel, lines, axes }) => panel.draw([...lines(this.session), ...along], axes(this.session), range, this.id)),
      this.measures.curves(range, along, this.id),
    ]);
    this.invalidate();
  }

  drawSlice() {
    this.slices.offer(this.session.measured, !this.session.over);
    const slice = this.slices.of(this.session.measured, this.cross.step);
    if (slice === this.shownSlice) return;
    this.shownSlice = slice;
    writeNow(byId("run-slice-now"), slice && [["", "epoch", String(Math.round(slice.epoch))], ["", ...sliceNote(slice)]]);
    const { x, y } = slice ? this.slices.axes(slice) : {};
    this.sliceChart.update(slice ? sliceLines(slice) : [], { cross: slice ? netOn(slice) : 0, revision: slice?.kind ?? "slice", x: { fixedrange: true, ...x }, y: { fixedrange: true, ...y } });
  }

  askDirections(directions) {
    const probes = atLeast(this.session.probes, this.measures.probes.plans.find(({ kind }) => kind === "slice"), "directions", directions);
    if (probes) this.session.command({ kind: "set_probes", probes });
  }

  writeAddress() {
    const { put, replaying } = this.cross;
    if (replaying || location.pathname !== runAddress(this.id)) return;
    const wanted = `${location.pathname}${put === null ? "" : `?at=${put}`}`;
    if (wanted !== location.pathname + location.search) history.replaceState(history.state, "", wanted);
  }

  // ——— what a person does ———

  async act(name) {
    if (name === "fork") return this.fork();
    if (name === "start") return this.start();
    if (name === "resume" || name === "delete") {
      const done = await actOn(name, [this.run]);
      if (done?.length && name === "delete") navigate("/runs");
      return undefined;
    }
    return this.session.command({ kind: name });
  }

  /** Opens Launch with what this run is, and the weights at the cross-hair to begin with. */
  start() {
    const { history } = this.session;
    const frame = history.frames[history.indexAt(this.cross.kept)];
    if (!frame) return toast("There is no frame to start from yet.");
    return navigate(`/launch?${new URLSearchParams({ like: this.id, start: `${frame.run ?? this.id}@${frame.step}` })}`);
  }

  async fork() {
    const { history } = this.session;
    const frame = history.frames[history.indexAt(this.cross.kept)];
    if (!frame) return toast("There is no frame to fork from yet.");
    try {
      const made = await api.fork(frame.run ?? this.id, { step: frame.step, frame: entryId(frame) });
      toast(`Forked as ${made.name}`);
      return navigate(runAddress(made.id));
    } catch (error) {
      return toast([error.message, error.hint].filter(Boolean).join(" "));
    }
  }

  key(event) {
    const action = actionOf(event);
    if (!action || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    const { cross, session: { history } } = this;
    const move = (by) => { const frame = history.frames[Math.max(0, Math.min(history.length - 1, history.indexAt(cross.step) + by))]; if (frame) cross.pin(frame.step, by > 0); };
    const birth = (direction) => { const found = this.frame && history.birthBeside(this.frame, direction); if (found) cross.pin(found.step); };
    const acts = { replay: () => cross.play(), back: () => move(-1), forward: () => move(1), birthBack: () => birth(-1), birthOn: () => birth(1), live: () => cross.toLive() };
    acts[action]();
  }

  help() {
    const box = el("dialog", { class: "keys" }, el("h2", {}, "Keys"), el("dl", {}, ...KEYS.flatMap(([keys, words]) => [el("dt", {}, ...keys.map((key) => el("kbd", {}, key))), el("dd", {}, words)])), el("a", { class: "chip", href: "/glossary" }, "Glossary"), " ", el("button", { type: "button", class: "chip", onclick: () => box.close() }, "Close"));
    openModal(box);
  }

  close() {
    cancelAnimationFrame(this.drawing);
    for (const throttled of [this.curves, this.slice, this.address]) throttled.cancel();
    this.cross.stop();
    this.ends.forEach((end) => end());
    this.session.close();
    this.picture.close();
    this.net.close();
    this.sliceChart.close();
    this.measures.close();
    closeMeaning();
    closeModal();
    this.panels.forEach(({ panel }) => panel.close());
    sayConnection(null);
  }
}

onMount("run", (root) => {
  const page = new RunPage(root.dataset.run);
  window.foldscapeRun = page;
  return () => page.close();
});
