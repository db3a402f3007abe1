// The ranking of a growth in which candidates competed: a bar each, as long as the predicted fall of the loss. Chosen
// ones are filled, others hollow; a shape says what a candidate was.

import { GROWN } from "./colour.mjs";
import { el } from "./dom.mjs";
import { figure } from "./words.mjs";

const MOST = 12; // Bars that are drawn; the chosen ones always are.
const SHAPES = {
  new: { name: "new unit", d: "M4 0A4 4 0 1 1-4 0A4 4 0 1 1 4 0Z" },
  split: { name: "split", d: "M0-5L5 0L0 5L-5 0Z" },
  deeper: { name: "new layer", d: "M-4-4H4V4H-4Z" },
};

/** The candidates that are drawn, the best first: all chosen ones, and of the others as many as there is room for. */
export function rankingRows(ranking, most = MOST) {
  const chosen = ranking.filter((each) => each.chosen).length;
  let room = Math.max(0, most - chosen);
  const drawn = ranking.filter((each) => { if (each.chosen) return true; room -= 1; return room >= 0; });
  const top = Math.max(...drawn.map(({ gain }) => gain), 1e-300);
  return drawn.map((each) => ({
    ...each,
    share: Math.min(1, Math.max(0, each.gain / top)),
    words: each.kind === "split" ? `unit ${each.unit + 1} of layer ${each.layer + 1}` : each.kind === "deeper" ? `behind layer ${each.layer + 1}` : `in layer ${each.layer + 1}`,
  }));
}

/** Whether candidates cost different amounts, so that gain alone does not decide their order. */
export const costsDiffer = (ranking) => new Set(ranking.map(({ cost }) => cost)).size > 1;

const SVG = "http://www.w3.org/2000/svg";

function mark(kind, chosen) {
  const picture = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ viewBox: "-7 -7 14 14", width: 14, height: 14, "aria-hidden": "true" })) picture.setAttribute(name, value);
  const path = document.createElementNS(SVG, "path");
  for (const [name, value] of Object.entries({ d: SHAPES[kind].d, fill: chosen ? GROWN : "none", stroke: GROWN, "stroke-width": 1.6 })) path.setAttribute(name, value);
  picture.append(path);
  return picture;
}

function bar({ kind, chosen, gain, cost, share, words }, priced) {
  const told = `${SHAPES[kind].name} ${words}: ${figure(gain)}${priced ? `, cost ${figure(cost)}` : ""}${chosen ? ", chosen" : ""}`;
  return el("li", { class: chosen ? "rank-row is-chosen" : "rank-row", title: told, "aria-label": told },
    mark(kind, chosen), el("span", { class: "rank-words" }, words),
    el("span", { class: "rank-track" }, ...(share > 0 ? [el("span", { class: "rank-bar", style: `width:max(3px, ${(100 * share).toFixed(1)}%)` })] : [])),
    el("span", { class: "rank-gain" }, figure(gain)));
}

/** The chart of a ranking [{kind, layer, unit, gain, cost, chosen}]. */
export function rankingChart(ranking) {
  const rows = rankingRows(ranking);
  const priced = costsDiffer(ranking);
  const left = ranking.length - rows.length;
  const kinds = Object.keys(SHAPES).filter((kind) => ranking.some((each) => each.kind === kind));
  const legend = kinds.map((kind) => el("span", { class: "rank-key" }, mark(kind, false), SHAPES[kind].name));
  return el("figure", { class: "card-ranking" },
    el("figcaption", {}, `Predicted fall of the loss${priced ? "; the order is by what it costs" : ""}. Filled: chosen.`),
    el("div", { class: "rank-keys" }, ...legend),
    el("ol", { class: "rank-rows" }, ...rows.map((each) => bar(each, priced))),
    ...(left > 0 ? [el("p", { class: "rank-left" }, `and ${left} more below`)] : []));
}
