// A schedule over its run, as the server tells it: the learning rate as a curve, restarts as marks, batches as steps.

import { el } from "./dom.mjs";

const SVG = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, INSET] = [300, 64, 4];

/** Whether there is anything to draw: rates that change, or batches that do. */
export const changes = ({ rates, stretches }) => rates.some((rate) => rate !== rates[0]) || stretches.length > 1;

/** The points of a curve in the picture: x over the epochs, y from zero to the largest. Pure. */
export function scheduleCurve(xs, ys, end) {
  const most = ys.reduce((high, y) => Math.max(high, y), 0) || 1;
  const x = (value) => INSET + (value / end) * (WIDTH - 2 * INSET);
  const y = (value) => HEIGHT - INSET - (value / most) * (HEIGHT - 2 * INSET);
  return xs.map((each, i) => [x(each), y(ys[i])]);
}

/** The corners of the batch size over the epochs, up to the end of the run. Pure. */
export function stairs(stretches, end) {
  const ends = [...stretches.slice(1).map(({ epoch }) => epoch), end];
  return { xs: stretches.flatMap(({ epoch }, i) => [epoch, ends[i]]), ys: stretches.flatMap(({ batch }) => [batch, batch]) };
}

const figure = (value) => String(Number(value.toPrecision(3)));

/** What the picture shows, in words. Pure. */
export function words({ rates, stretches, restart_epochs: restarts }) {
  const [low, high] = [Math.min(...rates), Math.max(...rates)];
  const parts = [low === high ? `learning rate ${figure(high)}` : `learning rate ${figure(rates[0])} at first, ${figure(low)} to ${figure(high)}, ${figure(rates.at(-1))} at the end`];
  if (restarts.length) parts.push(`${restarts.length} restart${restarts.length === 1 ? "" : "s"}${restarts.length < 9 ? ` at epochs ${restarts.map(figure).join(", ")}` : ""}`);
  if (stretches.length > 1) parts.push(`batches of ${stretches.map(({ batch }) => batch).join(", ")}`);
  return parts.join(" · ");
}

function shape(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** The picture with its words, or null where nothing changes. */
export function drawSchedule(told) {
  if (!told || !changes(told)) return null;
  const end = told.stretches.at(-1).epoch + (told.updates - told.stretches.at(-1).step) / told.stretches.at(-1).steps_per_epoch;
  const line = (xs, ys) => scheduleCurve(xs, ys, end).map((point) => point.map((part) => part.toFixed(1)).join(",")).join(" ");
  const picture = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: "schedule-picture", preserveAspectRatio: "none", "aria-hidden": "true" });
  const marks = scheduleCurve(told.restart_epochs, told.restart_epochs, end).map(([x]) => shape("line", { x1: x, x2: x, y1: INSET, y2: HEIGHT - INSET, class: "schedule-restart" }));
  const { xs, ys } = stairs(told.stretches, end);
  const batches = told.stretches.length > 1 ? [shape("polyline", { points: line(xs, ys), class: "schedule-batches" })] : [];
  picture.append(...marks, ...batches, shape("polyline", { points: line(told.epochs, told.rates), class: "schedule-rates" }));
  return el("figure", { class: "schedule" }, picture, el("figcaption", {}, `${words(told)} · over ${figure(end)} epochs`));
}
