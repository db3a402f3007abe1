/** What was claimed and whether it holds; what differs from the source. */

import { element } from "../element.mjs";
import { MARKS } from "./words.mjs";

/**
 * Fill the place of the findings; nothing stands there before the study is done. `head(claims, failing)` gives the line
 * above those that this project made itself.
 */
export function showFindings(place, { findings, verdict }, about, head) {
  if (!findings.length) return place.replaceChildren();
  const card = ({ holds, claim, words }) => element("li", { "data-holds": holds }, element("span.fu-mark", { title: MARKS[holds][1], "aria-label": MARKS[holds][1] }, MARKS[holds][0]), element("div", {}, element("p", {}, claim), element("p.fu-small", {}, words)));
  const list = (source) => findings.filter((finding) => finding.source === source).map(card);
  const earlier = list("earlier");
  const failing = findings.filter((finding) => finding.source === "earlier" && finding.holds !== "yes").length;
  return place.replaceChildren(
    element(
      "section.panel.fu-card", {}, element("h3.panel-title", {}, "What was claimed, and whether it holds here"), element("p.fu-verdict", {}, verdict),
      element("ul", {}, list("published")), element("p.fu-small", {}, `Published: ${about.source}.`),
      earlier.length ? element("details", {}, element("summary", {}, head(earlier.length, failing)), element("ul", {}, earlier)) : null,
    ),
  );
}

/** What is run, and what differs from the source, in words. */
export function showDiffers(place, about, title) {
  place.replaceChildren(element("section.panel.fu-card", {}, element("h3.panel-title", {}, title), element("ul.fu-plain", {}, about.differs.map((words) => element("li", {}, words)))));
}
