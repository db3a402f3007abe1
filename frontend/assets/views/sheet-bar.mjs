// What one chooses for the bent sheet: how far it is bent, the layer, the neurons.

import { el } from "../dom.mjs";
import { MOST_CHOSEN } from "./sheet.mjs";

const MOST_CHIPS = 24;

export class SheetBar {
  /** `onBend(value)`, `onPlay()`, `onLayer(layer)`, `onUnit({layer, row})`, `onPoint(unit or null)`. */
  constructor({ onBend, onPlay, onLayer, onUnit, onPoint }) {
    this.slider = el("input", { type: "range", min: 0, max: 100, step: 1, "aria-label": "From flat to bent", oninput: () => onBend(Number(this.slider.value) / 100) });
    this.play = el("button", { type: "button", class: "chip", id: "bend-button", title: "Flatten the plane and bend it again", onclick: onPlay }, "bend");
    this.layers = el("span", { class: "view-chips", role: "group", "aria-label": "Layer" });
    this.units = el("span", { class: "view-chips", role: "group", "aria-label": "Neurons" });
    this.bend = el("div", { class: "sheet-bend" }, el("span", { class: "field-name" }, "flat"), this.slider, el("span", { class: "field-name" }, "bent"), this.play);
    this.choice = el("div", { class: "sheet-choice" }, this.layers, this.units);
    this.onLayer = onLayer;
    this.onUnit = onUnit;
    this.onPoint = onPoint;
    this.key = "";
  }

  show(choice, bend, lit) {
    this.bend.hidden = this.choice.hidden = !choice;
    if (!choice) return;
    if (document.activeElement !== this.slider) this.slider.value = String(Math.round(100 * bend));
    const key = [choice.layers, choice.layer, choice.width, choice.level].join();
    if (key !== this.key) this.#build(choice);
    this.key = key;
    for (const chip of this.units.querySelectorAll("button")) {
      const row = Number(chip.dataset.row);
      chip.ariaPressed = String(choice.rows.includes(row));
      chip.classList.toggle("is-lit", lit?.layer === choice.layer && lit.row === row);
    }
    for (const chip of this.layers.querySelectorAll("button")) chip.ariaPressed = String(choice.layer === Number(chip.dataset.layer));
  }

  #build({ layers, layer, width, level }) {
    const focused = document.activeElement?.dataset;
    const [wasLayer, wasRow] = [focused?.layer, focused?.row];
    const chip = (words, title, data, act) => el("button", { type: "button", class: "chip chip-small", title, onclick: act, ...data }, words);
    const layerChips = Array.from({ length: layers }, (_, i) => chip(String(i + 1), `${level} ${i + 1}`, { "data-layer": i }, () => this.onLayer(i)));
    this.layers.replaceChildren(...(layers > 1 ? [el("span", { class: "field-name" }, level), ...layerChips] : []));
    const shown = Math.min(width, MOST_CHIPS);
    const unitChips = Array.from({ length: shown }, (_, row) => {
      const [point, leave] = [() => this.onPoint({ layer, row }), () => this.onPoint(null)];
      const about = { "data-row": row, onpointerenter: point, onpointerleave: leave, onfocus: point, onblur: leave };
      return chip(String(row + 1), `Neuron ${row + 1}: at most ${MOST_CHOSEN} are shown`, about, () => this.onUnit({ layer, row }));
    });
    const rest = width > shown ? [el("span", { class: "field-name" }, `… ${width}: click in the net`)] : [];
    this.units.replaceChildren(el("span", { class: "field-name" }, "neurons"), ...unitChips, ...rest);
    if (wasLayer !== undefined) this.layers.querySelector(`[data-layer="${wasLayer}"]`)?.focus();
    else if (wasRow !== undefined) this.units.querySelector(`[data-row="${wasRow}"]`)?.focus();
  }
}
