/** The form of a sweep: the question, what all runs share, what varies, seeds, and what is measured. */

import { choiceControl, flagControl, numberControl, picksControl, textControl } from "../controls.mjs";
import { get, nearestField } from "../draft.mjs";
import { element } from "../../element.mjs";
import { addAxis, addValue, AXES, sweptAxes, named, removeAxis, seedsText, set, settingsOf, tick, widths } from "./draft.mjs";
import { hasBlocks, netOf } from "../../nets.mjs";
import { CLOCKS, GRANULARITIES } from "../../vocabulary.mjs";
import { fieldTitle } from "../../words.mjs";
import { comparedAxis, deciding, granularityWords } from "./words.mjs";

const BASE = [["net.hidden", "text"], ["optimizer.lr", "number"], ["batch", "number"], ["stop.epochs", "number"]];

/** What a field is called by its path, and an axis by the field that it varies. */
const titleOf = (path) => fieldTitle(path.split(".").at(-1));
const factorTitle = (axis) => (AXES[axis] ? titleOf(AXES[axis].path) : axis);

export class SweepForm {
  /** `changed(draft)` is called after each edit; `choices` names the data sets and, as [kind, words], the optimisers. */
  constructor(root, choices, changed) {
    this.root = root;
    this.choices = choices;
    this.changed = changed;
    this.draft = null;
  }

  show(draft) {
    this.draft = draft;
    this.root.replaceChildren(this.question(), this.vary(), this.base(), this.measures());
  }

  /** Takes an edit over; draws anew where what can be edited has changed. */
  take(draft, again = false) {
    this.draft = draft;
    if (again) this.show(draft);
    this.changed(draft);
  }

  put(path, value, again = false) { this.take(set(this.draft, path, value), again); }

  /** Writes complaints beside their fields; gives back those that have no field. */
  complain(problems) {
    const drawn = new Map([...this.root.querySelectorAll("[data-path]")].map((each) => [each.dataset.path, each]));
    for (const each of drawn.values()) { each.classList.remove("wrong"); each.querySelector(":scope > .fl-error")?.remove(); }
    return problems.filter((problem) => {
      const place = drawn.get(nearestField(problem.path, drawn));
      if (!place) return true;
      place.classList.add("wrong");
      const inside = place.querySelector(":scope > .fl-error");
      if (inside) inside.textContent += `; ${problem.message}`;
      else place.append(element("p.fl-error", { role: "alert" }, problem.message));
      return false;
    });
  }

  /** Says beside their fields what has to come to this machine first; it holds nothing back. */
  note(needs) {
    for (const each of this.root.querySelectorAll(".fw-need")) each.remove();
    const drawn = new Map([...this.root.querySelectorAll("[data-path]")].map((each) => [each.dataset.path, each]));
    for (const { path, message, comes } of needs) drawn.get(nearestField(path, drawn))?.append(element("p.fl-help.fw-need", { role: "status", "data-comes": String(comes) }, message));
  }

  question() {
    const { question, primary } = this.draft.spec;
    const asked = element("textarea.fl-input.fw-question", { rows: 2, maxlength: 500, "aria-label": "question", placeholder: "What do you want to know?", oninput: (event) => this.put(["question"], event.target.value) }, question);
    const pick = (title, key, options) => field(title, choiceControl({ title }, primary[key], options, (value) => this.put(["primary", key], value)), `primary.${key}`);
    const axes = Object.keys(this.draft.spec.vary).map((axis) => [axis, axis]);
    return card("Question", "Fixed when it is launched, with the measure that decides it; later changes are marked.",
      element("div.fl-field", { "data-path": "question" }, asked),
      element("div.fl-grid.fw-gap.fw-picks", {},
        pick("decided by", "measure", deciding(this.draft.spec)),
        pick("compared at", "align", Object.entries(CLOCKS).map(([name, { equal }]) => [name, equal])),
        axes.length > 0 ? field("factor compared", choiceControl({ title: "factor compared" }, comparedAxis(this.draft.spec), axes, (value) => this.put(["primary", "compare"], value)), "primary.compare") : null));
  }

  vary() {
    const rows = sweptAxes(this.draft).map((axis) => this.axis(axis));
    const left = ["model", ...Object.keys(AXES)].filter((axis) => !sweptAxes(this.draft).includes(axis) && this.meant(AXES[axis]?.path));
    const add = left.map((axis) => element("button.fl-button", { type: "button", title: AXES[axis]?.words ?? "a net that grows beside one of the final size", onclick: () => this.take(addAxis(this.draft, axis, this.model), true) }, `+ ${factorTitle(axis)}`));
    const seeds = element("input.fl-input", { type: "text", value: seedsText(this.draft.spec.seeds), "aria-label": "seeds", oninput: (event) => this.put(["seeds"], event.target.value) });
    return card("What varies", "Every combination runs with every seed; runs of one seed share data, order and first weights.",
      element("div.fw-axes", { "data-path": "vary" }, ...rows),
      element("div.fl-row.fw-gap", {}, ...add),
      element("div.fw-axis.fw-gap", { "data-path": "seeds" }, element("span.fl-label", {}, "seeds"), element("div.fw-seeds", {}, seeds, element("span.fl-help", {}, "as 0-9, or a list"))));
  }

  axis(axis) {
    const boxes = settingsOf(this.draft, axis).map(([name, overrides, on]) => {
      const box = flagControl({ title: name }, on, (ticked) => this.take(tick(this.draft, axis, name, ticked)));
      box.title = Object.entries(overrides).map(([path, value]) => `${path}: ${JSON.stringify(value)}`).join("\n") || "as all runs";
      return element("div.fw-setting", { "data-path": `vary.${axis}.${name}` }, box);
    });
    const more = AXES[axis] ? element("input.fl-input.fw-add", { type: "text", placeholder: "add", title: `Another ${AXES[axis].words}; press Enter`, "aria-label": `another ${factorTitle(axis)}`, onchange: (event) => this.add(axis, event.target) }) : null;
    const remove = element("button.fl-button.fl-cross", { type: "button", "aria-label": `remove ${factorTitle(axis)}`, title: "No longer vary it", onclick: () => this.take(removeAxis(this.draft, axis), true) }, "×");
    return element("div.fw-axis", { "data-path": `vary.${axis}` }, element("span.fl-label", {}, factorTitle(axis)), element("div.fw-settings", {}, ...boxes, more), remove);
  }

  add(axis, box) {
    const next = addValue(this.draft, axis, box.value);
    if (next) return this.take(next, true);
    const place = box.closest("[data-path]");
    place.querySelector(":scope > .fl-error")?.remove();
    place.append(element("p.fl-error", { role: "alert" }, `${box.value} is no ${AXES[axis].words}`));
    return undefined;
  }

  base() {
    const { base } = this.draft.spec;
    const varied = new Set(Object.values(this.draft.spec.vary).flatMap((settings) => Object.values(settings).flatMap(Object.keys)));
    const fields = BASE.filter(([path]) => this.meant(path) && (!varied.has(path) || this.partly(path))).map(([path, kind]) => {
      const title = titleOf(path);
      const value = get(base, path.split("."));
      const change = (next) => this.put(["base", ...path.split(".")], next);
      const control = kind === "number" ? numberControl({ title }, value, change) : textControl({ title }, named(value), (text) => change(widths(text) ?? text));
      return field(title, control, `base.${path}`);
    });
    const data = choiceControl({ title: "data" }, base.data.kind, this.choices.data.map((kind) => [kind, kind.replaceAll("_", " ")]), (kind) => this.put(["base", "data"], { kind }));
    const rule = choiceControl({ title: "optimiser" }, base.optimizer.kind, this.choices.optimizers, (kind) => this.put(["base", "optimizer"], { kind, lr: base.optimizer.lr }));
    const net = this.meant("net.hidden") ? [] : [field("net", element("p.fw-net", {}, netOf(base.net.wiring).title), "base.net")];
    return card("What all runs share", "Everything else stands in the YAML.", element("div.fl-grid", { "data-path": "base" }, field("data", data, "base.data"), ...net, field("optimiser", rule, "base.optimizer"), ...fields));
  }

  /** Whether a field means anything here: a net of blocks has no widths of hidden layers. */
  meant(path) { return path !== "net.hidden" || !hasBlocks(this.draft.spec.base.net ?? {}); }

  /** Whether some setting leaves a field to what all runs share. */
  partly(path) {
    return Object.values(this.draft.spec.vary).some((settings) => Object.values(settings).some((one) => path in one) && Object.values(settings).some((one) => !(path in one)));
  }

  measures() {
    const { measure } = this.draft.spec;
    const names = Object.fromEntries(GRANULARITIES.map((key) => [granularityWords(key), key]));
    const flatness = picksControl({ title: "flatness", options: Object.keys(names) }, measure.flatness.map(granularityWords), (chosen) => this.put(["measure", "flatness"], chosen.map((words) => names[words])));
    const losses = textControl({ title: "at training losses" }, measure.at_losses.join(", "), (text) => this.put(["measure", "at_losses"], text.split(/[,;\s]+/).filter(Boolean).map((part) => (Number.isFinite(Number(part)) ? Number(part) : part))));
    const flag = (title, key) => flagControl({ title }, measure[key], (on) => this.put(["measure", key], on));
    return card("What is measured", "On all training points, or on 2,000 fixed ones of a larger set.",
      element("div.fl-field", { "data-path": "measure.flatness" }, element("span.fl-label", {}, "flatness: largest curvature"), flatness),
      element("div.fl-grid.fw-gap", {},
        field("every so many epochs", numberControl({ title: "every so many epochs", integer: true }, measure.every, (value) => this.put(["measure", "every"], value)), "measure.every"),
        field("also at training losses", losses, "measure.at_losses"),
        element("div.fl-field", {}, element("span.fl-label", {}, "also"), element("div.fl-picks", {}, flag("at births", "births"), flag("trace", "trace")))));
  }
}

function field(title, control, path) {
  return element("div.fl-field", { "data-path": path }, element("span.fl-label", {}, title), control);
}

function card(title, help, ...children) {
  return element("section.fl-card", {}, element("div.fl-heading", {}, element("h3", {}, title), element("p.fl-help", {}, help)), ...children);
}
