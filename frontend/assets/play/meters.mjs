// Accuracy, loss, sharpness and the slice: a number each, and its curve over the epochs.

import { Chart, birthMarks, line } from "../charts.mjs";
import { FIXED } from "../colour.mjs";
import { el, say, themed } from "../dom.mjs";
import { decimate } from "../series.mjs";
import { epochs, figure, share } from "../words.mjs";

const NAMES = { accuracy: "Accuracy over epochs", loss: "Loss over epochs", sharpness: "Sharpness over epochs", slice: "Loss along the sharpest direction" };

export class Meters {
  constructor(byId) {
    this.notes = Object.fromEntries(Object.keys(NAMES).map((key) => [key, byId(`play-${key}-now`)]));
    this.charts = Object.fromEntries(Object.entries(NAMES).map(([key, name]) => [key, new Chart(byId(`play-${key}`), { name })]));
    this.turn = 0;
    this.seen = {};
    this.sizes = 0;
  }

  /** The numbers of the moment shown. */
  numbers(session, frame) {
    const row = frame && session.series.at(frame.step);
    const sharp = frame && session.sharpness.at(frame.step);
    const pair = (first, second) => [el("b", {}, first), ` train${second === null ? "" : ` · ${second} test`}`];
    const tested = row && Number.isFinite(row.test_accuracy);
    this.#note("accuracy", row ? pair(share(row.train_accuracy), tested ? share(row.test_accuracy) : null) : []);
    this.#note("loss", row ? pair(figure(row.train_loss), tested ? figure(row.test_loss) : null) : []);
    this.#note("sharpness", sharp ? ["λ ", el("b", {}, figure(sharp.lambda)), el("span", { class: "edge" }, ` · 2/η ${figure(sharp.edge, 2)}`), el("span", { class: "partner" }, ` · scale-free ${figure(sharp.flatness, 2)}`)] : []);
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
      const slice = frame && session.slices.findLast(({ step }) => step <= frame.step);
      const sources = { sharpness: session.sharpness.length, slice, accuracy: session.series.length, loss: session.series.length };
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

  sharpness({ sharpness, run }, { cross, births, ink }) {
    const epoch = sharpness.column("epoch");
    const of = (name) => decimate(epoch, sharpness.column(name), 400);
    return this.charts.sharpness.update([
      line(of("edge"), { name: "2/η", line: { color: themed("--ink-3"), dash: "dash", width: 1.3 } }),
      line(of("flatness"), { name: "scale-free", yaxis: "y2", line: { color: FIXED, width: 1.4 } }),
      line(of("lambda"), { name: "λ_max", line: { color: ink } }), births,
    ], { cross, revision: run, y: { type: "log", dtick: 1, exponentformat: "none" }, y2: { color: FIXED, rangemode: "tozero", tickmode: "auto", nticks: 3 } },
    sharpness.length ? `λ_max ${figure(sharpness.column("lambda").at(-1))}` : "");
  }

  slice(session, { slice, ink }) {
    if (!slice) { this.#note("slice", []); return this.charts.slice.update([]); }
    const along = (values) => ({ x: Array.from(slice.t), y: Array.from(values, (value) => (Number.isFinite(value) ? value : null)) });
    this.#note("slice", [`at epoch ${epochs(slice.epoch)}`]);
    return this.charts.slice.update([
      ...(slice.test?.length ? [line(along(slice.test), { name: "test", line: { color: themed("--ink-3"), dash: "dash", width: 1.4 } })] : []),
      line(along(slice.train), { name: "train", line: { color: ink } }),
    ], { cross: 0, revision: "slice" }, "");
  }

  close() { Object.values(this.charts).forEach((chart) => chart.close()); }
}

/** From just below the lowest accuracy to 1, so that the curve fills its box without pretending. */
function accuracyRange(...columns) {
  let low = 1;
  for (const column of columns) for (const value of column) if (value < low) low = value;
  return [Math.max(0, Math.floor((low - 0.04) * 10) / 10), 1.03];
}
