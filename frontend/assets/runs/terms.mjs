/** The search over runs: terms such as `kind:grown batch>=64 tag:table1`, and words that stand in what people wrote. Pure. */

import { METHODS, STATES } from "../vocabulary.mjs";
import { lastAccuracy } from "./words.mjs";

const NUMBERS = {
  seed: (run) => run.seed,
  batch: (run) => run.batch,
  lr: (run) => run.lr,
  epochs: (run) => run.epochs,
  epoch: (run) => run.epoch,
  step: (run) => run.step,
  acc: lastAccuracy,
  best: (run) => run.best_accuracy,
  loss: (run) => run.train_loss,
  lambda: (run) => run.lambda_max,
  flatness: (run) => run.flatness,
  neurons: (run) => run.neurons,
  parameters: (run) => run.parameters,
};
const WORDS = {
  kind: (run) => [run.method],
  state: (run) => [run.state],
  tag: (run) => run.tags ?? [],
  name: (run) => [run.name],
  data: (run) => [run.data],
  net: (run) => [run.net],
  growth: (run) => [run.growth],
  optimizer: (run) => [run.optimizer],
  activation: (run) => [run.activation],
  worker: (run) => [run.worker],
  origin: (run) => [run.origin],
  note: (run) => [run.notes],
};
const ALLOWED = { kind: Object.keys(METHODS), state: Object.keys(STATES) };
const EXACT = new Set(["kind", "state", "tag"]);
const COMPARE = {
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
  "=": (value, bound) => value === bound,
  ":": (value, bound) => value === bound,
};

/**
 * Reads what stands in the search field.
 * @returns {{tests: ((run: object) => boolean)[], wrong: string[]}} What a run has to pass, and a sentence for each term that
 *   cannot be read; such a term hides nothing.
 */
export function readTerms(text) {
  const found = (text ?? "").match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];
  const read = found.map(readTerm);
  return { tests: read.map(({ test }) => test).filter(Boolean), wrong: read.map(({ wrong }) => wrong).filter(Boolean) };
}

/** Whether a run passes all terms. */
export const passes = (run, { tests }) => tests.every((test) => test(run));

function readTerm(term) {
  const parts = /^([a-z_]+)(<=|>=|<|>|=|:)(.*)$/i.exec(term);
  if (!parts) return { test: written(plain(term)) };
  const [, name, sign, rest] = parts;
  const [field, wanted] = [name.toLowerCase(), plain(rest)];
  if (field in NUMBERS) return numberTerm(term, field, sign, wanted);
  if (field in WORDS) return wordTerm(term, field, sign, wanted);
  return { wrong: `Unknown filter “${name}”; words: ${Object.keys(WORDS).join(", ")}; numbers: ${Object.keys(NUMBERS).join(", ")}.` };
}

function numberTerm(term, field, sign, wanted) {
  const bound = Number(wanted);
  if (wanted === "" || !Number.isFinite(bound)) return { wrong: `“${term}”: after ${field}${sign} comes a number, as in ${field}${sign}3.` };
  return { test: (run) => Number.isFinite(NUMBERS[field](run)) && COMPARE[sign](NUMBERS[field](run), bound) };
}

function wordTerm(term, field, sign, wanted) {
  if (sign !== ":" && sign !== "=") return { wrong: `“${term}”: ${field} is a word and takes a colon, as in ${field}:${wanted || "…"}.` };
  const allowed = ALLOWED[field];
  if (wanted === "" || (allowed && !allowed.includes(wanted))) return { wrong: `“${term}”: after ${field}: comes ${allowed ? allowed.join(", ") : "a word"}.` };
  const fits = EXACT.has(field) ? (value) => value === wanted : (value) => value.includes(wanted);
  return { test: (run) => WORDS[field](run).some((value) => fits(plain(value))) };
}

const written = (wanted) => (run) => [run.name, run.notes, ...(run.tags ?? [])].some((text) => plain(text).includes(wanted));

/** Case, quotes and underscores make no difference. */
const plain = (text) => String(text ?? "").replaceAll('"', "").replaceAll("_", " ").toLowerCase();
