/** Published, and here: the published numbers of a sweep beside ours, and every claim with what became of it. */

import { element } from "../element.mjs";
import { columnsOf, outcome, oursWords, publishedAccuracy, publishedFlatness, READING_HEADS, readingCells } from "./claims.mjs";

/** Fill the place; `found` is null where nothing was published, `going` counts runs to come. Claims that were folded out stay so. */
export function showPublished(place, found, going = 0) {
  place.hidden = !found;
  const said = JSON.stringify([found, going]);
  if (!found || place.dataset.said === said) return;
  place.dataset.said = said;
  const open = new Set([...place.querySelectorAll("details[open]")].map(({ dataset }) => dataset.claim));
  place.replaceChildren(...[
    element("div.panel-head", {}, element("h3.panel-title", {}, "Published, and here"), element("span.panel-note", {}, found.source)),
    going ? element("p.fb-differs", { role: "status" }, element("b", {}, "So far. "), `${going === 1 ? "1 run is" : `${going} runs are`} still to come; verdicts may turn until the last is in.`) : null,
    found.differs ? element("p.fb-differs", {}, element("b", {}, "What differs here. "), found.differs) : null,
    found.rows.length ? element("div.fc-scroll", { tabIndex: 0 }, numbers(found)) : null,
    found.claims.length ? element("ul.fb-claims", {}, found.claims.map((one, at) => claim(one, at, open.has(String(at))))) : null,
  ].filter(Boolean));
}

function numbers({ rows, ...told }) {
  const axes = [...new Set(rows.flatMap(({ settings }) => Object.keys(settings)))];
  const columns = columnsOf({ rows, ...told });
  const flatness = rows.some((row) => row.flatness !== null);
  const head = (words, span) => element("th", { scope: "colgroup", colSpan: span, class: "fb-group" }, words);
  const heads = (names) => names.map((words, at) => element("th", { scope: "col", class: at ? null : "fb-first" }, words));
  const groups = [element("td", { colSpan: axes.length }), head("published", flatness ? 2 : 1), head("here, at the end of the runs: mean ± sd over seeds [runs], geometric means of loss and λ", columns.length || 1)];
  const cells = (values) => values.map((words, at) => element("td", { class: at ? null : "fb-first" }, words));
  const line = ({ settings, accuracy, flatness: flat, ours }) => element("tr", {},
    axes.map((axis) => element("th", { scope: "row" }, settings[axis] ?? "any")),
    cells([publishedAccuracy(accuracy), flatness && publishedFlatness(flat)].filter(Boolean)),
    cells(columns.length ? columns.map(([name]) => oursWords(name, ours[name])) : ["no run yet"]));
  return element("table", {}, element("thead", {}, element("tr", {}, groups), element("tr", {}, axisHeads(axes), heads([told.matthews ? "accuracy, or Matthews" : "accuracy", flatness && "spectral norm"].filter(Boolean)), heads(columns.length ? columns.map(([, words]) => words) : [""]))), element("tbody", {}, rows.map(line)));
}

const axisHeads = (axes) => axes.map((axis) => element("th", { scope: "col" }, axis));

function claim({ words, erratum, verdict, readings }, at, open) {
  const { key, words: became } = outcome(readings);
  const table = element("table", {}, element("thead", {}, element("tr", {}, READING_HEADS.map((head) => element("th", { scope: "col" }, head)))),
    element("tbody", {}, readings.map((one) => element("tr", { "data-holds": one.pairs ? one.holds : "open" }, readingCells(one).map((cell) => element("td", {}, cell))))));
  const more = readings.length ? element("details.fb-readings", { "data-claim": String(at), open }, element("summary", {}, readings.length === 1 ? "The reading" : `All ${readings.length} readings`), element("div.fc-scroll", {}, table), element("p.note", {}, "Ratio: the one said to be smaller over the other, geometric means over the pairs of one seed; of accuracies the difference. Where a size is claimed, it is tested against that size. Held or failed where the exact sign-flip p is at most 0.05; not corrected for the number of readings. Of many settings at once: Spearman's ρ of their means, or the largest over the smallest of those that share a ratio; held or failed where the 95 % interval over seeds lies wholly on one side, and p is that of no order.")) : null;
  return element("li.fb-claim", { "data-outcome": key }, element("span.fb-outcome", {}, became), element("div.fb-said", {}, element("p.fb-words", {}, element("b", {}, words), ` ${verdict}`), erratum ? element("p.fb-erratum", {}, erratum) : null, more));
}
