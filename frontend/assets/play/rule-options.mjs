// The options of the growth rule that is chosen, drawn from its schema; a new option appears by itself.

import { el } from "../dom.mjs";
import { means } from "../launch/draft.mjs";
import { numberField, selectField } from "./fields.mjs";
import { fieldTitle, valueTitle } from "../words.mjs";
import { unusual } from "./rules.mjs";

/** Options with a control of their own beside these. */
const ELSEWHERE = { folding: ["layer", "criterion", "fold_point"], line: ["layer"] };

/** The fields drawn for a rule: without those that have a control already. */
const fieldsShown = ({ kind, fields }) => fields.filter(({ name, optional }) => !(ELSEWHERE[kind] ?? []).includes(name) && (name !== "layer" || optional));

export class RuleOptions {
  /** `change(options)` takes all options that are not as shipped. */
  constructor(change) {
    this.change = change;
    this.root = el("div", { class: "more-rule" });
    this.rule = null;
  }

  /** `beside` are the options that have a control of their own: with some of their values others mean nothing. */
  show(rule, options, beside = {}) {
    if (!this.controls || rule !== this.rule) this.#build(rule);
    this.options = options;
    const now = { ...Object.fromEntries((rule?.fields ?? []).map(({ name, fallback }) => [name, fallback])), ...options, ...beside };
    for (const { field, control } of this.controls) {
      control.set(told(field, now[field.name]));
      control.root.hidden = Boolean(field.matters) && !means(field.matters, now);
    }
  }

  #build(rule) {
    this.rule = rule;
    this.controls = (rule ? fieldsShown(rule) : []).map((field) => ({ field, control: this.#control(field) }));
    this.root.replaceChildren(...this.controls.map(({ control }) => control.root));
  }

  #control(field) {
    const place = { name: fieldTitle(field.name, this.rule.kind), path: `growth.rule.${field.name}` };
    const put = (value) => this.change(unusual(this.rule.kind, { ...this.options, [field.name]: value }));
    const control = isListed(field)
      ? selectField({ ...place, options: choices(field) }, (text) => put(read(field, text)))
      : numberField({ ...place, min: field.least, max: field.most, step: field.whole ? 1 : "any" }, put);
    control.root.title = field.about;
    return control;
  }
}

const MOST_LAYERS = 4;
const isLayer = ({ name, optional }) => name === "layer" && optional;
const isListed = (field) => Boolean(field.options) || field.type === "boolean" || isLayer(field);

function choices(field) {
  if (isLayer(field)) return { "": "all", ...Object.fromEntries(Array.from({ length: MOST_LAYERS }, (_, i) => [String(i), `layer ${i + 1}`])) };
  if (field.type === "boolean") return { true: "yes", false: "no" };
  return Object.fromEntries(field.options.map((option) => [option, valueTitle(option)]));
}

const told = (field, value) => (isListed(field) ? (value === null ? "" : String(value)) : value);

function read(field, text) {
  if (isLayer(field)) return text === "" ? null : Number(text);
  return field.type === "boolean" ? text === "true" : text;
}
