// The fixed twin of a grown run: the run it is, and how the two name each other. Pure.

import { plural } from "../words.mjs";
import { cadence } from "./counters.mjs";
import { netOf } from "../nets.mjs";

/** The pace of catching up, in epochs a second: maximum speed, yet with every frame that its partner has. */
export const HURRY = 10_000;
export const SPARED = 16; // Times as rarely is measured on the way what is dear to measure.
const FRAMES = 400; // At most while it catches up at first.
const LONGEST_TAG = 40;
const TAG_OF_GROWN = "fixed twin: ";

/** Updates between two frames on the way over some updates: its partner's, or a multiple where those would be too many. */
export function cadenceFor({ speed, stepsPerEpoch }, updates, most) {
  const usual = cadence(speed, stepsPerEpoch);
  return usual * Math.max(1, Math.ceil(updates / (usual * most)));
}

/** Neurons of a frame. */
export const neuronsOf = (frame) => frame.units.reduce((sum, units) => sum + units.length, 0);

/** The hidden widths of a fixed net of a frame's size; of a net without layers all units stand in one. */
export function sizeOf(frame, wiring) {
  if (!netOf(wiring).single) return frame.units.map((units) => units.length);
  const nodes = neuronsOf(frame);
  return nodes ? [nodes] : [];
}

/** A size in words. */
function sizeWords(hidden, wiring) {
  const total = hidden.reduce((sum, width) => sum + width, 0);
  if (netOf(wiring).single) return `${netOf(wiring).words} with one hidden layer of ${plural(total, "node")}`;
  return hidden.length > 1 ? `hidden layers of ${hidden.join(", ")}` : plural(total, "hidden neuron");
}

/**
 * The `RunSpec` of the twin: the grown run's, of the given size from the start and without growth. It hurries to the
 * update at which its partner stands and waits there; learning rates change where its partner's did. It never pauses
 * or ends by itself before its last epoch, for both are held on one clock.
 */
export function twinSpec({ spec, changes, probes, stepsPerEpoch, step, speed }, hidden) {
  const sets = [...changes.map(({ step: at, command }) => ({ step: at, command })), ...spec.commands.filter((each) => each.step > step)];
  const at = (when, ...commands) => commands.map((command) => ({ step: when, command }));
  const commands = [
    ...(step > 0 ? at(0, { kind: "cadence", updates: cadenceFor({ speed, stepsPerEpoch }, step, FRAMES) }, { kind: "spare", factor: SPARED }) : []),
    ...sets.filter(({ command }) => command.kind === "set"),
    ...(step > 0 ? at(step, { kind: "pause" }) : []),
  ];
  return {
    ...spec, probes, net: { ...spec.net, hidden },
    growth: { ...spec.growth, schedule: { kind: "by_hand" }, deepen: null, repair: null },
    stop: { epochs: spec.stop.epochs, plateau: null },
    speed: step > 0 ? HURRY : speed,
    commands: commands.sort((first, second) => first.step - second.step),
  };
}

/** What a twin is called by: tags and notes that name its partner. */
export function twinLabels({ id, name }, hidden, wiring) {
  return {
    tags: [`twin of ${name}`.slice(0, LONGEST_TAG)],
    notes: `Fixed twin of ${name} (${id}): same seed, data, optimiser and batch, with ${sizeWords(hidden, wiring)} from the start. It does not grow, and pauses only with its partner.`,
  };
}

/** The tags of a grown run with that of its twin, which takes the place of an earlier one's. */
export const tagsOfGrown = (tags, twinName) => [...tags.filter((tag) => !tag.startsWith(TAG_OF_GROWN)), `${TAG_OF_GROWN}${twinName}`.slice(0, LONGEST_TAG)];
