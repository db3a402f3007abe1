// The corners as a table and as a file: the same numbers, folds and places that the picture shows.

import { el } from "../dom.mjs";
import { openModal } from "../modal.mjs";
import { numbering } from "./corners.mjs";

/** One row a corner: its number, hidden layer and neuron from 1, the neuron's lasting id, and where it is. */
function cornerRows(frame) {
  const { fold_points: points, fold_point_unit: unit, units } = frame;
  const count = points.shape[0];
  const order = numbering(frame) ?? Array.from({ length: count }, (_, i) => i);
  return order.map((corner, i) => {
    const [layer, row] = [unit[2 * corner], unit[2 * corner + 1]];
    return { number: i + 1, layer: layer + 1, neuron: row + 1, id: units[layer][row], x: points[2 * corner], y: points[2 * corner + 1] };
  });
}

const HEADS = ["number", "layer", "neuron", "id", "x", "y"];

/** The same as a file: every digit of the frame. */
const cornersCsv = (frame) => [HEADS, ...cornerRows(frame).map((row) => HEADS.map((head) => row[head]))].map((cells) => cells.join(",")).join("\n") + "\n";

/** Show the table until it is dismissed. */
export function openCorners(frame) {
  const file = URL.createObjectURL(new Blob([cornersCsv(frame)], { type: "text/csv" }));
  const cell = (value) => el("td", {}, Number.isInteger(value) ? String(value) : value.toFixed(4).replace("-", "−"));
  const table = el("table", { class: "corner-table" },
    el("thead", {}, el("tr", {}, HEADS.map((head) => el("th", { scope: "col" }, head)))),
    el("tbody", {}, cornerRows(frame).map((row) => el("tr", {}, HEADS.map((head) => cell(row[head]))))));
  const dialog = el("dialog", { class: "keys corners", "aria-label": "Fold points" },
    el("h2", {}, `Fold points at epoch ${Math.floor(frame.epoch)}`), el("div", { class: "corner-scroll", tabIndex: 0 }, table),
    el("p", { class: "corner-hands" }, el("a", { class: "chip", href: file, download: `fold-points-${frame.step}.csv` }, "CSV"),
      el("button", { type: "button", class: "chip", onclick: () => dialog.close() }, "Close")));
  dialog.addEventListener("close", () => URL.revokeObjectURL(file));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  openModal(dialog);
}
