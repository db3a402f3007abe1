/** The plain controls: what one value of a spec looks like. */

import { limits, typed } from "./draft.mjs";
import { element } from "../element.mjs";

const shown = (value) => (value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));

const LONG = 9; // Letters that fit into a narrow field.
const figures = (value) => (typeof value === "number" && shown(value).length > LONG ? String(Number(value.toPrecision(6))) : shown(value));

/** A number, or whatever was typed instead of one. */
export function numberControl(node, value, change, optional = false) {
  return element("input.fl-input", {
    type: "text",
    inputmode: node.integer ? "numeric" : "decimal",
    autocomplete: "off",
    value: figures(value),
    placeholder: optional ? "none" : "",
    title: limits(node),
    "aria-label": node.title,
    oninput: (event) => {
      const read = typed(event.target.value);
      change(optional && read === "" ? null : read);
    },
  });
}

/** Some words. */
export function textControl(node, value, change) {
  return element("input.fl-input", {
    type: "text",
    value: shown(value),
    "aria-label": node.title,
    oninput: (event) => change(event.target.value),
  });
}

/** One of a few words, `[value, label, heading, why it cannot be chosen]`; a value that is none of them stays visible until another is chosen. */
export function choiceControl(node, value, options, change) {
  const known = options.map(([key]) => key);
  const all = known.includes(value) || value === undefined ? options : [[value, `${shown(value)} (unknown)`], ...options];
  const select = element(
    "select.fl-input",
    { "aria-label": node.title, onchange: (event) => change(all[event.target.selectedIndex][0]) },
    ...headed(all.map(([key, label, under, trouble]) => [under, optionOf(key, trouble && key !== value ? `${label}: ${trouble}` : label, key === value, Boolean(trouble))])),
  );
  return select;
}

/** One option; what cannot be chosen says why, and what is chosen stays to be read. */
const optionOf = (key, label, selected, refused) => element("option", { value: String(key), selected, disabled: refused && !selected }, label);

/** Options [heading, option] that follow one another under one heading, in a group of it. */
function headed(options) {
  const groups = [];
  for (const [under, option] of options) {
    if (!under) groups.push(option);
    else if (groups.at(-1)?.label === under) groups.at(-1).append(option);
    else groups.push(element("optgroup", { label: under }, option));
  }
  return groups;
}

/** Yes or no. */
export function flagControl(node, value, change) {
  const box = element("input", { type: "checkbox", onchange: (event) => change(event.target.checked) });
  box.checked = value === true;
  return element("label.fl-check", {}, box, node.title);
}

/** Any of a few words. */
export function picksControl(node, value, change) {
  const chosen = new Set(Array.isArray(value) ? value : []);
  const toggle = (option, on) => {
    if (on) chosen.add(option);
    else chosen.delete(option);
    change(node.options.filter((each) => chosen.has(each)));
  };
  const boxes = node.options.map((option, at) => flagControl({ title: node.words?.[at] ?? option }, chosen.has(option), (on) => toggle(option, on)));
  return element("div.fl-picks", { role: "group", "aria-label": node.title }, ...boxes);
}

/** Anything else, as JSON. */
export function jsonControl(node, value, change) {
  const read = (text) => {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  };
  return element("textarea.fl-input", { "aria-label": node.title, rows: 3, oninput: (event) => change(read(event.target.value)) }, JSON.stringify(value ?? null));
}
