// The most novel test points that the net misses, each beside its nearest training point.

import * as api from "../api.mjs";
import { el } from "../dom.mjs";
import { figure } from "../words.mjs";
import { nameOf, pointSeen } from "./missed.mjs";
import { openNearest } from "./nearest.mjs";

const SHOWN = 12;

/** The misses of an event, the most novel first: `[{index, nearest, novelty, answer}]`. */
const missesOf = ({ shown, shown_nearest: nearest, shown_novelty: novelty, shown_as: answers }, most = SHOWN) =>
  Array.from(shown.subarray(0, most), (index, i) => ({ index, nearest: nearest[i], novelty: novelty[i], answer: answers[i] }));

export class NovelMisses {
  constructor() {
    this.heading = el("h4", { class: "fx-sub" });
    this.list = el("div", { class: "fx-novel-list" });
    this.place = el("div", { class: "fx-novel", hidden: true }, this.heading, this.list);
    this.points = { test: new Map(), train: new Map() }; // Points that were ever shown, by index.
    this.asking = false;
  }

  draw(event, { run, data }) {
    this.now = { event, run, data };
    this.place.hidden = !event || !data;
    if (this.place.hidden) return;
    const misses = missesOf(event);
    this.heading.textContent = misses.length ? "Most novel misses · nearest training point" : "Nothing is missed";
    this.list.classList.toggle("fx-novel-sentences", !data.image_shape);
    const unknown = { test: misses.map(({ index }) => index), train: misses.map(({ nearest }) => nearest) };
    for (const part of ["test", "train"]) unknown[part] = [...new Set(unknown[part])].filter((index) => !this.points[part].has(index));
    if (unknown.test.length || unknown.train.length) this.#ask(unknown);
    const known = misses.filter(({ index, nearest }) => this.points.test.has(index) && this.points.train.has(nearest));
    this.list.replaceChildren(...known.map((miss) => this.#tile(miss)));
  }

  /** Fetch points that were not shown before, one request at a time; what cannot be had is not asked for again and again. */
  async #ask(unknown) {
    if (this.asking) return;
    this.asking = true;
    try {
      await Promise.all(Object.entries(unknown).map(async ([part, indices]) => {
        if (!indices.length) return;
        const found = await api.readExamples(this.now.run, part, indices);
        indices.forEach((index, row) => this.points[part].set(index, { found, row, label: found.labels[row] }));
      }));
    } catch (error) {
      this.heading.textContent = [error.message, error.hint].filter(Boolean).join(" ");
      return;
    } finally {
      this.asking = false;
    }
    this.draw(this.now.event, this.now);
  }

  #tile({ index, nearest, novelty, answer }) {
    const { run, data } = this.now;
    const [test, train] = [this.points.test.get(index), this.points.train.get(nearest)];
    const seen = ({ found, row }) => pointSeen(found, row, data);
    const [is, read, near] = [test.label, answer, train.label].map((label) => nameOf(data, label));
    const side = (point, words) => el("span", { class: "fx-novel-side" }, seen(point), el("span", { class: "fx-tile-words" }, words));
    return el("button", {
      type: "button", class: "fx-novel-tile", title: `Test point ${index}: ${is}, read as ${read}; training point ${nearest}, ${near}, is nearest, at ${figure(novelty)}.`,
      onclick: () => openNearest({ run, data, index, answer, known: { nearest, novelty } }),
    }, side(test, `${is} · read as ${read}`), side(train, `${near} · at ${figure(novelty)}`));
  }
}
