/** Studies that were run before: open one, forget one. */

import { element } from "../element.mjs";
import { age } from "../runs/words.mjs";
import { isOver } from "../states.mjs";

/** Fill the list. `does`: `{open(id), forget(study), shape(spec)}`. */
export function showPast(place, studies, shown, does) {
  if (!studies.length) return place.replaceChildren();
  const row = (study) => element(
    "li", { "data-study": study.id, "aria-current": study.id === shown ? "true" : null },
    element("span.fr-dot", { "data-state": study.state, title: study.state }),
    element("button.fu-link", { type: "button", onclick: () => does.open(study.id) }, study.name),
    element("span.fu-small", {}, does.shape(study.spec)), element("span.fu-small.fu-when", {}, `${study.state} · ${age(study.created)} ago`),
    element("button.fp-button", { type: "button", onclick: () => does.forget(study), "aria-label": `Delete ${study.name}` }, isOver(study) ? "Delete" : "Stop and delete"),
  );
  return place.replaceChildren(element("section.panel.fu-card", {}, element("h3.panel-title", {}, "Studies run here"), element("ul.fu-list", {}, studies.map(row))));
}
