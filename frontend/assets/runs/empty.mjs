/** What the Runs page says when there is no run, and where the runs of sweeps are. */

import { getJson } from "../api.mjs";
import { element } from "../element.mjs";
import { sweepsWords } from "./words.mjs";

export function emptyState() {
  const sweeps = element("p.fr-sweeps", {}, sweepsWords(0));
  getJson("/api/sweeps").then(({ sweeps: found }) => {
    if (found.length > 0) sweeps.replaceChildren(`${sweepsWords(found.length)} `, element("a", { href: `/launch?sweep=${encodeURIComponent(found[0].id)}` }, found.length === 1 ? "Open it" : "Open the newest"));
  }, () => {}); // The sentence is true without the count.
  return element(
    "div.fr-empty",
    {},
    element("h3", {}, "No runs yet"),
    element("p", {}, "Every net you watch, grow or launch is kept here, with its curves and all its frames."),
    element("div.fp-row", {}, element("a.fp-button.fp-main", { href: "/" }, "Play one"), element("a.fp-button", { href: "/launch?preset=digits" }, "Launch digits")),
    sweeps,
  );
}
