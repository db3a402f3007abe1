// The kinds of nets and what they can do, as the server declares them (`nets` of `/api/schema`); a new one appears by itself.

import { readSchema } from "./api.mjs";

let known = new Map();

/** Take in what is declared: a list of {wiring, title, words, layered, single, drawn, ungrown, rules, activations, folds, …}. */
export function learnNets(nets) { known = new Map(nets.map((each) => [each.wiring, each])); }

/** Ask the server; where it does not answer, every net is taken for the usual one. */
export const fetchNets = () => readSchema().then(({ nets }) => learnNets(nets), () => {});

/** One kind; until the server has spoken a chain of layers that every rule may grow. */
export const netOf = (wiring) => known.get(wiring) ?? { wiring, title: wiring, words: "a net", layered: true, single: false, drawn: "layers", ungrown: [1], rules: null, folds: null, activations: {} };

/** Whether a kind of net can be grown by a rule. */
export const grownBy = (wiring, rule) => netOf(wiring).rules?.includes(rule) ?? true;

/** Whether the folds of a net, as a spec tells it, can be computed. */
export const hasFolds = ({ wiring, activation }) => netOf(wiring).folds?.includes(activation) ?? true;

/** Why a frame shows no folds, in a few words; empty where it does. */
export const whyNoFolds = ({ why_no_folds: why }) => why.split(/[,;]/)[0];

/** What can be chosen for points that are numbers: {wiring: title}. */
export const wirings = () => Object.fromEntries([...known.values()].filter(({ reads }) => reads !== "characters").map(({ wiring, title }) => [wiring, title]));
