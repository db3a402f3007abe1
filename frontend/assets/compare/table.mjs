// The table: a row a group, as it goes into a paper, to copy as CSV or LaTeX.

import { element } from "../element.mjs";
import { toast } from "../shell.mjs";

const FILES = { csv: ["comparison.csv", "text/csv"], latex: ["comparison.tex", "text/x-tex"] };

/** Fill the place of the table. */
export function showTable(place, { table }, styles) {
  const names = Object.keys(table.heads).filter((name) => table.rows.some((row) => row[name] && row[name] !== "–"));
  const head = element("tr", {}, names.map((name) => element("th", { scope: "col" }, table.heads[name])));
  const cell = (row, name) => (name === "method"
    ? element("th", { scope: "row" }, element("span", { style: `color: ${styles.get(row.key)?.colour}`, "aria-hidden": "true" }, `${styles.get(row.key)?.mark} `), row.method)
    : element("td", {}, row[name]));
  const rows = table.rows.map((row) => element("tr", {}, names.map((name) => cell(row, name))));
  const hands = element("div.fp-row", {}, copy("LaTeX", table.latex), save("CSV", "csv", table), save("LaTeX file", "latex", table));
  place.replaceChildren(element("div.panel-head", {}, element("h3.panel-title", {}, "The table"), hands), element("div.fc-scroll", { tabIndex: 0 }, element("table", {}, element("thead", {}, head), element("tbody", {}, rows))), element("p.note", {}, table.caption));
}

const copy = (words, text) => element("button.chip", { type: "button", onclick: async () => {
  const copied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  toast(copied ? `Copied as ${words}.` : "The browser does not let the page copy; save the file instead.");
} }, `Copy ${words}`);

function save(words, form, table) {
  const [name, type] = FILES[form];
  const link = element("a.chip.fc-file", { href: URL.createObjectURL(new Blob([table[form]], { type })), download: name }, words);
  link.addEventListener("click", () => setTimeout(() => URL.revokeObjectURL(link.href), 60_000), { once: true });
  return link;
}
