// Hills from the page: put one where the net stands, change them, take them away; and where the net is to them.

import { el, say } from "../dom.mjs";
import { meaning } from "../measures/help.mjs";
import { figure, plural, share } from "../words.mjs";
import { numberField, selectField } from "./fields.mjs";

const KERNELS = { rbf: "Gaussian", inverse: "inverse", l2: "unbounded (l2)", function: "outputs" };
const SCOPES = { all: "all parameters", weights: "weights only", last_layer: "last layer" };

/** What the numbers of a moment say of the nearest hill, as [name, words]: nothing where none stands. */
function hillRows({ standing = 0, nearest, nearest_sigma: widths, nearest_height: height, nearest_cells: cells, equilibrium, eigenvalues, escape } = {}) {
  if (!standing) return [];
  const known = Number.isFinite(equilibrium?.[0]);
  return [
    ["r / σ", `${figure(widths)} (r ${figure(nearest)})`],
    ["height k", figure(height)],
    ["cell distance", Number.isFinite(cells) ? share(cells) : "none"],
    ["r*", known ? `${figure(equilibrium[0])} at λ₁ ${figure(eigenvalues[0], 2)}` : "not known"],
    ["steeper than λ₁", Number.isFinite(escape) ? `${figure(escape, 2)} times` : "not known"],
  ];
}

export class HillsPanel {
  /** `actions`: hill(), removeHills("last" | "all"), change(patch). */
  constructor(place, note, actions) {
    this.note = note;
    this.button = el("button", { type: "button", class: "chip hill-button", id: "hill-button", onclick: actions.hill, title: "Put a hill where the net stands, so that training looks elsewhere (H)" }, "∩ Hill here");
    const remove = (which, words, title) => el("button", { type: "button", class: "chip", disabled: true, title, onclick: () => actions.removeHills(which) }, words);
    this.removing = [remove("last", "remove last", "Take the last hill away (U)"), remove("all", "remove all", "Take all hills away")];
    const change = (name) => (value) => actions.change({ [name]: value });
    this.fields = {
      hillStrength: numberField({ name: "height s", path: "strength", min: 0, max: 1e6, step: "any", width: "64px" }, change("hillStrength")),
      hillWidth: numberField({ name: "width σ, in ways", path: "sigma_rel", min: 0.001, max: 1e6, step: "any", width: "64px" }, change("hillWidth")),
      hillKernel: selectField({ name: "shape", path: "kernel", options: KERNELS }, change("hillKernel")),
      hillScope: selectField({ name: "distance in", path: "scope", options: SCOPES }, change("hillScope")),
    };
    this.fields.hillWidth.root.title = "σ as a multiple of the way that the net came in the last five epochs before the hill";
    this.rows = el("dl", { class: "card-rows hill-rows" });
    this.values = [];
    note.after(meaning("hills", () => ({ event: this.event })));
    place.replaceChildren(
      el("div", { class: "grow-row" }, this.button), el("div", { class: "grow-row hill-removing" }, this.removing), this.rows,
      el("details", { class: "hill-more" }, el("summary", {}, "Height, width, shape"), el("div", { class: "more-body" }, Object.values(this.fields).map(({ root }) => root))));
  }

  show(settings) {
    for (const [name, field] of Object.entries(this.fields)) field.set(settings[name]);
  }

  enabled(yes) { this.button.disabled = !yes; }

  /** Say where the net of the moment is: `event` is what the hills' probe told, `standing` how many stand now. */
  tell({ event, standing, open }) {
    this.event = event;
    say(this.note, standing ? `${plural(standing, "hill")}` : "");
    for (const button of this.removing) button.disabled = !open || !standing;
    const rows = hillRows(event ?? {});
    if (rows.length !== this.values.length) {
      this.values = rows.map(() => el("dd", {}));
      this.rows.replaceChildren(...rows.flatMap(([name], i) => [el("dt", {}, name), this.values[i]]));
    }
    rows.forEach(([, words], i) => say(this.values[i], words));
  }
}
