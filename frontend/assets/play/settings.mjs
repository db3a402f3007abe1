// The settings of the play page, and the run they ask for.

import { fromHills, USUAL } from "./hills.mjs";
import { isUsual } from "../measures/losses.mjs";
import { grownBy, hasBlocks, netOf, usualRule } from "../nets.mjs";
import { carriedOf, withCarried } from "./carried.mjs";
import { takesLayer, unusual } from "./rules.mjs";

/** Plane data sets in the order of their pictures, with their usual noise. */
export const DATA = {
  rings: { name: "rings", noise: 0.1 },
  moons: { name: "moons", noise: 0.1 },
  xor: { name: "xor", noise: 0.1 },
  two_spirals: { name: "two spirals", noise: 0.1 },
  sine: { name: "sine", noise: 0.1 },
  overlap_quadratic: { name: "overlapping parabolas", noise: 0.15 },
  checkerboard: { name: "checkerboard", noise: 0.1 },
  gaussian_blobs: { name: "blobs", noise: 0.3 },
};
export const RATES = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3];
export const MOST_LAYERS = 4;
export const MOST_WIDTH = 64;
export const ANYWHERE = -1; // The layer of a rule that chooses it itself.

export const DEFAULTS = Object.freeze({
  lrSchedule: null, batchSchedule: null, // Null stays constant.
  data: "rings", noise: 0.1, points: 300, test: 0.25, seed: 7,
  hidden: Object.freeze([1]), activation: "relu", wiring: "layers",
  loss: null, // As a run that names none, until a person chooses: a kind, or an object with settings.
  optimizer: "adam", lr: 0.03, decay: 0, batch: 32,
  speed: 20, plateau: true,
  rule: "folding", ruleOptions: Object.freeze({}), layer: 0, criterion: "newton", foldPoint: "effective",
  auto: "by_hand", every: 30, patience: 40, target: 0.99, births: 8, deepen: "", repair: "",
  ...fromHills(USUAL),
  probes: null, // As shipped, until a person chooses.
  hard: false, showTest: false, view: "field", sheet: null,
  critical: null, // Radius of the critical region, in data units; null shows none.
  labels: 0, inputs: 0, // Shares of corrupted training points.
  carried: null, // What an opened run sets beyond all of these, see carried.mjs.
  twin: null, // The fixed net beside it: {run, hidden}.
  run: null, at: null, changes: Object.freeze([]),
});

/** Settings that decide what a run is; changing one of them starts a new run from the same seed. */
export const DECIDING = [
  "data", "noise", "points", "test", "labels", "inputs", "seed", "hidden", "activation", "wiring", "loss", "optimizer", "batch", "plateau",
  "lrSchedule", "batchSchedule", "carried",
];

/** Schedules by the field of the spec in which they stand. */
export const SCHEDULES = { lrSchedule: "lr_schedule", batchSchedule: "batch_schedule" };

/** The `RunSpec` that these settings ask for, with the changes made so far as scheduled commands. */
export function toSpec(settings) {
  return withCarried(settings.carried, {
    data: { kind: settings.data, n: settings.points, noise: settings.noise, test_share: settings.test },
    net: { hidden: [...settings.hidden], activation: settings.activation, ...(settings.wiring === DEFAULTS.wiring ? {} : { wiring: settings.wiring }) },
    ...(settings.labels || settings.inputs ? { corrupt: { labels: settings.labels, inputs: settings.inputs } } : {}),
    ...(settings.loss ? { loss: settings.loss } : {}),
    optimizer: { kind: settings.optimizer, lr: settings.lr, weight_decay: settings.decay },
    batch: settings.batch,
    ...Object.fromEntries(Object.entries(SCHEDULES).filter(([name]) => settings[name]).map(([name, field]) => [field, settings[name]])),
    seed: settings.seed,
    growth: growthSpec(settings),
    stop: { plateau: settings.plateau ? {} : null },
    speed: settings.speed,
    commands: schedule(settings),
    ...(settings.probes ? { probes: settings.probes } : {}),
  });
}

/** Settings that say how the net grows; a change of one is told to the run that is followed. */
export const GROWTH = ["rule", "ruleOptions", "layer", "criterion", "foldPoint", "auto", "every", "patience", "target", "births", "deepen", "repair"];

/** Whether the first press on the button shows what the rule would do. */
export const showsFirst = (kind) => kind === "folding";

/** What else changes with the kind of net: what it starts with, and a rule that grows it. */
export function rewired(wiring) {
  const { ungrown, layered } = netOf(wiring);
  return { wiring, hidden: [...ungrown], ...ruleFor(wiring), ...(layered ? {} : { deepen: "", repair: "" }) };
}

/** The rule that a kind of net starts with, and where it grows: blocks choose the best place themselves. */
const ruleFor = (wiring) => ({ rule: usualRule(wiring) ?? DEFAULTS.rule, ruleOptions: {}, layer: hasBlocks({ wiring }) ? ANYWHERE : DEFAULTS.layer });

/** The settings with a rule that grows their net: a run may name one that grows others. */
export const withFittingRule = (settings) => (grownBy(settings.wiring, settings.rule) || !usualRule(settings.wiring) ? settings : { ...settings, ...ruleFor(settings.wiring) });

/** Whether there is anything to grow. */
export const canGrow = ({ hidden, wiring }) => (netOf(wiring).layered ? hidden.length > 0 : netOf(wiring).rules.length > 0);

/** The growth rule that a press of the button uses. */
export function ruleSpec({ rule, ruleOptions, layer, hidden, criterion, foldPoint }) {
  const where = layer === ANYWHERE ? "auto" : Math.min(layer, Math.max(0, hidden.length - 1));
  const plain = { kind: rule, ...(takesLayer(rule) ? { layer: where } : {}), ...ruleOptions };
  return rule === "folding" ? { ...plain, criterion, fold_point: foldPoint } : plain;
}

/** When the net grows by itself. */
export function scheduleSpec({ auto, every, patience, target, births }) {
  if (auto === "periodic") return { kind: auto, start: every, every, births };
  if (auto === "on_plateau") return { kind: auto, patience, births };
  if (auto === "until_accuracy") return { kind: auto, patience, accuracy: target, births };
  return { kind: "by_hand" };
}

export function growthSpec(settings) {
  const { deepen, repair } = settings;
  return {
    rule: ruleSpec(settings),
    schedule: scheduleSpec(settings),
    deepen: deepen ? { rule: { kind: deepen } } : null,
    repair: repair ? { by: repair } : null,
  };
}

const ASIDE = { folding: ["criterion", "fold_point"] };

/** What of a rule stands among its options: all but its kind, its layer and what has a control of its own. */
function optionsOf({ kind, ...fields }) {
  const aside = [...(takesLayer(kind) ? ["layer"] : []), ...(ASIDE[kind] ?? [])];
  return unusual(kind, Object.fromEntries(Object.entries(fields).filter(([name]) => !aside.includes(name))));
}

const placeOf = ({ kind, layer }) => (!takesLayer(kind) ? 0 : layer === "auto" ? ANYWHERE : layer ?? 0);

/** The settings that growth settings of a run came from. */
export function fromGrowth({ rule, schedule, deepen, repair }) {
  const { kind: auto, every, patience, accuracy: target, births } = schedule;
  const given = { auto, every, patience, target, births };
  return {
    rule: rule.kind, ruleOptions: optionsOf(rule), layer: placeOf(rule), deepen: deepen?.rule.kind ?? "", repair: repair?.by ?? "",
    ...(rule.kind === "folding" ? { criterion: rule.criterion, foldPoint: rule.fold_point } : {}),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}

/** The changes of a shared view as commands with their steps, and a pause where the view was taken. */
export function schedule({ changes, at }) {
  const commands = changes.flatMap(({ step, command }) => {
    const moves = command.kind === "grow" || command.kind === "undo_growth";
    return [command, ...(moves ? [{ kind: "play" }] : [])].map((each) => ({ step, command: each }));
  }).filter(({ step }) => at === null || step <= at);
  return at === null ? commands : [...commands, { step: at, command: { kind: "pause" } }];
}

/** Weight decay, whether the optimiser names it or a term: it is the same number. */
const decayOf = ({ optimizer, terms = [] }) => terms.find(({ kind }) => kind === "weight_decay")?.strength ?? optimizer.weight_decay;

/** The settings of a run that exists, or null when its data are not of the plane. */
export function fromSpec(spec) {
  if (!(spec.data.kind in DATA)) return null;
  const found = {
    data: spec.data.kind, noise: spec.data.noise, points: spec.data.n, test: spec.data.test_share, seed: spec.seed,
    hidden: spec.net.hidden, activation: spec.net.activation, wiring: spec.net.wiring ?? DEFAULTS.wiring,
    labels: spec.corrupt?.labels ?? 0, inputs: spec.corrupt?.inputs ?? 0,
    loss: isUsual(spec.loss) ? null : spec.loss,
    optimizer: spec.optimizer.kind, lr: spec.optimizer.lr, decay: decayOf(spec), batch: spec.batch,
    ...Object.fromEntries(Object.entries(SCHEDULES).map(([name, field]) => [name, spec[field] ?? null])),
    speed: spec.speed ?? null, plateau: Boolean(spec.stop.plateau),
    ...fromGrowth(spec.growth), ...fromHills(spec.terms?.find(({ kind }) => kind === "hills") ?? {}),
  };
  return { ...found, carried: carriedOf(spec, toSpec({ ...DEFAULTS, ...found })) };
}

const CHANGING = ["grow", "undo_growth", "set_growth", "set", "hill", "set_hills"];

/**
 * What a command that took effect adds to the changes of the view: commands with their step, without what is not
 * given. A unit that was taken as it had been shown needs the question as well: `asked` is the last one.
 */
export function changesOf({ step, command, refused }, wasStuck, asked = null) {
  if (refused) return [];
  if (command.kind === "play") return wasStuck ? [{ step, command: { kind: "play" } }] : [];
  if (!CHANGING.includes(command.kind)) return [];
  const given = Object.fromEntries(Object.entries(command).filter(([, value]) => value !== null && value !== false));
  return [...(command.kind === "grow" && command.proposed && asked ? [asked] : []), { step, command: given }];
}
