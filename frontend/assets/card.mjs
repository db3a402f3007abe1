// The card of a neuron: which mistake it was born for, where and how its fold was laid, what it promised and gave, and
// what became of it. Built from a frame and the record of the birth; says nothing that is not in them.

import { NEW_FOLD } from "./colour.mjs";
import { el } from "./dom.mjs";
import { drawPixels } from "./pixels.mjs";
import { rankingChart } from "./ranking.mjs";
import { ruleName } from "./play/rules.mjs";
import { isDag, placeName, relatives } from "./net-graph.mjs";
import { epochs, figure, plural } from "./words.mjs";

const DIAL = 46; // Radius of the dial in pixels.

/** What of a unit's promise has come true: the loss at its birth less that at the next birth, or now. */
export function gainHad(birth, births, series, step) {
  const until = Math.min(step, ...births.filter((other) => other.step > birth.step).map((other) => other.step));
  const [before, after] = [series.at(birth.step)?.train_loss, series.at(until)?.train_loss];
  return Number.isFinite(before) && Number.isFinite(after) ? before - after : null;
}

/** The numbers, from 1, of the corners that lie on a unit's fold. */
export function cornersOf(frame, { layer, row }, numbers = null) {
  const { fold_point_unit: unit } = frame;
  const found = [];
  for (let i = 0; i < (unit?.shape?.[0] ?? 0); i += 1) {
    if (unit[2 * i] === layer && unit[2 * i + 1] === row) found.push(numbers ? numbers[i] : i + 1);
  }
  return found.sort((a, b) => a - b);
}

/** The dial's outline: objective against angle as a closed path around the middle. */
export function dialPath({ angle, objective }, radius = DIAL) {
  const most = Math.max(...objective, 1e-30);
  const spots = angle.map((a, i) => {
    const r = radius * Math.max(0.04, Math.max(0, objective[i]) / most);
    return `${(r * Math.cos(a)).toFixed(1)} ${(-r * Math.sin(a)).toFixed(1)}`;
  });
  return `M${spots.join("L")}Z`;
}

const SVG = "http://www.w3.org/2000/svg";
const svg = (tag, given, ...children) => {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(given)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

function dial({ dial: told, direction }) {
  const size = 2 * DIAL + 8;
  const angle = Math.atan2(direction[1], direction[0]);
  const [x, y] = [DIAL * Math.cos(angle), -DIAL * Math.sin(angle)];
  const picture = svg("svg", { viewBox: `${-size / 2} ${-size / 2} ${size} ${size}`, width: size, height: size, role: "img", "aria-label": `Objective against angle; chosen ${Math.round((angle * 180) / Math.PI)} degrees` },
    svg("circle", { r: DIAL, fill: "none", stroke: "var(--line-strong)" }),
    svg("path", { d: dialPath(told), fill: "#009e7344", stroke: "#009e73", "stroke-width": 1.4 }),
    svg("line", { x1: 0, y1: 0, x2: x, y2: y, stroke: NEW_FOLD, "stroke-width": 2.4, "stroke-linecap": "round" }));
  return el("figure", { class: "card-dial" }, picture, el("figcaption", {}, "gain by direction"));
}

/** A picture of an input, as wide as `side` pixels; a grey one is as dark as its darkest place allows. */
export function inputPicture(point, shape, { ink = true, side = 84 } = {}) {
  const [rows, columns] = shape.slice(-2);
  const canvas = el("canvas", { class: "card-picture", role: "img", "aria-label": "The instance as a picture", style: `width:${side}px;height:${(side * rows) / columns}px` });
  drawPixels(canvas, point, shape, { most: shape.length === 3 ? 1 : Math.max(...point, 1e-9), ink });
  return canvas;
}

const spot = (point) => (point.length === 2 ? `(${point.map((value) => figure(value)).join(", ")})` : `${point.length} numbers`);
const row = (name, value) => (value === null || value === undefined || value === "" ? [] : [el("dt", {}, name), el("dd", {}, value)]);

function alive(frame, unit) {
  const share = frame.active_share?.[unit.layer]?.[unit.row];
  if (share === undefined) return null;
  if (share === 0) return el("b", { class: "is-dead" }, "dead: active on no training point");
  return `alive: active on ${Math.max(1, Math.round(100 * share))} % of the training points`;
}

const MOST_NAMED = 6;

/** Parents or children by name and weight, the strongest first, the primary ones marked. */
function kin(net, frame, relations) {
  const sorted = relations.slice().sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  const words = sorted.slice(0, MOST_NAMED).map(({ place, weight, primary }) => `${placeName(net, frame, place)}${primary ? "*" : ""} ${figure(weight)}`);
  const more = sorted.length - words.length;
  return words.length ? `${words.join(" · ")}${more ? ` · ${more} more` : ""}` : "none";
}

/** Rows that only a net without layers has: how deep the unit stands, whom it hears and who hears it. */
function kinRows(net, frame, unit) {
  if (!net || !isDag(frame)) return [];
  const { parents, children } = relatives(net, frame, unit);
  const starred = [...parents, ...children].some(({ primary }) => primary) ? " (* primary)" : "";
  return [
    ["depth", `${unit.layer + 1} of ${frame.units.length}; node ${frame.units[unit.layer][unit.row]}`],
    ["hears", `${kin(net, frame, parents)}${starred}`],
    ["heard by", kin(net, frame, children)],
  ];
}

/** What the card calls its unit. */
const titleOf = ({ unit, frame, net }) => (net && isDag(frame)
  ? placeName(net, frame, { column: unit.layer + 1, row: unit.row }).replace(/^n/, "N")
  : `Neuron ${unit.row + 1} · layer ${unit.layer + 1}`);

/** The rows of a card as [name, words or element]. */
export function cardRows({ unit, frame, net = null, birth, births, series, numbers }) {
  const why = birth?.explanation ?? {};
  const corners = cornersOf(frame, unit, numbers);
  const had = birth ? gainHad(birth, births, series, frame.step) : null;
  return [
    ["born", birth ? `epoch ${epochs(birth.epoch)}, by ${ruleName(birth.method)}` : "there from the start"],
    ...kinRows(net, frame, unit),
    ["target mistake", why.instance === undefined ? null : `point ${why.instance} (class ${why.class}), predicted ${why.predicted}`],
    ["at", why.point ? spot(why.point) : null],
    ["similar points", why.cluster_size === undefined ? null : `${plural(why.cluster_size, "point")}, mean loss ${figure(why.cluster_loss)}`],
    ["loss then", why.loss === undefined ? null : figure(why.loss)],
    ["fold point", why.fold_point ? `${spot(why.fold_point)}${why.fold_point_method ? ` · ${why.fold_point_method}` : ""}` : null],
    ["criterion", why.criterion ?? null],
    ["singular values", why.singular_values?.length ? why.singular_values.slice(0, 4).map((value) => figure(value)).join(", ") : null],
    ["bottleneck", why.missing === undefined ? null : `${figure(why.missing)} of ${figure(why.wanted)}`],
    ["rank then", why.rank === undefined || why.width === undefined ? null : `${why.rank} of ${why.width} units`],
    ["copy of", why.copied === undefined ? null : `unit${why.copied.length === 1 ? "" : "s"} ${why.copied.map((unit) => unit + 1).join(", ")}`],
    ["fall predicted", why.gain_predicted === undefined ? null : figure(why.gain_predicted)],
    ["gain predicted", birth && birth.gain !== null && birth.gain !== undefined ? figure(birth.gain) : null],
    ["gain had", had === null ? null : figure(had)],
    ["fold points now", frame.fold_point_unit ? (corners.length ? `${corners.length}: ${corners.join(", ")}` : "none") : null],
    ["now", alive(frame, unit)],
  ].filter(([, value]) => value !== null);
}

/**
 * The card of a unit.
 *
 * told: {unit {layer, row}, frame, net or null, birth or null, births, series, shape and ink of a picture or null, numbers of the
 * corners or null, close()}
 */
export function neuronCard(told) {
  const { birth, shape, ink, close } = told;
  const why = birth?.explanation ?? {};
  const pictures = [
    shape && why.point ? el("figure", { class: "card-dial" }, inputPicture(why.point, shape, { ink }), el("figcaption", {}, "target mistake")) : null,
    why.dial && why.direction?.length === 2 ? dial(why) : null,
  ];
  return el("section", { class: "card", "aria-label": titleOf(told).replace(" ·", " of") },
    el("div", { class: "panel-head" }, el("h2", { class: "panel-title" }, titleOf(told)),
      el("button", { type: "button", class: "fs-quiet", "aria-label": "Close the card", onclick: close }, "✕")),
    el("div", { class: "card-body" }, el("dl", { class: "card-rows" }, cardRows(told).flatMap(([name, value]) => row(name, value))),
      el("div", { class: "card-pictures" }, ...pictures)),
    ...(why.ranking?.length ? [rankingChart(why.ranking)] : []));
}
