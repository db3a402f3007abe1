/** A card a row: its cloud of chains with both formulas' ellipses, or the histogram of the double well. */

import { FIXED, GROWN } from "../colour.mjs";
import { fit, say, themed } from "../dom.mjs";
import { element } from "../element.mjs";
import { meaning } from "../measures/help.mjs";
import { ellipseOutline, measuredWords, phaseWords, reach, basinWords, valueWords } from "./words.mjs";

const DASH = [5, 4];

export class ChainCards {
  constructor(place) {
    this.place = place;
    this.cards = new Map();
    this.watcher = new ResizeObserver(() => this.redraw());
    this.watcher.observe(place);
  }

  /** Lay out cards for rows; called when another study is shown. */
  lay(spec, rows) {
    this.spec = spec;
    this.cards.clear();
    const cards = rows.map((row) => this.card(row));
    this.place.replaceChildren(legend(), element("div.fd-cards", {}, cards));
    for (const row of rows) this.show(row);
  }

  card(row) {
    const parts = { canvas: element("canvas", { role: "img" }), phase: element("span.fu-phase"), measured: element("b"), naive: element("span"), corrected: element("span"), row: null };
    this.cards.set(row.key, parts);
    const key = row.name === "wells" ? "basin_share" : "excess_loss";
    const head = element("div.fd-head", {}, element("h3", {}, row.label), meaning(key));
    const figure = (words, part) => element("div", {}, element("dt", {}, words), element("dd", {}, part));
    const figures = element("dl.fd-figures", {}, figure(row.name === "wells" ? "chains in A" : "excess loss", parts.measured), figure("equation", parts.naive), figure("finite step", parts.corrected));
    const setting = element("p.fu-small", {}, `η = ${Number(row.lr.toPrecision(4))}, S = ${row.batch}`);
    return element("section.panel.fd-card", { "data-row": row.key, "aria-label": row.label }, head, element("div.fd-under", {}, setting, parts.phase), parts.canvas, figures);
  }

  /** Show one row as it stands now. */
  show(row) {
    const parts = this.cards.get(row.key);
    if (!parts) return;
    parts.row = row;
    say(parts.phase, phaseWords(row));
    say(parts.measured, measuredWords(row) || "–");
    say(parts.naive, valueWords(row, row.naive));
    say(parts.corrected, row.name === "wells" ? basinWords(row).corrected : valueWords(row, row.corrected));
    parts.canvas.setAttribute("aria-label", `${row.label}: chains ${measuredWords(row) || "not measured yet"}, equation ${valueWords(row, row.naive)}, finite step ${valueWords(row, row.corrected) || "not known"}`);
    this.draw(parts);
  }

  redraw() { for (const parts of this.cards.values()) this.draw(parts); }

  draw({ canvas, row }) {
    if (!row || canvas.clientWidth < 40) return;
    const { context, width, height } = fit(canvas);
    context.font = "11px Inter, system-ui, sans-serif";
    if (row.cloud) drawCloud(context, width, height, row.cloud, this.spec.eigenvalues);
    else drawWells(context, width, height, row.density);
  }

  close() { this.watcher.disconnect(); }
}

function drawCloud(context, width, height, cloud, eigenvalues) {
  const scale = Math.min(width, height) / 2 / reach(cloud);
  const at = ([x, y]) => [width / 2 + x * scale, height / 2 - y * scale];
  line(context, [[0, height / 2], [width, height / 2]], themed("--line"), 1);
  line(context, [[width / 2, 0], [width / 2, height]], themed("--line"), 1);
  context.fillStyle = themed("--ink-2");
  context.globalAlpha = 0.55;
  for (const point of cloud.points) {
    const [x, y] = at(point);
    context.beginPath();
    context.arc(x, y, 1.6, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
  if (cloud.measured) line(context, ellipseOutline(cloud.measured).map(at), themed("--ink"), 1, [], true);
  line(context, ellipseOutline(cloud.naive).map(at), FIXED, 2, DASH, true);
  line(context, ellipseOutline(cloud.corrected).map(at), GROWN, 2, [], true);
  context.fillStyle = themed("--ink-3");
  context.textAlign = "right";
  context.fillText(`λ = ${eigenvalues[0]} →`, width - 4, height / 2 - 5);
  context.textAlign = "left";
  context.fillText(`λ = ${eigenvalues.at(-1)} ↑`, width / 2 + 5, 11);
}

function drawWells(context, width, height, density) {
  const foot = height - 16;
  const bins = density.loss.length;
  const most = 1.15 * Math.max(...density.naive, ...density.measured, ...(density.corrected ?? []));
  const x = (bin) => (bin / bins) * width;
  const y = (value) => foot - (value / most) * (foot - 4);
  context.fillStyle = themed("--line-strong");
  density.measured.forEach((value, bin) => context.fillRect(x(bin), y(value), width / bins - 0.5, foot - y(value)));
  const curve = (values) => values.map((value, bin) => [x(bin + 0.5), y(value)]);
  const deepest = Math.min(...density.loss);
  const barrier = (density.barrier - density.low) / (density.high - density.low) * bins;
  const high = density.loss[Math.min(bins - 1, Math.floor(barrier))] - deepest;
  const shape = density.loss.map((loss, bin) => [x(bin + 0.5), foot - 4 - ((loss - deepest) / (2.2 * high)) * (foot - 8)]);
  line(context, shape.filter(([, top]) => top > 0), themed("--ink-3"), 1, [2, 3]);
  line(context, [[x(barrier), 0], [x(barrier), foot]], themed("--ink-3"), 1);
  line(context, curve(density.naive), FIXED, 2, DASH);
  if (density.corrected) line(context, curve(density.corrected), GROWN, 2);
  context.fillStyle = themed("--ink-3");
  context.textAlign = "center";
  context.fillText("basin A", x(barrier) / 2, height - 3);
  context.fillText("basin B", (x(barrier) + width) / 2, height - 3);
}

function line(context, points, colour, wide, dash = [], closed = false) {
  context.strokeStyle = colour;
  context.lineWidth = wide;
  context.setLineDash(dash);
  context.beginPath();
  points.forEach(([x, y], at) => context[at ? "lineTo" : "moveTo"](x, y));
  if (closed) context.closePath();
  context.stroke();
  context.setLineDash([]);
}

function legend() {
  const key = (kind, words) => element("span", {}, element("i.fd-key", { "data-kind": kind }), words);
  return element(
    "div.fu-legend", {}, key("chains", "chains"), key("measured", "two deviations of all chains, measured"), key("naive", "the stochastic differential equation"),
    key("corrected", "with the finite step"), key("loss", "the loss of the double well"),
  );
}
