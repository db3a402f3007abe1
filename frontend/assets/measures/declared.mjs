// What can be measured, as the server declares it (`measures` of `/api/schema`): words, unit and mean of each column.

import { readSchema } from "../api.mjs";
import { learnLosses } from "./losses.mjs";

let declared = new Map();

/** Take in what is declared: a list of {name, label, unit, better, flatness, aggregation, probe}. */
export function learnMeasures(measures) { declared = new Map(measures.map((each) => [each.name, each])); }

let asked = null;

/** Ask the server, once for a page, also for the words of losses; where it does not answer, all are called by their names. */
export const fetchMeasures = () => (asked ??= readSchema().then(takeIn, () => { asked = null; }));

function takeIn({ measures, losses, RunSpec }) {
  learnMeasures(measures);
  learnLosses(losses, RunSpec?.properties.loss.default);
}

const of = (name) => declared.get(name) ?? { name, label: name.replaceAll("_", " "), unit: "", better: "neither", flatness: false, aggregation: "geometric", probe: "", told: false };

export const names = () => [...declared.keys()];

/** Whether there may be such a column: nothing is denied before the server has spoken. */
export const isDeclared = (name) => declared.size === 0 || declared.has(name);

/** What a column is called within a sentence, and where it begins one. */
export const labelOf = (name) => of(name).label;
export const titleOf = (name) => labelOf(name).replace(/^[a-z]/, (letter) => letter.toUpperCase());

/** Whether ratios of it mean something, so that it is drawn on a log scale. */
export const isRatio = (name) => of(name).aggregation === "geometric";
export const isFlatness = (name) => of(name).flatness;

/** How often a net is right, in one of its forms: it is written with three decimals. */
export const isScore = (name) => of(name).better === "higher";

/** Losses and scores: what training is for, not what it took. */
export const isOutcome = (name) => isScore(name) || (of(name).probe === "" && of(name).unit === "nats");

/** Whether events tell it one by one, so that a run may lack it. */
export const isTold = (name) => of(name).told;

/** The kind of the probe that tells it; empty for what needs none. */
export const probeOf = (name) => of(name).probe;
