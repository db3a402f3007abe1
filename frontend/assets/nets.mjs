// The kinds of nets and what they can do, as the server declares them (`nets` of `/api/schema`); a new one appears by itself.

import { readSchema } from "./api.mjs";

let known = new Map();

/** Take in what is declared: a list of {wiring, title, words, layered, single, drawn, samples, ungrown, rules, activations, folds, …}. */
export function learnNets(nets) { known = new Map(nets.map((each) => [each.wiring, each])); }

/** Ask the server; where it does not answer, every net is taken for the usual one. */
export const fetchNets = () => readSchema().then(({ nets }) => learnNets(nets), () => {});

/** One kind; until the server has spoken a chain of layers that every rule may grow. */
export const netOf = (wiring) => known.get(wiring) ?? { wiring, title: wiring, words: "a net", plural: "such nets", layered: true, single: false, drawn: "layers", ungrown: [1], rules: null, folds: null, activations: {} };

/** Whether a kind of net can be grown by a rule. */
export const grownBy = (wiring, rule) => netOf(wiring).rules?.includes(rule) ?? true;

/** Whether no rule grows nets of a run's kind. */
export const canNeverGrow = ({ wiring }) => netOf(wiring).rules?.length === 0;

const FIRST = ["folding", "gradmax"]; // Of the rules that grow a net, a page starts with the first of these.

/** The rule that a page starts with for a kind of net; null where nothing grows it. */
export function usualRule(wiring) {
  const { rules } = netOf(wiring);
  return FIRST.find((kind) => grownBy(wiring, kind)) ?? rules?.[0] ?? null;
}

/** The rule by which a button of a page grows a run: the best fold where it can be laid, else the run's own, or the first there is. */
export function ruleOnPage({ net, growth }) {
  if (grownBy(net.wiring, "folding")) return { kind: "folding" };
  if (grownBy(net.wiring, growth.rule.kind)) return growth.rule;
  const kind = usualRule(net.wiring);
  if (!kind) return null;
  return hasBlocks(net) && kind === "gradmax" ? { kind, layer: "auto" } : { kind };
}

/** Whether the folds of a net, as a spec tells it, can be computed. */
export const hasFolds = ({ wiring, activation }) => netOf(wiring).folds?.includes(activation) ?? true;

/** Why a frame shows no folds, in a few words; empty where it does. */
export const whyNoFolds = ({ why_no_folds: why }) => why.split(/[,;]/)[0];

/** Whether a kind of net is made of blocks: what it computes does not follow from a frame's weights. */
export const hasBlocks = ({ wiring }) => netOf(wiring).drawn === "blocks";

/** What can be chosen for points of a plane: {wiring: title}. */
export const wirings = () => Object.fromEntries([...known.values()].filter(({ samples }) => samples.includes("points")).map(({ wiring, title }) => [wiring, title]));
