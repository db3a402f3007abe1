// What a number means, one click away: a small "?" that opens a few words and what the number was made from.

import { el } from "../dom.mjs";
import { fetchOptimizers } from "../optimizers.mjs";
import { provenance, wordsOf } from "./catalogue.mjs";

const EDGE = 10; // Pixels kept free at the edges of the window.
let shown = null;

/** Close what is open, if anything. */
export function closeMeaning() {
  if (!shown) return;
  shown.box.remove();
  shown.button.ariaExpanded = "false";
  for (const end of shown.ends) end();
  shown = null;
}

/**
 * A "?" for a measure. `told()` gives what is known now: {event, ms, warning, more}, all optional.
 */
export function meaning(key, told = () => ({})) {
  const { name } = wordsOf(key);
  fetchOptimizers();
  const button = el("button", { type: "button", class: "ask", "aria-label": `What is ${name}?`, "aria-expanded": "false", "data-measure": key }, "?");
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    const mine = shown?.button === button;
    closeMeaning();
    if (!mine) open(key, button, told() ?? {});
  });
  return button;
}

const LIT = ["curvature", "flatness", "slice"]; // Measures that a warning speaks of.

/** Light the "?" of the measures that a warning speaks of, or put them out. */
export function warn(warning) {
  const on = Boolean(warning);
  for (const button of document.querySelectorAll(".ask")) {
    const wanted = on && LIT.includes(button.dataset.measure);
    if (button.classList.contains("is-warning") !== wanted) button.classList.toggle("is-warning", wanted);
  }
}

function open(key, button, { event, ms, warning, more }) {
  const { name, about, how, beware } = wordsOf(key);
  const rows = provenance(event, ms).flatMap(([label, words]) => [el("dt", {}, label), el("dd", {}, words)]);
  const box = el("section", { class: "meaning", role: "dialog", "aria-label": name },
    el("div", { class: "panel-head" }, el("h2", { class: "panel-title" }, name), el("button", { type: "button", class: "fs-quiet", "aria-label": "Close", onclick: closeMeaning }, "✕")),
    warning ? el("p", { class: "meaning-warning", role: "alert" }, warning) : null,
    el("p", {}, about), more ? el("p", {}, more) : null, el("p", {}, how), beware ? el("p", { class: "meaning-beware" }, beware) : null,
    rows.length ? el("dl", { class: "card-rows" }, rows) : null);
  document.body.append(box);
  place(box, button);
  const on = (target, what, call) => { target.addEventListener(what, call, true); return () => target.removeEventListener(what, call, true); };
  const outside = ({ target }) => { if (!box.contains(target) && target !== button) closeMeaning(); };
  const away = (pressed) => { if (pressed.key === "Escape") { pressed.stopPropagation(); closeMeaning(); button.focus(); } };
  shown = { box, button, ends: [on(document, "pointerdown", outside), on(document, "keydown", away), on(window, "popstate", closeMeaning)] };
  button.ariaExpanded = "true";
  box.querySelector("button").focus({ preventScroll: true });
}

/** Beside the button, within the window. */
function place(box, button) {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = box;
  const left = Math.max(EDGE, Math.min(at.right - width, innerWidth - width - EDGE));
  const below = at.bottom + 6;
  const top = below + height > innerHeight - EDGE ? Math.max(EDGE, at.top - height - 6) : below;
  Object.assign(box.style, { left: `${left}px`, top: `${top}px` });
}
