// What the page shows, as its address and as the spec of a landscape. Pure.

export const VIEWS = ["slice", "plane", "planes", "path", "straight", "connection", "spectrum"];
export const SIDES = [51, 101, 201, 401];
export const START = Object.freeze({
  run: "", at: null, view: "plane", x: "v1", y: "v2", scale: "neuron", range: 0.3, side: 51, on: "both", points: null,
  shown: "train", ghost: "", lock: true, log: true, hills: true, to: "", order: true, third: "", k: 3, along: "v", effort: 1, depth: null,
});
const SCALES = { neuron: "neuron-relative", unit: "unit", own: "own" };
const ALONG = ["v", "p", "r"]; // The sharpest directions, those of the path, random ones.
const MOST_DIRECTIONS = 5;
const MOST_SIDE_OF_PLANES = 401;
const STAGES = [15, 51, 201]; // Sides of the coarser looks before the last.
const WIDEST = 1e15;
const MOST_SIDE = 1000;
const RANDOM = /^r(\d{1,10})$/;
const SHARP = /^v([1-9]\d?)$/;
const TOWARDS = /^to:([\w-]+)(?:@(\d{1,15}))?$/;

const isDirection = (word) => word === "grad" || word === "rad" || /^p[1-5]$/.test(word) || RANDOM.test(word) || TOWARDS.test(word) || (SHARP.test(word) && Number(word.slice(1)) <= 20);
const whole = (text, low, high) => (/^\d+$/.test(text ?? "") && Number(text) >= low && Number(text) <= high ? Number(text) : null);

/** The net that a direction's word leads to: `{run, step}`, of which a step of null is the newest; null of other words. */
export function towardsOf(word) {
  const [, run, step] = TOWARDS.exec(word) ?? [];
  return run ? { run, step: step === undefined ? null : Number(step) } : null;
}

/** The word of the way to a net. */
export const towardsWord = (run, step = null) => `to:${run}${step === null ? "" : `@${step}`}`;

/** The address of the plane through three nets `{run, step}`, of which the first stands at (0, 0), the others at (1, 0) and (0, 1). */
export function planeAddress([middle, right, up]) {
  const state = { ...START, run: middle.run, at: middle.step, view: "plane", x: towardsWord(right.run, right.step), y: towardsWord(up.run, up.step), scale: "own", range: 1.5, order: false };
  return `/landscape${writeAddress(state)}`;
}

/** Read an address; what it does not say, or says wrongly, is as at first. */
export function readAddress(search) {
  const said = new URLSearchParams(search);
  const one = (name, allowed) => (allowed.includes(said.get(name)) ? said.get(name) : START[name]);
  const direction = (name) => (isDirection(said.get(name) ?? "") ? said.get(name) : START[name]);
  const range = Number(said.get("range"));
  return {
    ...START,
    run: said.get("run") ?? "",
    at: whole(said.get("at"), 0, 1e15),
    view: one("view", VIEWS),
    x: direction("x"),
    y: direction("y"),
    scale: one("scale", Object.keys(SCALES)),
    range: range > 0 && range <= WIDEST ? range : START.range,
    side: whole(said.get("side"), 3, MOST_SIDE) ?? START.side,
    on: one("on", ["both", "train", "test"]),
    points: whole(said.get("points"), 1, 1e9),
    shown: one("shown", ["train", "test"]),
    ghost: said.get("ghost") ?? "",
    lock: said.get("lock") !== "0",
    log: said.get("log") !== "0",
    hills: said.get("hills") !== "0",
    to: said.get("to") ?? "",
    order: said.get("order") !== "0",
    third: said.get("third") ?? "",
    k: whole(said.get("k"), 2, MOST_DIRECTIONS) ?? START.k,
    along: one("along", ALONG),
    effort: whole(said.get("effort"), 1, 64) ?? START.effort,
    depth: Number(said.get("depth")) > 0 && Number(said.get("depth")) <= WIDEST ? Number(said.get("depth")) : null,
  };
}

/** The address of a view; what is as at first is left out. */
export function writeAddress(state) {
  const said = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) {
    if (name !== "view" && (value === START[name] || !(name in START))) continue;
    said.set(name, value === true ? "1" : value === false ? "0" : String(value));
  }
  return `?${said}`;
}

/** A direction's word as the API's spec; `order` puts another run's units into matching order. */
export function directionOf(word, order = true) {
  const [, index] = SHARP.exec(word) ?? [];
  if (index) return { kind: "eigenvector", index: Number(index) };
  const [, seed] = RANDOM.exec(word) ?? [];
  if (seed) return { kind: "random", seed: Number(seed) };
  const { run, step } = towardsOf(word) ?? {};
  if (run) return { kind: "towards", run, ...(step === null ? {} : { step }), aligned: order };
  if (word === "grad") return { kind: "gradient" };
  if (word === "rad") return { kind: "radial" };
  return { kind: "path", index: Number(word.slice(1)) };
}

/** The words of the directions that span several planes. */
export const directionsOf = ({ k, along }) => Array.from({ length: k }, (_, i) => `${along}${along === "r" ? i : i + 1}`);

/** The spec of the landscape of a view; `of` another run for its ghost. Null while something is not chosen. */
export function specOf(state, of = {}) {
  const { view, x, y, range, side, on, points, order, to, third, effort } = { ...state };
  const moment = { run: of.run ?? state.run, step: of.run ? of.at ?? null : state.at };
  if (!moment.run || (view === "connection" && !to)) return null;
  const data = { split: on, points };
  const scale = SCALES[state.scale];
  const reach = [-range, range];
  if (view === "slice") return { view, ...moment, slice: { direction: directionOf(x, order), scale, reach, data } };
  if (view === "path") return { view, ...moment, resolution: side, data };
  if (view === "planes") return { view, ...moment, planes: planesOf(state, data) };
  if (view === "straight") return { view, ...moment, data };
  if (view === "connection") return { view, ...moment, to, ...(third ? { third } : {}), data };
  if (view === "spectrum") return { view, ...moment, effort, data };
  const stages = STAGES.filter((coarser) => coarser < side);
  const [first, second] = [directionOf(x, order), directionOf(y, order)];
  return { view, ...moment, plane: { first, second, scale, x_reach: reach, y_reach: reach, resolution: side, stages, data } };
}

/** Several planes; along the path's own directions they reach as far as it does. */
function planesOf(state, data) {
  const fits = state.along === "p";
  return { directions: directionsOf(state).map((word) => directionOf(word)), scale: fits ? "own" : SCALES[state.scale], reach: fits ? null : [-state.range, state.range], resolution: state.side, data };
}

/** Why a view cannot be asked for, in a sentence; empty when it can. */
export function complaint({ view, x, y, side, run, to, third }) {
  if (!run) return "";
  if (view === "plane" && x === y) return "Both axes have the same direction; choose two different ones.";
  if (["plane", "path"].includes(view) && side > MOST_SIDE) return `${(side * side).toLocaleString("en-GB")} cells are too many; at most 1,000 a side.`;
  if (view === "planes" && side > MOST_SIDE_OF_PLANES) return `${side} cells a side are too many for several planes; at most ${MOST_SIDE_OF_PLANES}.`;
  if (view === "connection" && !to) return "Choose a second run to connect with.";
  if (view === "connection" && third && [run, to].includes(third)) return "A hub needs three different runs; choose another third one.";
  return "";
}

const RUNS = 8; // Random vectors of a spectrum, on each part of the data.

/** How many cells a view has; of a spectrum, random vectors. */
export const cellsOf = ({ view, side, on, k }) => ({ slice: 201, straight: 51, planes: (k * (k - 1) / 2) * side * side, connection: 75, spectrum: on === "both" ? 2 * RUNS : RUNS })[view] ?? side * side;
