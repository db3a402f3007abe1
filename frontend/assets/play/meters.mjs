// Accuracy, loss, sharpness and the slice: a number each, and its curve over the epochs.

import { Chart, birthMarks, line } from "../charts.mjs";
import { FIXED } from "../colour.mjs";
import { el, themed } from "../dom.mjs";
import { costWords } from "../measures/probes.mjs";
import { edgeAlert, edgeName } from "../measures/edges.mjs";
import { meaning, warn } from "../measures/help.mjs";
import { partnerOf, sharpnessLines, sliceLines } from "../measures/lines.mjs";
import { SliceHands } from "../measures/slice-hands.mjs";
import { warningOf } from "../measures/warnings.mjs";
import { decimate } from "../series.mjs";
import { epochs, figure, share } from "../words.mjs";

const NAMES = { accuracy: "Accuracy over epochs", loss: "Loss over epochs", sharpness: "Sharpness over epochs", slice: "Loss along a sharpest direction" };
const MEANT = { accuracy: "accuracy", loss: "loss", sharpness: "curvature", slice: "slice" };

export class Meters {
  /** `hands`: `ask(directions)` wants more directions measured, `changed()` says that a curve has to be drawn anew. */
  constructor(byId, hands) {
    this.notes = Object.fromEntries(Object.keys(NAMES).map((key) => [key, byId(`play-${key}-now`)]));
    this.charts = Object.fromEntries(Object.entries(NAMES).map(([key, name]) => [key, new Chart(byId(`play-${key}`), { name })]));
    this.slices = new SliceHands({ ...hands, changed: () => { this.forget(); hands.changed(); } });
    this.told = {};
    this.#heads();
    this.turn = 0;
    this.seen = {};
    this.sizes = 0;
  }

  /** Each head gets its "?", and the slice its choices. */
  #heads() {
    for (const [key, note] of Object.entries(this.notes)) {
      if (key === "slice") note.before(this.slices.root);
      note.after(meaning(MEANT[key], () => this.told[key]));
    }
  }

  /** The numbers of the moment shown. */
  numbers(session, frame) {
    const row = frame && session.series.at(frame.step);
    const sharp = frame && session.measured.at("curvature", frame.step);
    const ms = session.summary?.probe_ms ?? {};
    const warning = warningOf(session.measured, frame?.step);
    warn(warning);
    const alert = edgeAlert(session.measured.list("curvature"), frame?.step);
    this.told = { sharpness: { event: sharp, ms: ms.curvature, warning: [warning, alert].filter(Boolean).join(" ") }, loss: { loss: session.spec?.loss }, slice: { event: frame && this.slices.of(session.measured, frame.step), ms: ms.slice, warning } };
    this.slices.offer(session.measured, !session.over);
    this.notes.sharpness.title = costWords(session.summary?.probe_share, session.sparing);
    const pair = (first, second) => [el("b", {}, first), ` train${second === null ? "" : ` · ${second} test`}`];
    const tested = row && Number.isFinite(row.test_accuracy);
    this.#note("accuracy", row ? pair(share(row.train_accuracy), tested ? share(row.test_accuracy) : null) : []);
    this.#note("loss", row ? pair(figure(row.train_loss), tested ? figure(row.test_loss) : null) : []);
    this.#note("sharpness", sharp ? ["λ ", el("b", {}, sharp.lambda_max === null ? "not found" : figure(sharp.lambda_max, 2)), el("span", { class: "edge" }, ` · ${edgeWords(sharp)}`), el("span", { class: "partner" }, ` · scale-free ${figure(partnerOf(sharp), 2)}`)] : []);
    return row;
  }

  #note(key, parts) {
    const words = parts.map((part) => part.textContent ?? part).join("");
    if (this.notes[key].textContent !== words) this.notes[key].replaceChildren(...parts);
  }

  /** Draw the next of the curves, in turn; one that has nothing new to show is passed over. */
  async next(session, frame, live) {
    const keys = Object.keys(NAMES);
    for (let tried = 0; tried < keys.length; tried += 1) {
      const key = keys[this.turn];
      this.turn = (this.turn + 1) % keys.length;
      const cross = live || !frame ? null : frame.epoch;
      const slice = frame && this.slices.of(session.measured, frame.step);
      const sources = { sharpness: session.measured.last("curvature"), slice, accuracy: session.series.length, loss: session.series.length };
      const seen = [session.run, sources[key], key === "slice" ? null : cross, session.history.births.length, themed("--ink"), this.sizes, session.over];
      if (this.seen[key] && seen.every((part, i) => part === this.seen[key][i])) continue;
      this.seen[key] = seen;
      this.charts[key].empty = session.over ? "ended before there was a curve" : "measuring…";
      await this[key](session, { frame, cross, slice, births: birthMarks(session.history.births.map((birth) => birth.epoch)), ink: themed("--ink") });
      return true;
    }
    return false;
  }

  /** Draw all curves anew when their turn comes: their boxes have changed. */
  forget() { this.sizes += 1; }

  #both(session, name, { births, ink }) {
    const epoch = session.series.column("epoch");
    const column = (key) => decimate(epoch, session.series.column(key), 600);
    return [
      line(column(`test_${name}`), { name: "test", line: { color: themed("--ink-3"), dash: "dash", width: 1.4 } }),
      line(column(`train_${name}`), { name: "train", line: { color: ink } }), births,
    ];
  }

  accuracy(session, about) {
    const row = about.frame && session.series.at(about.frame.step);
    const range = accuracyRange(session.series.column("train_accuracy"), session.series.column("test_accuracy"));
    return this.charts.accuracy.update(this.#both(session, "accuracy", about), { cross: about.cross, revision: session.run, y: { range } }, row ? `${share(row.train_accuracy)} now` : "");
  }

  loss(session, about) {
    const row = about.frame && session.series.at(about.frame.step);
    return this.charts.loss.update(this.#both(session, "loss", about), { cross: about.cross, revision: session.run, y: { rangemode: "tozero" } }, row ? `${figure(row.train_loss)} now` : "");
  }

  sharpness({ measured, run }, { cross, births }) {
    const list = measured.list("curvature");
    const x = { range: list.length > 1 ? [list[0].epoch, list.at(-1).epoch] : undefined }; // Marks would widen it.
    return this.charts.sharpness.update(
      [...sharpnessLines(list), births],
      { cross, revision: run, x, y: { type: "log", dtick: 1, exponentformat: "none" }, y2: { color: FIXED, rangemode: "tozero", tickmode: "auto", nticks: 3 } },
      list.length ? `λ_max ${figure(list.at(-1).lambda_max)}` : "");
  }

  slice(session, { slice }) {
    if (!slice) { this.#note("slice", []); return this.charts.slice.update([]); }
    this.#note("slice", [`λ ${figure(slice.lambda_max, 2)}`]);
    return this.charts.slice.update(sliceLines(slice), { cross: 0, revision: "slice", ...this.slices.axes(slice) }, "");
  }

  close() { Object.values(this.charts).forEach((chart) => chart.close()); }
}

/** The edge in a few letters; the long ones are read off their line. */
const edgeWords = (sharp) => (edgeName(sharp).length < 4 ? `${edgeName(sharp)} ${figure(sharp.edge, 2)}` : edgeName(sharp));

/** From just below the lowest accuracy to 1, so that the curve fills its box without pretending. */
function accuracyRange(...columns) {
  let low = 1;
  for (const column of columns) for (const value of column) if (value < low) low = value;
  return [Math.max(0, Math.floor((low - 0.04) * 10) / 10), 1.03];
}
