// What the page says of a landscape: which it is, what is seen, how far it is. Pure.

import { isUsual, lossWords } from "../measures/losses.mjs";
import { duration, whole } from "../runs/words.mjs";
import { epochs, figure, percent } from "../words.mjs";
import { spectrumSays } from "./spectrum-words.mjs";
import { towardsOf } from "./view.mjs";
import { PARTS } from "../vocabulary.mjs";

export const VIEW_NAMES = { slice: "Slice", plane: "Plane", planes: "Planes", path: "Path", straight: "Straight line", connection: "Connection", spectrum: "Spectrum" };
export const SCALE_NAMES = { neuron: "neuron sizes", unit: "parameter units", own: "own length" };
export const ALONG_NAMES = { v: "sharpest", p: "of the path", r: "random" };
const SUBS = "₀₁₂₃₄₅₆₇₈₉";
export const lowered = (number) => [...String(number)].map((digit) => SUBS[digit]).join("");

/** A net by its run and, where it is given, its update. */
export const netName = (names, run, step = null) => `${names[run] ?? run}${step === null ? "" : `@${step}`}`;

/** A direction's word for people; `names` gives runs their names. */
export function directionName(word, names = {}) {
  if (/^v\d/.test(word)) return `sharpest v${lowered(word.slice(1))}`;
  if (/^r\d/.test(word)) return `random, seed ${word.slice(1)}`;
  if (word === "grad") return "uphill";
  if (word === "rad") return "all weights together";
  if (/^p\d/.test(word)) return `path, component ${word.slice(1)}`;
  const { run, step } = towardsOf(word);
  return `towards ${netName(names, run, step)}`;
}

const PUSH = {
  v: "along the direction in which the loss bends most",
  r: "along a random direction, each neuron in proportion to its own size",
  g: "straight uphill, along the gradient",
  p: "along a direction in which training itself moved most",
  t: "towards the weights of another run",
  a: "away from zero to the right and towards it to the left: all weights and biases are multiplied by one number",
};

const RANGES = {
  neuron: "One step moves the neurons by their own size, so two nets can be compared.",
  unit: "One step is one unit of parameter distance; nets with large weights look flat on this scale.",
  own: "One step is the direction's own length: where it leads to another run, 1 is that run.",
};

const ALONG_SAYS = {
  v: "They are the sharpest directions: what bends there is nearly all that a step feels.",
  p: "They are those in which training moved most, at right angles to each other.",
  r: "They are random, each neuron in proportion to its own size.",
};

/** What one is looking at, in two or three sentences. */
export function whatIs({ view, x, y, scale, third, k, along }) {
  const push = (word) => (/^v([2-9]|\d\d)$/.test(word) ? `along v${lowered(word.slice(1))}, the direction that bends most at right angles to the sharper ones` : PUSH[word === "rad" ? "a" : word[0]]);
  if (view === "slice") return `The loss if the net is pushed ${push(x)}. Steep sides mean that small changes hurt; a wide valley forgives them. ${RANGES[scale]} The dotted curve is the parabola with the net's own slope and curvature.`;
  if (view === "plane") return `The loss of every net that lies in one plane around this one: to the right ${push(x)}, upwards ${push(y)}. Dark is low. ${RANGES[scale]} Two directions out of many: what is hidden in the others is not seen.`;
  if (view === "planes") return `The loss over every plane that two of ${k} directions span, all on one colour scale: a column for the direction to the right, a row for the one upwards. ${ALONG_SAYS[along]} ${along === "p" ? "They reach as far as the way that training went, and a quarter more." : RANGES[scale]} Choose a plane to see it large.`;
  if (view === "path") return "The way training went, in the plane in which it moved most, with the loss around it. ▲ marks the birth of a neuron; before its birth a neuron's weights stand at the values it was born with. The line is a shadow: nets of the path lie off this plane, and their own loss may differ from the surface below them.";
  if (view === "spectrum") return "How curved the loss is in all directions at once. Each eigenvalue of the Hessian is the curvature along one direction; the height says how many of them lie there, estimated from random vectors, with the standard error as a band. Most lie in a heap around 0, the bulk; a few stand out to the right, the dots above the picture, and those are the directions in which a step is felt. To the left of 0 the loss bends downwards. A hollow dot has not converged: its bar shows how far off it may be.";
  if (view === "straight") return "The loss of every net on the straight line from the first net of this run to this one. Training never walked it: where there is no hill on it, nothing had to be gone around. Below, along the way that training did take, the cosine between downhill and the direct way to its end.";
  if (third) return "Three nets and a hub: one more net, trained so that the straight ways from it to all three stay low. Where straight ways between the nets climb but these do not, the low part of the landscape is connected like the rooms around a hall.";
  return "Ways from one trained net to another: straight; straight after the other net's neurons were put in the order that matches best, which changes nothing it computes; and a curve that was trained to stay low. A hill on the straight way alone means that two solutions merely name their neurons differently, or lie around a corner.";
}

const bits = (parts) => parts.filter(Boolean).join(" ");

const NORMED = "Its batch normalisation is folded into weights and biases with the running statistics, as in evaluation: each net in the picture is a plain net, and nothing is normalised anew.";

const STATISTICS = {
  kept: "Batch normalisation computes with the running statistics of the net in the middle, all over the picture.",
  renewed: "The running statistics of batch normalisation are computed anew on the training points at every place: between different nets those of none hold.",
};

const GRAPH = "The net is a graph: its parameters are the weights of its edges, and a node is as large as those of the edges into it.";

/** What an axis of losses is called. */
export const lossName = (ground) => lossWords(ground?.loss).axis;

/** What its losses are counted in. */
export const lossUnitOf = (ground) => lossWords(ground?.loss).unit;

/** What the loss is, as in training; nothing to say of the usual one. */
function lossSays({ loss }) {
  const { name, about } = lossWords(loss);
  return isUsual(loss) ? "" : `The loss is that of training, ${name}: ${about.replace(/^[A-Z]/, (letter) => letter.toLowerCase())}`;
}

/** What the numbers of this landscape say. */
export const saysOf = (shown) => bits([numbersSay(shown), shown.ground?.normed ? NORMED : "", STATISTICS[shown.ground?.statistics] ?? "", shown.view === "connection" && shown.ground?.not_ordered ? `No way after ordering: ${shown.ground.not_ordered}` : "", shown.ground?.index ? GRAPH : "", shown.ground ? lossSays(shown.ground) : ""]);

function numbersSay({ view, ground, ways, onward, spectra, shown, names = {} }) {
  if (view === "straight") return bits([straightSays(ways?.straight, shown, lossUnitOf(ground)), onwardSays(onward)]);
  if (view === "spectrum") return spectrumSays(spectra?.[shown] ?? spectra?.train ?? spectra?.test);
  if (view === "connection" && ways?.hub0) return hubSays(ways, shown, lossUnitOf(ground));
  if (view === "connection") return ways ? connectionSays(ways, shown, lossUnitOf(ground)) : "";
  if (!ground) return "";
  if (view === "planes") return bits([ground.no_path ? pathSays(ground) : "", ...ground.axes.filter(({ curvature }) => Number.isFinite(curvature)).map(({ name, curvature, believed }) => `${name}: curvature per step² ${figure(curvature)}${believed ? "." : " – not converged, so not believed."}`)]);
  const axis = (one, name) => one && bits([
    `${name} ${called(one.name, names)}: one step is ${figure(one.norm)} in parameter units`,
    one.curvature === null || one.curvature === undefined ? "." : `, curvature per step² ${figure(one.curvature)}${one.believed ? "." : " – not converged, so not believed."}`,
  ]).replace(" ,", ",").replace(" .", ".");
  const cosine = Number.isFinite(ground.y?.cosine) && Math.abs(ground.y.cosine) > 0.01 ? `The two directions are not at right angles (cosine ${figure(ground.y.cosine, 2)}).` : "";
  const fit = Number.isFinite(ground.fit?.slope) ? `At the net: loss ${figure(ground.fit.loss)}, slope ${figure(ground.fit.slope)}, curvature ${figure(ground.fit.curvature)} per step².` : "";
  return bits([pathSays(ground), view === "path" ? "" : axis(ground.x, "→"), view === "path" ? "" : axis(ground.y, "↑"), cosine, fit]);
}

/** A direction's own name with runs by theirs. */
const called = (name, names) => name.replace(/^towards (\S+)/, (whole, run) => `towards ${names[run] ?? run}`);

/** How much of the training path a plane shows. */
export function pathSays({ movement, no_path: none }) {
  if (none) return `The path is not drawn: ${none}`;
  if (!movement) return "";
  const share = movement.share ?? NaN;
  const warning = share < 0.5 ? " – most of it happens outside, so the drawn path misleads" : "";
  const births = movement.births.length ? `; ${movement.births.length === 1 ? "one birth" : `${movement.births.length} moments with births`} ▲` : "";
  const cut = Number.isFinite(movement.from) ? ` The path begins at epoch ${epochs(movement.from)}: before, the net had other layers.` : "";
  return `This plane shows ${percent(share)} of the movement of training${warning}${births}.${cut}`;
}

/** What the three ways say, on the chosen points. */
export function connectionSays(ways, shown = "train", unit = "nats") {
  const of = (key) => ways[key]?.[shown] ?? null;
  const height = (key) => of(key)?.barrier ?? Infinity;
  const parts = [];
  if (of("linear")) parts.push(height("linear") < 0.05 ? `The straight way has no hill to speak of (${figure(height("linear"))} ${unit}): both nets lie in one valley.` : `The straight way climbs ${figure(height("linear"))} ${unit}; accuracy falls by up to ${percent(of("linear").accuracy_drop)}.`);
  if (of("ordered")) parts.push(height("ordered") < 0.3 * height("linear") ? `After matching the neurons ${figure(height("ordered"))} are left: much of the hill was only the order of the neurons.` : `After matching the neurons ${figure(height("ordered"))} are left.`);
  if (of("curve")) parts.push(height("curve") < 0.05 ? `The curve has no hill (${figure(height("curve"))}): a low way exists.` : `The trained curve still climbs ${figure(height("curve"))}.`);
  return parts.join(" ");
}

/** What the straight line from start to end says, on the chosen points. */
function straightSays(way, shown = "train", unit = "nats") {
  const losses = way && (way.arrays[`${shown}_loss`] ?? way.arrays.train_loss ?? way.arrays.test_loss);
  if (!losses) return "";
  if (!losses.every(Number.isFinite)) return "Somewhere on the straight line the loss is not finite.";
  let [lowest, rise] = [Infinity, 0];
  for (const loss of losses) { lowest = Math.min(lowest, loss); rise = Math.max(rise, loss - lowest); }
  return rise === 0 ? "Along the straight line the loss falls all the way." : `Along the straight line the loss rises by up to ${figure(rise)} ${unit} above the lowest place before.`;
}

/** At how many of the moments downhill points to the end. */
function onwardSays(onward) {
  if (!onward || !Number.isFinite(onward.share)) return "";
  return `At ${percent(onward.share)} of ${onward.moments.toLocaleString("en-GB")} kept moments downhill points to where training ended, within a right angle.`;
}

/** What the ways to a hub say, on the chosen points. */
function hubSays(ways, shown = "train", unit = "nats") {
  const legs = ["hub0", "hub1", "hub2"].map((key) => ways[key]).filter(Boolean);
  const most = (values) => Math.max(...values.map((value) => value ?? Infinity));
  if (legs.length < 3) return "";
  const points = legs[0][shown] ? shown : legs[0].train ? "train" : "test";
  const [straight, hills] = [most(legs.map((leg) => leg.straight[points])), most(legs.map((leg) => leg[points].barrier))];
  const centre = legs[0].arrays[`${points}_loss`].at(-1);
  const verdict = hills < 0.05 ? "so low ways meet in one place" : hills < 0.3 * straight ? "much less than straight across" : "so no low hub was found";
  return `Straight from net to net the loss climbs up to ${figure(straight)} ${unit}. At the hub it is ${figure(centre)}, and on the ways to it it climbs up to ${figure(hills)}: ${verdict}.`;
}

/** How far a landscape is, in one line; `unit` is what is counted. */
export function standing(job, cells, unit = "cells") {
  if (!job) return "";
  if (job.state === "queued") return job.message || (job.place > 0 ? `Waiting: ${whole(job.place)} before it.` : "Waiting for a worker…");
  const estimate = Number.isFinite(job.estimate_s) ? ` · estimated ${seconds(job.estimate_s)}` : "";
  if (job.state === "running") return job.stopping ? "Stopping…" : `${job.doing || "Beginning…"}${estimate}`;
  if (job.state === "done") return `${whole(cells)} ${unit} in ${seconds((job.ended - job.started) / 1000)}${estimate}.`;
  if (job.state === "stopped") return `${job.message} ${percent(job.share)} are known.`;
  return job.message || job.state;
}

const seconds = (value) => (value < 10 ? `${Math.max(0, value).toFixed(value < 1 ? 2 : 1)} s` : duration(value));

/** The place of the ball and what the net there does. */
export function ballWords({ view, at, cell, unit }) {
  const where = view === "connection" || view === "straight" ? `t = ${figure(at[0], 2)}` : at.length > 1 ? `→ ${figure(at[0], 3)}, ↑ ${figure(at[1], 3)}` : `${figure(at[0], 3)} ${unit ?? ""}`.trim();
  if (!cell) return `${where} · not measured yet`;
  const of = (name) => {
    const [loss, accuracy] = [cell[`${name}_loss`], cell[`${name}_accuracy`]];
    if (Number.isNaN(loss) && Number.isNaN(accuracy)) return "";
    return Number.isFinite(loss) ? `${PARTS[name]} loss ${figure(loss)}, accuracy ${percent(accuracy)}` : `${PARTS[name]}: no finite loss`;
  };
  return [where, of("train"), of("test")].filter(Boolean).join(" · ");
}
