// Files for a paper: everything as one zip, or a single file of it.

import { ApiError } from "./api.mjs";
import { element } from "./element.mjs";
import { toast } from "./shell.mjs";

/** The single files that are offered besides everything. */
const SINGLE = [
  ["table.tex", "Table as LaTeX"], ["table.csv", "Table as CSV"], ["scatter.svg", "Scatter"], ["flatness.svg", "Flatness side by side"],
  ["curves.svg", "Curves with bands"], ["runs.parquet", "Every number, Parquet"], ["runs.csv", "Every number, CSV"], ["notebook.ipynb", "Notebook"],
];

/** The name that an answer gives its file. */
export const fileName = (disposition) => /filename="([^"]+)"/.exec(disposition ?? "")?.[1] ?? "foldscape.zip";

/** The address of an export with what is left to the server left out. */
export function exportAddress(path, asked = {}) {
  const said = new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== null && value !== undefined && value !== ""));
  return said.size ? `${path}?${said}` : path;
}

/**
 * A button that exports everything, and beside it a list of single files.
 * `wanted()` gives what is exported now: `{path, query?, body?}`; with a body it is posted. `look` is the class of the buttons.
 */
export class ExportButton {
  constructor(wanted, { look = "chip", id = "export" } = {}) {
    this.wanted = wanted;
    this.all = element(`button.${look}.fx-all`, { type: "button", id, title: "Tables, figures, every number, a notebook, and what is needed to do it again, as one zip", onclick: () => this.take("") }, "Export");
    this.more = element(`button.${look}.fx-more`, { type: "button", "aria-label": "Export a single file", "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => this.open(this.menu.hidden) }, "▾");
    this.menu = element("div.fx-menu", { role: "menu", hidden: true }, SINGLE.map(([file, words]) => element("button.fx-item", { type: "button", role: "menuitem", "data-file": file, onclick: () => { this.open(false); this.take(file); } }, element("span", {}, words), element("code", {}, file))));
    this.node = element("div.fx", { onkeydown: (event) => this.#key(event), onfocusout: ({ relatedTarget: to }) => to && !this.node.contains(to) && this.open(false) }, this.all, this.more, this.menu);
  }

  open(shown) {
    this.menu.hidden = !shown;
    this.more.setAttribute("aria-expanded", String(shown));
    if (!shown) return;
    this.menu.firstElementChild.focus();
    const elsewhere = (event) => {
      if (this.node.contains(event.target)) return;
      this.open(false);
      document.removeEventListener("pointerdown", elsewhere);
    };
    document.addEventListener("pointerdown", elsewhere);
  }

  #key(event) {
    if (this.menu.hidden) return;
    const items = [...this.menu.children];
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (way) items[(items.indexOf(document.activeElement) + way + items.length) % items.length].focus();
    else if (event.key === "Escape") { this.open(false); this.more.focus(); }
    else return;
    event.preventDefault();
  }

  /** Fetch a file, or all, and hand it to the browser; one at a time. */
  async take(file) {
    if (this.all.disabled) return;
    this.#busy(true);
    try {
      const { path, query = {}, body } = this.wanted();
      const posted = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
      const answer = await fetch(exportAddress(path, { ...query, file }), posted);
      if (!answer.ok) throw new ApiError(answer.status, (await answer.json().catch(() => ({}))).error);
      hand(await answer.blob(), fileName(answer.headers.get("Content-Disposition")));
    } catch (error) {
      toast([error.message, error.hint].filter(Boolean).join(" "));
    } finally {
      this.#busy(false);
    }
  }

  #busy(on) {
    this.all.disabled = this.more.disabled = on;
    this.all.textContent = on ? "Exporting …" : "Export";
  }
}

/** Hand a file to the browser. */
export function hand(blob, name) {
  const link = element("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  toast(`Saved as ${name}.`);
}
