// What the page shows, as its address and as what is asked of the server. Pure.

import { isDeclared } from "../measures/declared.mjs";
import { CLOCKS } from "../vocabulary.mjs";

export const START = Object.freeze({
  runs: [], tag: "", sweep: "", by: "loss", target: null, measure: "lambda_element", against: "", contrast: "", pair: "", seed: null,
  hide: [], at: null, ghost: true, lock: true, log: null, x: "accuracy", colour: "group",
});
export const SCATTER_AXES = { accuracy: "accuracy", ratio: "η/S" };
export const COLOURED_BY = { group: "group", ratio: "η/S" };
const ID = /^[\w-]{1,64}$/;

const measureOf = (said) => (/^\w{1,64}$/.test(said ?? "") && isDeclared(said) ? said : START.measure);
const list = (text) => (text ?? "").split(",").filter((id) => ID.test(id));
const number = (text) => (text !== null && text !== "" && Number.isFinite(Number(text)) && Number(text) >= 0 ? Number(text) : null);

/** Read an address; what it does not say, or says wrongly, is as at first. */
export function readAddress(search) {
  const said = new URLSearchParams(search);
  const one = (name, allowed) => (allowed.includes(said.get(name)) ? said.get(name) : START[name]);
  const seed = number(said.get("seed"));
  return {
    ...START,
    runs: [...new Set(list(said.get("runs")))],
    tag: said.get("tag") ?? "",
    sweep: list(said.get("sweep"))[0] ?? "",
    by: one("by", Object.keys(CLOCKS)),
    target: number(said.get("target")),
    measure: measureOf(said.get("measure")),
    against: said.get("against") ?? "",
    contrast: said.get("contrast") ?? "",
    pair: said.get("pair") ?? "",
    seed: Number.isInteger(seed) ? seed : null,
    hide: list(said.get("hide")),
    at: number(said.get("at")),
    ghost: said.get("ghost") !== "0",
    lock: said.get("lock") !== "0",
    log: said.has("log") ? said.get("log") !== "0" : null,
    x: one("x", Object.keys(SCATTER_AXES)),
    colour: one("colour", Object.keys(COLOURED_BY)),
  };
}

/** The address of a view; what is as at first is left out. */
export function writeAddress(state) {
  const said = new URLSearchParams({ v: "1" });
  for (const [name, first] of Object.entries(START)) {
    const value = state[name];
    if (JSON.stringify(value) === JSON.stringify(first)) continue;
    said.set(name, value === true ? "1" : value === false ? "0" : String(value));
  }
  return `?${said.toString().replaceAll("%2C", ",")}`;
}

/** The view with a measure that there is, once the server has said which there are. */
export const withMeasure = (state) => (measureOf(state.measure) === state.measure ? state : { ...state, measure: START.measure });

export const asksNothing = ({ runs, tag, sweep }) => runs.length === 0 && !tag && !sweep;

/** The body of the request. */
export const requestOf = ({ runs, tag, sweep, by, target, measure, against, contrast }) => ({ runs, tag, sweep, by, target, measure, against, contrast });

/** What an export of the view is asked by: of a sweep alone with its manifest, else as the comparison itself. */
export function exportOf(state) {
  const { runs, tag, sweep, by, target, measure, against } = state;
  if (sweep && !runs.length && !tag) return { path: `/api/sweeps/${encodeURIComponent(sweep)}/export`, query: { by, target, measure, against } };
  return { path: "/api/comparisons/export", body: { ...requestOf(state), measure } };
}

/** Whether two views need two answers. */
export const needsAnswer = (before, after) => JSON.stringify(requestOf(before)) !== JSON.stringify(requestOf(after));
