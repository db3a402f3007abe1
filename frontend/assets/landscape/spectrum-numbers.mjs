// The numbers of a spectrum beside it: sums over all eigenvalues, and the largest one by one.

import { element } from "../element.mjs";
import { eigenvalue, figure, percent } from "../words.mjs";
import { pairsOf } from "./spectrum.mjs";
import { outliersSay } from "./spectrum-words.mjs";
import { lowered } from "./words.mjs";

const MOST_EFFORT = 64;
const LINES = [
  ["classes", "classes", ({ classes }) => String(classes)],
  ["outliers", "eigenvalues above the bulk edge", outliersSay],
  ["bulk edge", "as far above zero as the spectrum reaches below, at least 5 % of the largest", ({ bulk_edge: edge }) => figure(edge)],
  ["lowest", "smallest eigenvalue that the runs saw", ({ lowest }) => figure(lowest)],
  ["below zero", "share of all eigenvalues", ({ negative_mass: mass }) => percent(mass)],
  ["trace", "sum of all eigenvalues", ({ trace }) => figure(trace)],
  ["λ₁ / trace", "share of the largest in the sum", (row) => ratio(row)],
  ["effective rank", "how many equal eigenvalues would have this trace and norm", ({ effective_rank: rank, parameters }) => `${figure(rank)} of ${parameters.toLocaleString("en-GB")}`],
  ["not Gauss-Newton", "share of the squared norm that is not in J'AJ", ({ rest_share: rest }) => (rest === undefined ? "–" : rest < 0.001 ? "< 0.1 %" : `${figure(100 * rest, 2)} %`)],
  ["random vectors", "from which the density was estimated", ({ runs, steps }) => `${runs} × ${steps} steps`],
];

/** λ₁ over the trace; only where λ₁ is believed and the trace is above zero. */
function ratio(row) {
  const [first] = pairsOf(row);
  return first?.believed && row.trace > 0 ? figure(first.value / row.trace) : "–";
}

export class SpectrumNumbers {
  /** `change(patch)` changes the view. */
  constructor(place, change) {
    Object.assign(this, { place, change, drawn: "" });
  }

  /** Show a row and, if there is one, that of a ghost; `state` is the view. */
  draw(row, ghost, { state, ghostName }) {
    const key = JSON.stringify([row?.runs, pairsOf(row).length, row?.trace, ghost?.runs, pairsOf(ghost).length, ghostName, state.run, state.at, state.shown, state.effort, row?.parameters, row?.largest, ghost?.largest]);
    if (key === this.drawn) return;
    this.drawn = key;
    this.place.replaceChildren(...(row ? [this.#sums(row, ghost, ghostName), this.#pairs(row, ghost, state)].filter(Boolean) : []));
  }

  #sums(row, ghost, ghostName) {
    const cells = (words) => [element("td", {}, words(row)), ghost ? element("td.fq-of-ghost", {}, words(ghost)) : null];
    const head = ghost ? element("tr", {}, element("th", {}), element("th", {}, "this net"), element("th.fq-of-ghost", {}, ghostName)) : null;
    return element("table.fq-table", {}, head, LINES.map(([name, title, words]) => element("tr", {}, element("th", { scope: "row", title }, name), cells(words))));
  }

  #pairs(row, ghost, state) {
    const pairs = pairsOf(row);
    if (!pairs.length) return element("p.note", {}, "Looking for the largest eigenvalues…");
    const others = pairsOf(ghost);
    const value = ({ value: found, residual, believed }) => (believed ? eigenvalue(found, residual) : `${figure(found)} ± ${figure(residual, 2)}, not converged`);
    const lines = pairs.map((pair, i) => element(
      "tr", {},
      element("th", { scope: "row" }, `λ${lowered(i + 1)}`),
      element("td", {}, value(pair)),
      others.length ? element("td.fq-of-ghost", {}, others[i] ? value(others[i]) : "–") : null,
      element("td", {}, figure(pair.residual, 2)),
      element("td", {}, pair.believed && pair.value > 0 ? percent(pair.gaussNewton / pair.value) : "–"),
      element("td", {}, state.run && i < 20 ? element("button.chip.fq-small", { type: "button", "aria-label": `Slice along v${i + 1}`, onclick: () => this.change({ view: "slice", x: `v${i + 1}` }) }, "slice") : null),
    ));
    const head = ["", "eigenvalue", ...(others.length ? ["ghost"] : []), "residual", "Gauss-Newton", ""];
    const longer = pairs.every(({ believed }) => believed) || state.effort >= MOST_EFFORT ? null : element(
      "p.note", {}, "Some did not converge. ",
      element("button.chip.fq-small", { type: "button", id: "landscape-longer", onclick: () => this.change({ effort: Math.min(MOST_EFFORT, 4 * state.effort) }) }, "Look four times as long"),
    );
    return element("div", {}, longer, element("table.fq-table", {}, element("tr", {}, head.map((words) => element("th", {}, words))), lines));
  }
}
