/** The table: how many points are right in all runs and in none, with what chance gives beside it. */

import { element } from "../element.mjs";
import { tenths } from "../words.mjs";
import { excessWords, PARTS } from "./words.mjs";

const COLUMNS = ["row", "points", "how many", "right in a run", "right in all runs", "by chance", "right in none", "by chance", "variance"];

/** Fill the place of the table. */
export function showTable(place, rows, csv) {
  const head = element("thead", {}, element("tr", {}, COLUMNS.map((name) => element("th", { scope: "col" }, name))));
  const title = element("div.panel-head", {}, element("h3.panel-title", {}, "The table"), csv ? element("a.fp-button", { href: csv, download: "" }, "CSV") : null);
  const body = element("tbody", {}, rows.flatMap((row) => row.parts.map((part) => line(row, part))));
  place.replaceChildren(element("section.panel.fu-card.fd-table", {}, title, element("div.fu-scroll", {}, element("table", {}, head, body))));
}

function line(row, { name, counts, binomial, share, excess }) {
  const expected = (value) => String(Number(value.toPrecision(2)));
  const cells = [PARTS[name], counts.reduce((sum, count) => sum + count, 0), tenths(share), counts.at(-1), expected(binomial.at(-1)), counts[0], expected(binomial[0]), excessWords(excess)];
  return element("tr", { "data-row": `${row.key}.${name}` }, element("th", { scope: "row" }, row.label), cells.map((words) => element("td", {}, String(words))));
}
