/** Jobs of one sort that were run before: open one, forget one. */

import { element } from "../element.mjs";
import { age } from "../runs/words.mjs";
import { isOver } from "../states.mjs";

/** Fill the list under its title. `does`: `{open(id), forget(job), shape(job)}`. */
export function showPast(place, jobs, shown, does, title) {
  if (!jobs.length) return place.replaceChildren();
  const row = (job) => element(
    "li", { "data-job": job.id, "aria-current": job.id === shown ? "true" : null },
    element("span.fr-dot", { "data-state": job.state, title: job.state }),
    element("button.fu-link", { type: "button", onclick: () => does.open(job.id) }, job.name),
    element("span.fu-small", {}, does.shape(job)), element("span.fu-small.fu-when", {}, `${job.state} · ${age(job.created)} ago`),
    element("button.fp-button", { type: "button", onclick: () => does.forget(job), "aria-label": `Delete ${job.name}` }, isOver(job) ? "Delete" : "Stop and delete"),
  );
  return place.replaceChildren(element("section.panel.fu-card", {}, element("h3.panel-title", {}, title), element("ul.fu-list", {}, jobs.map(row))));
}
