/** The table: what the chains have, with both formulas beside it. */

import { element } from "../element.mjs";
import { whole } from "../runs/words.mjs";
import { few } from "../words.mjs";
import { measuredWords, valueWords } from "./words.mjs";

const COLUMNS = ["row", "learning rate", "batch size", "updates", "chains have", "equation", "off by", "finite step", "off by", "settled"];
const SETTLED = { true: "yes", false: "no" };

/** Fill the place of the table. */
export function showTable(place, rows, csv) {
  const head = element("thead", {}, element("tr", {}, COLUMNS.map((name) => element("th", { scope: "col" }, name))));
  const title = element("div.panel-head", {}, element("h3.panel-title", {}, "The table"), csv ? element("a.fp-button", { href: csv, download: "" }, "CSV") : null);
  const body = element("tbody", {}, rows.map(line));
  place.replaceChildren(element("section.panel.fu-card.fd-table", {}, title, element("div.fu-scroll", {}, element("table", {}, head, body)), element("p.fu-small", {}, "Excess loss above the minimum, and in the double well the share of basin A.")));
}

function line(row) {
  const cells = [few(row.lr), row.batch, whole(row.updates), measuredWords(row), valueWords(row, row.naive), off(row, row.naive), valueWords(row, row.corrected), off(row, row.corrected), SETTLED[row.settled] ?? ""];
  return element("tr", { "data-row": row.key }, element("th", { scope: "row" }, row.label), cells.map((words) => element("td", {}, words)));
}

function off(row, value) {
  if (row.measured === null || !value) return "";
  const share = 100 * (row.measured / value - 1);
  return `${share >= 0 ? "+" : "−"}${Math.abs(share).toFixed(1)} %`;
}
