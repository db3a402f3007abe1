/** The sweeps that were launched before: open one, forget one. */

import { element } from "../../element.mjs";
import { age, whole } from "../../runs/words.mjs";
import { isOver } from "../../states.mjs";

/** Fill the list. `does`: `{open(id), forget(sweep)}`. */
export function showPast(place, sweeps, shown, does) {
  if (sweeps.length === 0) return place.replaceChildren();
  const row = (sweep) => element("li", { "data-sweep": sweep.id, "aria-current": sweep.id === shown ? "true" : null },
    element("span.fr-dot", { "data-state": sweep.state, title: sweep.state }),
    element("button.fw-link", { type: "button", onclick: () => does.open(sweep.id) }, sweep.name),
    element("span.fl-help.fw-what", {}, `${whole(sweep.cells)} runs${sweep.kind === "try" ? ", tried first" : ""} · ${sweep.spec.question || "no question"}`),
    element("span.fl-help", {}, `${sweep.state} · ${age(sweep.created)} ago`),
    element("button.fl-button", { type: "button", onclick: () => does.forget(sweep), "aria-label": `Delete ${sweep.name}` }, isOver(sweep) ? "Delete" : "Stop and delete"));
  return place.replaceChildren(element("section.fl-card.fw-past", {}, element("h3", {}, "Sweeps launched here"), element("ul", {}, sweeps.map(row))));
}
