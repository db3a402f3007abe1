/** The table of counts, with the published and the earlier ones beside them. */

import { element } from "../element.mjs";
import { whole } from "../runs/words.mjs";

const number = (value, best = false) => element(best ? "td.fu-best" : "td", {}, value === null || value === undefined ? "" : whole(value));

/** Fill the place of the table. */
export function showTable(place, rows, about, csv) {
  const taus = about.taus.map((tau) => element("th", { scope: "col" }, String(tau)));
  const head = element(
    "thead", {},
    element("tr", {}, element("th", { colSpan: 3 }), element("th.fu-over", { colSpan: 2, scope: "colgroup" }, "nets with"), element("th.fu-over", { colSpan: taus.length, scope: "colgroup" }, "nets within τ of the best"), element("th.fu-over", { scope: "colgroup" }, "published"), element("th.fu-over", { colSpan: 2, scope: "colgroup" }, "earlier run, per 1,000"), element("th")),
    element("tr", {}, ...["data", "nets", "best net"].map((name) => element("th", { scope: "col" }, name)), ...["100 %", "≥ 99 %"].map((name) => element("th", { scope: "col" }, name)), taus, element("th", { scope: "col" }, "reached"), ...["100 %", "≥ 99 %"].map((name) => element("th", { scope: "col" }, name)), element("th", { scope: "col", title: "Largest change of any output of any net at growth" }, "kept")),
  );
  const most = new Map();
  for (const row of rows) if (row.tally) most.set(row.data, Math.max(most.get(row.data) ?? 1, row.tally.within[0]));
  const title = element("div.panel-head", {}, element("h3.panel-title", {}, "The table"), csv ? element("a.fp-button", { href: csv, download: "" }, "CSV") : null);
  place.replaceChildren(element("section.panel.fu-card", {}, title, element("div.fu-scroll", {}, element("table", {}, head, element("tbody", {}, rows.map((row) => line(row, about, most.get(row.data))))))));
}

function line(row, about, most) {
  const method = about.methods[row.method];
  const published = about.published[row.method];
  const earlier = method.earlier[row.data];
  const tally = row.tally;
  const kept = row.kept === null ? "" : row.kept === 0 ? "0" : row.kept.toPrecision(2);
  return element(
    "tr", { "data-row": row.key, "data-grows": String(method.grows) },
    element("th", { scope: "row" }, element("span.fu-data", {}, row.data)), element("td.fu-name", {}, row.label), element("td", {}, row.best === null ? "" : row.best.toFixed(3)),
    number(tally?.perfect), number(tally?.near), about.taus.map((_, at) => number(tally?.within[at], at === 0 && tally && tally.within[0] === most)),
    element("td.fu-theirs", {}, published ? `${whole(published.reached)} of ${whole(published.of)}` : ""),
    ...[earlier.perfect, earlier.near].map((count) => element("td.fu-theirs", {}, whole((1000 * count) / earlier.of))), element("td", {}, kept),
  );
}
