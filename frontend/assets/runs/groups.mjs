/** Runs by everything but their seed: what a group says, and where it stands among its runs. Pure. */

import { accuracy, short, whole } from "./words.mjs";

/** What is averaged over a group: its name, what it is, how it is written. */
export const MEASURES = [
  { key: "test_accuracy", label: "acc", title: "Test accuracy", write: accuracy },
  { key: "lambda_max", label: "λ", title: "Largest eigenvalue of the Hessian of the training loss", write: short },
  { key: "flatness", label: "scale-free", title: "The same with each weight in its own units, which rescaling the layers leaves alone", write: short },
];
const NAMED_BY = {
  data: (value) => plain(value),
  net: (value) => value,
  growth: (value) => (value === "by hand" ? "" : plain(value)),
  batch: (value) => `b${value}`,
  optimizer: (value) => value,
  lr: (value) => `lr ${value}`,
  activation: (value) => plain(value),
  epochs: (value) => `${whole(value)} epochs`,
};
const ALWAYS = ["data", "batch"];
const PREFIX = "group:";
const plain = (value) => String(value ?? "").replaceAll("_", " ");

export const isGroup = (row) => Boolean(row?.members);

/**
 * Groups runs that differ in nothing but the seed.
 * @param {object[]} runs Runs with `group` (digest of all their settings but the seed) and `method` (grown, fixed).
 * @returns {object[]} Rows `{id, key, method, name, members, seeds, states, means}` in the order of their first runs.
 */
export function groupsOf(runs) {
  const found = new Map();
  for (const run of runs) {
    const key = run.group ?? run.id;
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(run);
  }
  const names = namesOf([...found.values()].map(sharedOf), [...found.keys()]);
  return [...found].map(([key, members], at) => ({
    id: PREFIX + key,
    key,
    method: members[0].method,
    name: names[at],
    members: members.map(({ id }) => id),
    seeds: members.map(({ seed }) => seed),
    states: countsOf(members),
    means: Object.fromEntries(MEASURES.map((measure) => [measure.key, meanOf(members, measure.key)])),
  }));
}

/** Gives mean, sample standard deviation and count over the runs that are done and have the number. */
export function meanOf(runs, key) {
  const values = runs.filter((run) => run.state === "done" && Number.isFinite(run[key])).map((run) => run[key]);
  const n = values.length;
  const mean = n > 0 ? values.reduce((sum, value) => sum + value, 0) / n : null;
  const sd = n > 1 ? Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1)) : null;
  return { mean, sd, n };
}

/** Writes a mean with its deviation; its count is written beside it. */
export const meanWords = ({ mean, sd }, write) => (mean === null ? "–" : sd === null ? write(mean) : `${write(mean)} ±${write(sd)}`);

/** Writes how many of a group's runs are done, and what the others are at. */
export function stateWords(states, count) {
  const others = Object.entries(states).filter(([state]) => state !== "done").map(([state, n]) => `${n} ${state}`);
  return [`done ${states.done ?? 0}/${count}`, ...others].join(" · ");
}

/** Gives whether all, some or none of a group's runs are chosen. */
export function choiceOf(group, chosen) {
  const count = group.members.filter((id) => chosen.has(id)).length;
  return count === 0 ? "none" : count === group.members.length ? "all" : "some";
}

/**
 * Puts each group before its runs and leaves out the runs of those that are folded.
 * @param {object[]} rows Runs and groups in any order; groups come in the order of their first runs.
 * @param {Set<string>} unfolded Keys of the groups that show their runs.
 */
export function arrangeGroups(rows, unfolded) {
  const groups = new Map(rows.filter(isGroup).map((group) => [group.key, group]));
  const members = new Map();
  for (const run of rows) {
    if (isGroup(run)) continue;
    const key = run.group ?? run.id;
    if (!members.has(key)) members.set(key, []);
    members.get(key).push(run);
  }
  return [...members].flatMap(([key, runs]) => {
    const group = groups.get(key);
    return group ? [group, ...(unfolded.has(key) ? runs : [])] : runs;
  });
}

/** What all of a group's runs say: nets that grew to different sizes are named by their method only. */
const sharedOf = (runs) => Object.fromEntries(Object.keys(NAMED_BY).map((field) => [field, runs.every((run) => run[field] === runs[0][field]) ? runs[0][field] : null]));

/** Names groups by data, batch and whatever else tells them apart; equal names get a few letters of the digest. */
function namesOf(shared, keys) {
  const telling = Object.keys(NAMED_BY).filter((field) => ALWAYS.includes(field) || new Set(shared.map((facts) => facts[field])).size > 1);
  const names = shared.map((facts) => telling.filter((field) => facts[field] !== null && facts[field] !== undefined).map((field) => NAMED_BY[field](facts[field])).filter(Boolean).join(" · "));
  return names.map((name, at) => (names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} · ${keys[at].slice(0, 4)}`));
}

function countsOf(runs) {
  const counts = {};
  for (const { state } of runs) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
