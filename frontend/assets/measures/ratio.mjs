// The noise of the updates at a moment: η/S with momentum counted, S/N, λ₁ by its edge, and the gradient noise scale. Pure.

import { figure } from "../words.mjs";
import { edgeRatio, ratioName } from "./edges.mjs";

/** Effective learning rate by batch size, of the update that comes next; null where the optimiser has none, as Adam. */
export function ratioAt({ summary, calendar }, row) {
  const gain = summary?.lr_gain ?? null;
  const batch = row ? calendar.batchAt(row.epoch) : null;
  return gain === null || !batch || !Number.isFinite(row.lr) ? null : (gain * row.lr) / batch;
}

/** The share of the training points that a batch holds. */
export function batchShareAt({ data, calendar }, row) {
  const batch = row ? calendar.batchAt(row.epoch) : null;
  return batch && data?.train_size ? batch / data.train_size : null;
}

/** What is known at a moment, as `[key, label, value]`; a dash where the optimiser has no ratio. */
export function noiseNow(session, row) {
  if (!row) return [];
  const step = Math.round(session.calendar.stepOf(row.epoch));
  const [ratio, share] = [ratioAt(session, row), batchShareAt(session, row)];
  const [sharp, noise] = ["curvature", "noise"].map((kind) => session.measured.at(kind, step));
  const edge = sharp && sharp.edge_of !== "preconditioned" ? edgeRatio(sharp) : undefined;
  return [
    ["ratio", "η/S", ratio === null ? "–" : figure(ratio)],
    ...(share === null ? [] : [["share", "S/N", figure(share, 2)]]),
    ...(Number.isFinite(edge) ? [["edge", ratioName(sharp) === "ηλ₁/2" ? "ηλ₁/2" : "λ₁/edge", figure(edge, 2)]] : []),
    ...(noise ? [["scale", "B_simple", noise.noise_scale === null ? "none" : figure(noise.noise_scale, 2)]] : []),
  ];
}

/** η/S along the run, as the rows tell the rate: {x, y}; empty where the optimiser has none. */
export function ratioCurve(session) {
  const { series, summary, calendar } = session;
  if ((summary?.lr_gain ?? null) === null) return { x: [], y: [] };
  const [x, rates] = [series.column("epoch"), series.column("lr")];
  return { x, y: Array.from(rates, (lr, i) => (summary.lr_gain * lr) / calendar.batchAt(x[i])) };
}
