// Accuracy, loss, sharpness and the slice: a number each, and its curve over the epochs.

import { Chart, line, sessionMarks } from "../charts.mjs";
import { FIXED } from "../colour.mjs";
import { el, themed } from "../dom.mjs";
import { accuracyRange } from "../measures/axes.mjs";
import { costWords } from "../measures/probes.mjs";
import { edgeAlert, edgeName } from "../measures/edges.mjs";
import { meaning, warn } from "../measures/help.mjs";
import { lossMeaning } from "../measures/losses.mjs";
import { netOn, partnerOf, sharpnessLines, sliceLines, sliceNote } from "../measures/lines.mjs";
import { SliceHands } from "../measures/slice-hands.mjs";
import { validationLine, validationNow, validationValues } from "../measures/validation.mjs";
import { warningOf } from "../measures/warnings.mjs";
import { NoiseLine } from "./noise-line.mjs";
import { decimate } from "../series.mjs";
import { eigenvalue, epochs, figure, share } from "../words.mjs";
import { bothNotes, bothSeries, bothSharpness, bothSlices, spanOf } from "./twin-lines.mjs";
import { PARTS } from "../vocabulary.mjs";

const NAMES = { accuracy: "Accuracy over epochs", loss: "Loss over epochs", sharpness: "Sharpness over epochs", slice: "Loss along a sharpest direction" };
const MEANT = { accuracy: "accuracy", loss: "loss", sharpness: "curvature", slice: "slice" };

export class Meters {
  /** `hands`: `ask(directions)` wants more directions measured, `changed()` says that a curve has to be drawn anew. */
  constructor(byId, hands) {
    this.notes = Object.fromEntries(Object.keys(NAMES).map((key) => [key, byId(`play-${key}-now`)]));
    this.charts = Object.fromEntries(Object.entries(NAMES).map(([key, name]) => [key, new Chart(byId(`play-${key}`), { name })]));
    this.slices = new SliceHands({ ...hands, changed: () => { this.forget(); hands.changed(); } });
    this.told = {};
    this.noise = new NoiseLine(byId("play-noise"), hands);
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

  /** The numbers of the moment shown; `twin` is the net beside it, `{session, frame}`, or null. */
  numbers(session, frame, twin = null) {
    const row = frame && session.series.at(frame.step);
    const sharp = frame && session.measured.at("curvature", frame.step);
    const ms = session.summary?.probe_ms ?? {};
    const warning = warningOf(session.measured, frame?.step);
    warn(warning);
    const alert = edgeAlert(session.measured.list("curvature"), frame?.step);
    this.told = { sharpness: { event: sharp, ms: ms.curvature, warning: [warning, alert].filter(Boolean).join(" ") }, loss: { more: lossMeaning(session.spec) }, slice: { event: frame && this.slices.of(session.measured, frame.step), ms: ms.slice, warning } };
    this.slices.offer(session.measured, !session.over);
    this.notes.sharpness.title = costWords(session.summary?.probe_share, session.sparing);
    this.noise.show(session, row, frame);
    this.twin = twin;
    if (twin) { this.#bothNumbers(session, frame, twin); return row; }
    const held = frame && session.measured.at("validation", frame.step);
    const told = (name, write) => validationNow(held, name, write).map(([, , value]) => ` · ${value} valid.`).join("");
    const pair = (first, second, third) => [el("b", {}, first), ` train${third}${second === null ? "" : ` · ${second} test`}`];
    const tested = row && Number.isFinite(row.test_accuracy);
    this.#note("accuracy", row ? pair(share(row.train_accuracy), tested ? share(row.test_accuracy) : null, told("accuracy", share)) : []);
    this.#note("loss", row ? pair(figure(row.train_loss), tested ? figure(row.test_loss) : null, told("loss", figure)) : []);
    this.#note("sharpness", sharp ? ["λ ", el("b", {}, sharp.lambda_max === null ? "not found" : eigenvalue(sharp.lambda_max, sharp.residuals?.[0], 2)), el("span", { class: "edge" }, ` · ${edgeWords(sharp)}`), el("span", { class: "partner" }, ` · scale-free ${figure(partnerOf(sharp), 2)}`)] : []);
    return row;
  }

  #bothNumbers(session, frame, twin) {
    const notes = bothNotes([{ session, frame }, twin], this.#slices(session, frame, twin));
    for (const [key, parts] of Object.entries(notes)) this.#note(key, parts);
  }

  /** The slices shown of the net and its twin; the net's own comes last to the hands, which hold its scale. */
  #slices(session, frame, twin) {
    const beside = twin?.frame ? this.slices.of(twin.session.measured, twin.frame.step) : null;
    return [frame && this.slices.of(session.measured, frame.step), beside];
  }

  #note(key, parts) {
    const words = parts.map((part) => part.textContent ?? part).join("");
    if (this.notes[key].textContent === words) return;
    this.notes[key].replaceChildren(...parts);
    if (key !== "sharpness") this.notes[key].title = words; // A narrow head cuts them; that of sharpness says what it costs.
  }

  /** Draw the next of the curves, in turn; one that has nothing new to show is passed over. */
  async next(session, frame, live) {
    const keys = Object.keys(NAMES);
    const { twin } = this;
    for (let tried = 0; tried < keys.length; tried += 1) {
      const key = keys[this.turn];
      this.turn = (this.turn + 1) % keys.length;
      const cross = live || !frame ? null : frame.epoch;
      const [slice, beside] = this.#slices(session, frame, twin);
      const seen = [session.run, key === "slice" ? slice : sourceOf(session, key), key === "slice" ? null : cross, session.history.births.length, session.history.restored, session.restarted.length, themed("--ink"), this.sizes, session.over, ...(twin ? [twin.session.run, key === "slice" ? beside : sourceOf(twin.session, key)] : [])];
      if (this.seen[key]?.length === seen.length && seen.every((part, i) => part === this.seen[key][i])) continue;
      this.seen[key] = seen;
      this.charts[key].empty = session.over ? "ended before there was a curve" : "measuring…";
      await this[key](session, { frame, cross, slice, beside, twin: twin?.session ?? null, marks: sessionMarks(session), ink: themed("--ink") });
      return true;
    }
    return false;
  }

  /** Show the cut through the last hill. */
  toHill() { this.slices.toHill(); this.forget(); }

  /** Draw all curves anew when their turn comes: their boxes have changed. */
  forget() { this.sizes += 1; }

  #both(session, name, { marks, ink, twin }) {
    if (twin) return [...bothSeries(session, twin, name), ...marks];
    const epoch = session.series.column("epoch");
    const column = (key) => decimate(epoch, session.series.column(key), 600);
    return [
      line(column(`test_${name}`), { name: PARTS.test, line: { color: themed("--ink-3"), dash: "dash", width: 1.4 } }),
      ...validationLine(session, name), line(column(`train_${name}`), { name: PARTS.train, line: { color: ink } }), ...marks,
    ];
  }

  accuracy(session, about) {
    const row = about.frame && session.series.at(about.frame.step);
    const columns = (each) => [...["train_accuracy", "test_accuracy"].map((name) => each.series.column(name)), validationValues(each, "accuracy")];
    const range = accuracyRange(...[session, about.twin].flatMap((each) => (each ? columns(each) : [])));
    return this.charts.accuracy.update(this.#both(session, "accuracy", about), { cross: about.cross, revision: session.run, y: { range } }, row ? `${share(row.train_accuracy)} now` : "");
  }

  loss(session, about) {
    const row = about.frame && session.series.at(about.frame.step);
    return this.charts.loss.update(this.#both(session, "loss", about), { cross: about.cross, revision: session.run, y: { rangemode: "tozero" } }, row ? `${figure(row.train_loss)} now` : "");
  }

  sharpness(session, { cross, marks, twin }) {
    const { measured, run } = session;
    const list = measured.list("curvature");
    const x = { range: list.length > 1 ? [list[0].epoch, list.at(-1).epoch] : undefined }; // Marks would widen it.
    return this.charts.sharpness.update(
      [...(twin ? bothSharpness(session, twin) : sharpnessLines(list)), ...marks],
      { cross, revision: run, x, y: { type: "log", dtick: 1, exponentformat: "none" }, y2: twin ? undefined : { color: FIXED, rangemode: "tozero", tickmode: "auto", nticks: 3 } },
      list.length ? `λ_max ${figure(list.at(-1).lambda_max)}` : "");
  }

  slice(session, { slice, beside, twin }) {
    if (!slice) { this.#note("slice", []); return this.charts.slice.update([]); }
    if (twin && slice.kind === "slice") return this.charts.slice.update(bothSlices(slice, beside), { cross: 0, revision: "slice", ...this.slices.axes(spanOf(slice, beside)) }, "");
    this.#note("slice", [sliceNote(slice, 2).join(" ")]);
    return this.charts.slice.update(sliceLines(slice), { cross: netOn(slice), revision: slice.kind, ...this.slices.axes(slice) }, "");
  }

  close() { Object.values(this.charts).forEach((chart) => chart.close()); }
}

/** What a curve is drawn from: it changes when there is something new. */
const sourceOf = ({ measured, series }, key) => (key === "sharpness" ? measured.last("curvature") : series.length);

/** The edge in a few letters; the long ones are read off their line. */
const edgeWords = (sharp) => (edgeName(sharp).length < 4 ? `${edgeName(sharp)} ${figure(sharp.edge, 2)}` : edgeName(sharp));
