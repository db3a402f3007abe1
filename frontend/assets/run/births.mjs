// The table of births: who, when, what it did to the function and to the curvature.

import { neuronCard } from "../card.mjs";
import { blockName } from "../blocks/layout.mjs";
import { rough } from "../blocks/words.mjs";
import { el } from "../dom.mjs";
import { openModal } from "../modal.mjs";
import { canNeverGrow, netOf } from "../nets.mjs";
import { ruleName } from "../play/rules.mjs";
import { isPlane } from "../runs/words.mjs";
import { isOver } from "../states.mjs";
import { epochs, figure, functionChange } from "../words.mjs";
import { KEPT_LIMIT } from "../vocabulary.mjs";

const isMeasured = (value) => Number.isFinite(value);

/** One row of words for a birth; `number` counts from 1. */
export function birthRow(birth, number) {
  return [
    `▲ ${number}`, epochs(birth.epoch), `${birth.layer + 1} · ${birth.unit}`, ruleName(birth.method), functionChange(birth.kept),
    birth.flops_after
      ? `${rough(birth.flops_before)} → ${rough(birth.flops_after)}`
      : isMeasured(birth.lambda_before) || isMeasured(birth.lambda_after) ? `${figure(birth.lambda_before)} → ${figure(birth.lambda_after)}` : "–",
  ];
}

/** The rest of what is recorded of a birth, for a tooltip; `block` is what it joined in a net of blocks. */
export function birthWords(birth, block = null) {
  const parts = [
    `Unit ${birth.unit} joined ${block ? blockName(block) : `hidden layer ${birth.layer + 1}`} after update ${birth.step}`, `loss changed by ${figure(birth.loss_change)}`,
    `parameters ${birth.parameters_before} → ${birth.parameters_after}`, `gradient of the new ones ${figure(birth.gradient_norm_new)}`,
    `score of the rule ${figure(birth.score)}`,
    ...(birth.seconds ? [`growing took ${figure(birth.seconds, 2)} s`] : []),
    ...(isMeasured(birth.kept_in_training) ? [`function changed by ${figure(birth.kept_in_training)} as batches are normalised in training`] : []),
  ];
  return `${parts.join("; ")}.`;
}

/** What stands where there are no births. */
export function noBirths(run) {
  if (!run) return "";
  if (canNeverGrow(run)) return `No growth rule grows ${netOf(run.wiring).plural}.`;
  if (isOver(run)) return "No unit was born in this run.";
  return `No unit has been born yet${isPlane(run) ? "; open the run in Play to lay a fold by hand" : ""}.`;
}

const heads = (births) => ["", "Epoch", "Unit", "Rule", "Function", births.some(({ flops_after: told }) => told) ? "Operations a sample" : "λ max"];

export class Births {
  /** `go(step)` shows a moment, `growing` is the growth from this page, `told(birth)` gives what a card needs. */
  constructor(place, { go, growing, told, blockOf = () => null }) {
    this.blockOf = blockOf;
    this.told = told;
    this.growing = growing;
    this.body = el("tbody");
    this.heads = el("tr");
    this.table = el("table", { class: "fx-table" }, el("thead", {}, this.heads), this.body);
    this.none = el("p", { class: "note" });
    this.place = el("div", { class: "fx-scroll" });
    this.go = go;
    place.replaceChildren(el("div", { class: "panel-head" }, el("h3", { class: "panel-title" }, "Births"), growing.choice.root, growing.undo, growing.button), growing.place, this.place);
    this.key = "";
  }

  draw(births, run) {
    const words = noBirths(run);
    if (this.none.textContent !== words) this.none.textContent = words;
    this.growing.draw();
    const key = births.map((birth) => `${birth.unit}${birth.takenBack ? "-" : ""}`).join();
    if (key === this.key && this.place.childElementCount) return;
    this.key = key;
    this.heads.replaceChildren(...heads(births).map((head) => el("th", {}, head)));
    this.body.replaceChildren(...births.map((birth, index) => this.#row(birth, index)));
    this.place.replaceChildren(births.length ? this.table : this.none);
  }

  #row(birth, index) {
    const cells = birthRow(birth, index + 1).map((words, i) => el("td", { class: i === 4 && birth.kept <= KEPT_LIMIT ? "fx-kept" : null }, words));
    const open = () => { this.go(birth.step); this.card(birth); };
    const row = el("tr", { tabIndex: 0, class: birth.takenBack ? "is-taken-back" : null, title: birthWords(birth, this.blockOf(birth.layer)), onclick: open }, ...cells);
    row.addEventListener("keydown", (event) => event.key === "Enter" && open());
    return row;
  }

  /** The card of the unit that was born, as it is in the newest frame that has it. */
  card(birth) {
    const told = this.told(birth);
    if (!told) return;
    const box = el("dialog", { class: "keys card-dialog" });
    box.append(neuronCard({ ...told, close: () => box.close() }));
    box.addEventListener("click", (event) => event.target === box && box.close());
    openModal(box);
  }
}
