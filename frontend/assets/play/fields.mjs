// Labelled fields with a place for the server's complaint beside them.

import { el, say } from "../dom.mjs";

export const fieldError = (path) => el("div", { class: "field-error", "data-path": path, role: "alert" });

function field(name, path, control, row = el("span", { class: "field-row" }, control)) {
  const root = el("div", { class: "field-box" }, el("label", { class: "field" }, el("span", { class: "field-name" }, name), row), fieldError(path));
  return { root, row };
}

export function numberField({ name, path, min, max, step, width }, change) {
  const input = el("input", { type: "number", class: "number", min, max, step, style: width ? `width:${width}` : null, "aria-label": name });
  input.addEventListener("change", () => input.value !== "" && Number.isFinite(Number(input.value)) && change(Number(input.value)));
  return { input, ...field(name, path, input), set(value) { if (document.activeElement !== input || Number(input.value) === value) input.value = String(value ?? ""); } };
}

export function slideField({ name, path, min, max, step, words }, change) {
  const input = el("input", { type: "range", min, max, step, "aria-label": name });
  const shown = el("output", { class: "slide-now" });
  input.addEventListener("input", () => say(shown, words(Number(input.value))));
  input.addEventListener("change", () => change(Number(input.value)));
  const row = el("span", { class: "field-row" }, input, shown);
  return { ...field(name, path, input, row), set(value) { input.value = String(value); say(shown, words(value)); } };
}

export function selectField({ name, path, options }, change) {
  const input = el("select", { class: "select", "aria-label": name, onchange: () => change(input.value) }, Object.entries(options).map(([value, words]) => el("option", { value }, words)));
  return {
    ...field(name, path, input),
    set(value) {
      if (![...input.options].some((option) => option.value === value)) input.append(el("option", { value }, value.replaceAll("_", " ")));
      input.value = value;
    },
    /** Offer choices under headings: [[heading, {value: words}]]. */
    offerGroups(groups) {
      const { value } = input;
      input.replaceChildren(...groups.map(([label, choices]) => el("optgroup", { label }, Object.entries(choices).map(([each, words]) => el("option", { value: each }, words)))));
      this.set(value);
    },
    offer(choices) {
      const { value } = input;
      input.replaceChildren(...Object.entries(choices).map(([each, words]) => el("option", { value: each }, words)));
      this.set(value);
    },
  };
}

/** Where the fields of a command are edited. */
const OF_COMMAND = { lr: "optimizer.lr", weight_decay: "optimizer.weight_decay", epochs_per_second: "speed" };

/** Put the server's complaints beside their fields; gives those that have no field here. */
export function showFieldErrors(fields = []) {
  for (const place of document.querySelectorAll(".field-error")) say(place, "");
  return fields.filter(({ path = "", message }) => {
    const trail = OF_COMMAND[path] ?? path.replace(/^body\./, "");
    const place = [...document.querySelectorAll(".field-error")].find(({ dataset }) => trail === dataset.path || trail.startsWith(`${dataset.path}.`));
    if (!place) return true;
    say(place, message);
    place.closest("details")?.setAttribute("open", "");
    place.scrollIntoView({ block: "nearest" });
    return false;
  });
}
