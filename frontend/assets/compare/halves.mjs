// The two halves of Compare, each at its own address: groups of runs, and an ensemble. What is chosen goes along.

import { element } from "../element.mjs";

const MOST_MEMBERS = 64;
const list = (runs) => [...new Set(runs)].slice(0, MOST_MEMBERS).map(encodeURIComponent).join(",");

/** The address of a half with runs. */
export const addressOf = {
  groups: (runs) => (runs.length ? `/compare?v=1&runs=${list(runs)}` : "/compare"),
  ensemble: (runs) => (runs.length ? `/compare/ensemble?members=${list(runs)}` : "/compare/ensemble"),
};
const NAMES = { groups: "Groups", ensemble: "Ensemble" };

/** Links to both halves, of which one is shown: `{node, aim(runs)}`. */
export function halves(shown) {
  const links = Object.keys(NAMES).map((half) => [half, element("a.chip.fc-half", { href: addressOf[half]([]), "aria-current": half === shown ? "page" : null }, NAMES[half])]);
  return {
    node: element("nav.fc-halves", { "aria-label": "Halves of Compare" }, links.map(([, link]) => link)),
    aim: (runs) => links.forEach(([half, link]) => half !== shown && link.setAttribute("href", addressOf[half](runs))),
  };
}
