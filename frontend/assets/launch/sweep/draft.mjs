/** The draft of a sweep as plain JSON, and the few changes that its form makes. Pure. */

import { get, put } from "../draft.mjs";

/** Fields that may vary as a list of values: name, path, how a value is read. */
export const AXES = {
  batch: { path: "batch", words: "batch size, a whole number", read: whole },
  lr: { path: "optimizer.lr", words: "learning rate, a number", read: number },
  size: { path: "net.hidden", words: "hidden widths, as 32 or 64-32", read: widths },
  epochs: { path: "stop.epochs", words: "number of epochs", read: whole },
  schedule: { path: "lr_schedule", words: "kind of learning-rate schedule, as cosine", read: kind, usual: { kind: "constant" } },
};

function number(text) {
  const value = Number(String(text).trim().replace(",", "."));
  return String(text).trim() !== "" && Number.isFinite(value) ? value : undefined;
}

function whole(text) {
  const value = number(text);
  return Number.isInteger(value) ? value : undefined;
}

/** Reads a kind, which then has its usual settings; the server knows which there are. */
function kind(text) {
  return /^\w+$/.test(text.trim()) ? { kind: text.trim() } : undefined;
}

/** Reads widths: `64-32` and `64, 32`; nothing for what is none. */
export function widths(text) {
  const parts = String(text).split(/[-–,\s]+/).filter(Boolean).map(whole);
  return parts.length > 0 && parts.every((part) => part !== undefined) ? parts : undefined;
}

/** Names a setting by its value, as the server does. */
export const named = (value) => (Array.isArray(value) ? value.join("-") : String(value?.kind ?? value));

/** A draft: the sweep, and the settings that are there but not ticked. */
export const draftOf = (spec) => ({ spec: structuredClone(spec), off: {} });

/** The settings of an axis in their order: `[name, overrides, ticked]`. */
export function settingsOf({ spec, off }, axis) {
  const on = Object.entries(spec.vary[axis] ?? {}).map(([name, set]) => [name, set, true]);
  return [...on, ...Object.entries(off[axis] ?? {}).map(([name, set]) => [name, set, false])].sort(byNumber);
}

const byNumber = ([a], [b]) => (Number.isFinite(Number(a)) && Number.isFinite(Number(b)) ? Number(a) - Number(b) : 0);

/** The axes that are there, ticked or not. */
export const sweptAxes = ({ spec, off }) => [...new Set([...Object.keys(spec.vary), ...Object.keys(off)])];

/** Ticks or unticks a setting; one axis keeps at least the ticks that it has left. */
export function tick(draft, axis, name, on) {
  const from = on ? draft.off : draft.spec.vary;
  const set = from[axis]?.[name];
  if (set === undefined) return draft;
  const without = ({ [name]: _, ...rest }) => rest;
  const trimmed = (record) => {
    const { [axis]: settings, ...others } = record;
    const left = without(settings);
    return Object.keys(left).length > 0 ? { ...record, [axis]: left } : others;
  };
  const vary = on ? { ...draft.spec.vary, [axis]: { ...draft.spec.vary[axis], [name]: set } } : trimmed(draft.spec.vary);
  const off = on ? trimmed(draft.off) : { ...draft.off, [axis]: { ...draft.off[axis], [name]: set } };
  return { spec: { ...draft.spec, vary, primary: primaryFor(draft.spec.primary, vary) }, off };
}

/** The side that is compared has to vary. */
const primaryFor = (primary, vary) => (primary.compare && !(primary.compare in vary) ? { ...primary, compare: "" } : primary);

/** Adds a value to an axis, or nothing where the text is no such value. */
export function addValue(draft, axis, text) {
  const known = AXES[axis];
  const value = known?.read(text);
  if (value === undefined) return null;
  const vary = { ...draft.spec.vary, [axis]: { ...draft.spec.vary[axis], [named(value)]: { [known.path]: value } } };
  return { ...draft, spec: { ...draft.spec, vary } };
}

/**
 * Adds an axis that does not vary yet: its first value is what all runs have now. `model` is the axis that most questions
 * are about, a net that grows beside one of the final size, as a shipped sweep has it.
 */
export function addAxis(draft, axis, model = {}) {
  if (axis === "model") return { ...draft, spec: { ...draft.spec, vary: { model: structuredClone(model), ...draft.spec.vary } } };
  const { path, usual } = AXES[axis];
  return addValue(draft, axis, named(get(draft.spec.base, path.split(".")) ?? usual)) ?? draft;
}

/** Removes an axis; what all runs have in common decides again. */
export function removeAxis(draft, axis) {
  const { [axis]: _, ...vary } = draft.spec.vary;
  const { [axis]: __, ...off } = draft.off;
  return { spec: { ...draft.spec, vary, primary: primaryFor(draft.spec.primary, vary) }, off };
}

/** Sets anything in the sweep by its path. */
export const set = (draft, path, value) => ({ ...draft, spec: put(draft.spec, path, value) });

/** Seeds as people write them: `0-9`, or a list. */
export function seedsText(seeds) {
  if (!Array.isArray(seeds)) return String(seeds);
  const run = seeds.length > 2 && seeds.every((seed, i) => seed === seeds[0] + i);
  return run ? `${seeds[0]}-${seeds.at(-1)}` : seeds.join(", ");
}
