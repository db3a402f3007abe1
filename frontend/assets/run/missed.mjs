// The examples missed most often: as pictures, as sentences, or by their numbers.

import * as api from "../api.mjs";
import { el } from "../dom.mjs";
import { drawPixels } from "../pixels.mjs";
import { figure } from "../words.mjs";

const SHOWN = 12;

/** What a class is called. */
export const nameOf = (data, label) => data.names?.[label] ?? String(label);

/** Point `row` of some examples, as a picture, as a sentence, or as the note that it has none. */
export function pointSeen(found, row, data) {
  if (!data.image_shape) return el("span", { class: "fx-sentence" }, found.sentences[row] ?? "no picture");
  const canvas = el("canvas", { class: "fx-digit" });
  const size = data.image_shape.reduce((product, length) => product * length, 1);
  drawPixels(canvas, found.inputs, data.image_shape, { from: row * size, ink: data.ink });
  return canvas;
}

export class Missed {
  /** `open(index)` hears which example was chosen. */
  constructor(open) {
    this.open = open;
    this.heading = el("h4", { class: "fx-sub" }, "Missed most often");
    this.place = el("div", { class: "fx-missed" });
    this.tiles = new Map(); // One for each example that was ever shown, by its index.
    this.asking = false;
    this.trouble = ""; // Why the examples cannot be had; they are not asked for again and again.
  }

  draw(run, frame, data) {
    const shown = Array.from(frame.missed.subarray(0, SHOWN));
    this.now = { run, frame, data };
    this.heading.textContent = this.trouble || (shown.length ? "Missed most often" : "Nothing is missed");
    this.place.classList.toggle("fx-sentences", !data.image_shape);
    const unknown = shown.filter((index) => !this.tiles.has(index));
    if (unknown.length && !this.trouble) this.#ask(unknown);
    const known = shown.filter((index) => this.tiles.has(index));
    this.place.replaceChildren(...known.map((index) => this.tiles.get(index).place));
    known.forEach((index) => this.#tell(index));
  }

  /** Fetch examples that were not shown before, one request at a time. */
  async #ask(indices) {
    if (this.asking) return;
    this.asking = true;
    const { run, frame, data } = this.now;
    try {
      const found = await api.readExamples(run, frame.split, indices);
      indices.forEach((index, row) => this.tiles.set(index, this.#tile(index, found, row, data)));
    } catch (error) {
      this.trouble = [error.message, error.hint].filter(Boolean).join(" ");
    } finally {
      this.asking = false;
    }
    this.draw(this.now.run, this.now.frame, this.now.data);
  }

  #tile(index, found, row, data) {
    const words = el("span", { class: "fx-tile-words" });
    const place = el("button", { type: "button", class: "fx-tile", onclick: () => this.open?.(index) }, pointSeen(found, row, data), words);
    return { label: found.labels[row], words, place };
  }

  #tell(index) {
    const { frame, data } = this.now;
    const at = frame.missed.indexOf(index);
    const { label, words, place } = this.tiles.get(index);
    const right = frame.missed_as[at] === label;
    const now = right ? "right now" : `read as ${nameOf(data, frame.missed_as[at])}`;
    words.textContent = `${nameOf(data, label)} · ${now}`;
    place.title = `Example ${index}: ${nameOf(data, label)}, missed at ${figure(frame.missed_count[at])} measurements, ${now}.`;
    place.classList.toggle("fx-righted", right);
  }
}
