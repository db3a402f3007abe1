// The pictures of a landscape: a curve for lines, a map and a surface for planes; one ball, one scale for all of them.

import { el } from "../dom.mjs";
import { joined, nearest, thinned } from "./cells.mjs";
import { contour } from "./contours.mjs";
import { Curve } from "./curve.mjs";
import { ColourKey, brokenSays } from "./key.mjs";
import { Map2D } from "./map.mjs";
import { PlanesMatrix, matrixRows } from "./planes.mjs";
import { Relief } from "./relief.mjs";
import { extents, LOOKS, Spectrum } from "./spectrum.mjs";
import { SpectrumNumbers } from "./spectrum-numbers.mjs";
import { levels, scaleOf } from "./tone.mjs";
import { lifted, tops } from "./hills.mjs";
import { netAt, netOnWay } from "./weights.mjs";
import { PARTS } from "../vocabulary.mjs";
import { directionsOf } from "./view.mjs";
import { ballWords, directionName, lossName, netName, standing } from "./words.mjs";
import { isOver } from "../states.mjs";

const TRAIN = "#0072b2";
const TEST = "#d08a00";
const GHOST = "#cc79a7";
const HILLLESS = "#8d96a1";
const WAYS = [["linear", "straight", "#cc79a7"], ["ordered", "straight, neurons matched", "#0072b2"], ["curve", "trained curve", "#009e73"]];
const STRAIGHT = [["straight", "straight line", "#0072b2"]];
const HUB = [["hub0", "run", "#0072b2"], ["hub1", "to", "#cc79a7"], ["hub2", "third", "#009e73"]];

export class Panels {
  /** `moved()` after the ball has moved. */
  constructor(places, { moved, change }) {
    this.places = places;
    this.moved = moved;
    this.ball = null;
    this.held = new Map(); // Ranges that stay while moments change.
    const pick = (...at) => { this.ball = at; moved(); };
    this.curve = new Curve(places.curve, { pick: (at) => { this.ball = [at]; moved(); } });
    this.map = new Map2D(places.map, { pick });
    this.relief = new Relief(places.relief, { pick });
    this.spectrum = new Spectrum(places.spectrum);
    this.numbers = new SpectrumNumbers(places.numbers, change);
    this.planes = new PlanesMatrix(places.planes, { open: (i, j) => change(this.opened(i, j)) });
    this.key = new ColourKey(places.key, "landscape-broken");
    this.way = "linear";
    this.ways = el("div", { class: "fq-ways", hidden: true });
    this.onward = el("div", { class: "fq-onward", hidden: true, id: "landscape-onward" });
    places.curve.after(this.ways, this.onward);
    this.cosines = new Curve(this.onward, { pick: (at) => { this.moment = at; moved(); }, about: "How downhill lies to the end of the path; arrow keys move along it" });
  }

  /** Put the ball back to the net in the middle. */
  centre() { this.ball = null; }

  refresh() { this.map.painted = ""; }

  /** Draw; gives what stands beside: {net, words, cell, middle}. */
  draw({ state, known, basins = null, summary, ghost, names, refused = false }) {
    const line = ["slice", "connection", "straight"].includes(state.view);
    const spectrum = state.view === "spectrum";
    const planes = state.view === "planes";
    const plane = !line && !spectrum && !planes;
    const shown = { curve: line, planes, map: plane, relief: plane, spectrum, numbers: spectrum, beside: !spectrum && !planes };
    for (const [name, is] of Object.entries(shown)) this.places[name].closest(".panel").hidden = !is;
    this.places.key.hidden = !shown.map;
    this.ways.hidden = state.view !== "connection";
    this.onward.hidden = state.view !== "straight" || !known.onward;
    for (const name of ["curve", "map", "relief", "planes", "spectrum"]) this.places[name].dataset.waiting = known.ground ? "" : refused ? NOTHING : waitingFor(state, summary);
    if (spectrum) { this.#spectrum(state, known, ghost, names); return null; }
    if (!known.ground) return null;
    if (planes) { this.#planes(state, known, summary, names); return null; }
    if (state.view === "straight") this.#onward(known.onward);
    if (state.view === "connection" || state.view === "straight") return this.#connection(state, known, basins, names);
    if (!known.cells || (state.view === "slice") !== ("t" in known.ground.arrays)) return null;
    return line ? this.#slice(state, known, basins, ghost, names) : this.#plane(state, known, basins, summary, ghost, names);
  }

  /** The range of the picture: that of both nets when locked, which then stays when the moment changes. */
  #range(state, own, other, what = "loss") {
    if (!state.lock) return own;
    const key = [state.run, state.view, state.x, state.y, state.scale, state.range, state.shown, state.ghost, what].join();
    const range = joined(own, other, this.held.get(key));
    if (this.held.size > 50) this.held.clear();
    if (range) this.held.set(key, range);
    return range;
  }

  #slice(state, { ground, cells: plain }, basins, ghost, names) {
    const t = ground.arrays.t;
    const withHills = state.hills && ground.hills;
    const cells = withHills ? lifted(plain, ground.hills, t) : plain;
    const sets = ["train", "test"].filter((name) => cells.limits(`${name}_loss`));
    const ghosts = ghost?.cells ? sets.filter((name) => ghost.cells.limits(`${name}_loss`)) : [];
    const own = joined(...sets.map((name) => cells.limits(`${name}_loss`)));
    const other = joined(...ghosts.map((name) => ghost.cells.limits(`${name}_loss`)));
    const scale = scaleOf(this.#range(state, own, other), state.log);
    const ball = this.ball?.length === 1 ? this.ball[0] : nearest(t, 0);
    const { loss, slope, curvature } = ground.fit;
    const fits = Number.isFinite(slope) ? [{ values: t.map((x) => loss + slope * x + 0.5 * curvature * x * x), colour: "#8d96a1", width: 2, dash: [2, 5], name: "curvature fit", free: true }] : [];
    const look = { train: { colour: TRAIN, width: 2.6 }, test: { colour: TEST, width: 2.2, dash: [8, 5] } };
    const lines = [
      ...ghosts.map((name) => ({ ...look[name], values: ghost.cells.of(`${name}_loss`), colour: GHOST, name: name === ghosts[0] ? names[state.ghost] ?? "ghost" : "" })),
      ...fits, ...(withHills ? sets.map((name) => ({ values: filledLine(plain, `${name}_loss`), colour: HILLLESS, width: 1.4, dash: [3, 4], name: name === sets[0] ? "without the hills" : "" })) : []), ...sets.map((name) => ({ ...look[name], values: filledLine(cells, `${name}_loss`), known: cells.known, name: PARTS[name] })),
    ];
    const main = lines.at(sets.length > 1 ? -2 : -1);
    const marks = ground.hills ? tops(ground.hills) : [];
    this.curve.draw({ t, lines, yName: withHills ? `${lossName(ground)} with the hills` : lossName(ground), main, ball, scale, marks, basins: withHills ? null : basins, xName: `${directionName(state.x, names)} · ${ground.x.unit}` });
    const cell = cells.at(ball);
    const words = ballWords({ view: state.view, at: [t[ball]], cell, unit: ground.x.unit });
    return { net: netAt(ground, t[ball]), words, cell, middle: cells.at(nearest(t, 0)) };
  }

  #plane(state, known, basins, summary, ghost, names) {
    const { ground } = known;
    const { axis_x: x, axis_y: y, path } = ground.arrays;
    const withHills = state.hills && ground.hills;
    const cells = withHills ? lifted(known.cells, ground.hills, x, y) : known.cells;
    const name = `${state.shown}_loss`;
    const hasGhost = Boolean(ghost?.cells?.limits(name));
    const scale = scaleOf(this.#range(state, cells.limits(name), hasGhost ? ghost.cells.limits(name) : null), state.log);
    const middle = [nearest(x, 0), nearest(y, 0)];
    const ball = this.ball?.length === 2 && this.ball[0] < x.length && this.ball[1] < y.length ? this.ball : middle;
    const axisName = (word, one) => `${directionName(word, names)} · ${one.unit}`;
    const scene = {
      cells, name, scale, x, y, ball, basins: withHills ? null : basins, path, births: ground.movement?.births, pathLoss: withHills ? null : ground.arrays[`path_${name}`],
      marks: [...(ground.hills ? tops(ground.hills).map((top) => ({ ...top, hill: true })) : []), ...(ground.marks ?? []).map((mark) => ({ ...mark, name: markName(mark, ground.marks, state.run, names) }))],
      ghost: hasGhost && scale ? ghostLines(ghost.cells, name, scale, cells) : null,
      xName: state.view === "path" ? "path, component 1 · parameter units" : axisName(state.x, ground.x),
      yName: state.view === "path" ? "path, component 2" : axisName(state.y, ground.y),
      done: isOver(summary) && summary.state === "done",
    };
    this.map.draw(scene);
    this.relief.draw(scene);
    this.key.draw(scale, cells.limits(name), [brokenSays(cells.broken(name)), hasGhost ? `dashed: ${names[state.ghost] ?? state.ghost}` : ""]);
    const at = (place) => cells.at(place[1] * x.length + place[0]);
    const spot = [x[ball[0]], y[ball[1]]];
    return { net: netAt(ground, ...spot), words: ballWords({ view: state.view, at: spot, cell: at(ball) }), cell: at(ball), middle: at(middle) };
  }

  #planes(state, { ground, cells }, summary, names) {
    if (!ground.planes) return;
    const name = `${cells.limits(`${state.shown}_loss`) ? state.shown : state.on === "test" ? "test" : "train"}_loss`;
    const words = directionsOf(state);
    const axes = matrixRows(ground.arrays.axes, ground.planes.resolution);
    if (words.length !== axes.length) return;
    const reach = Math.max(...axes.map((axis) => Math.max(-axis[0], axis.at(-1))));
    this.opened = (i, j) => ({ view: "plane", x: words[i], y: words[j], ...(state.along === "p" ? { scale: "own", range: Number(reach.toPrecision(3)) } : {}) });
    const scale = scaleOf(this.#range({ ...state, x: state.along, y: state.k }, cells.limits(name), null), state.log);
    this.planes.draw({ cells, pairs: ground.pairs, names: words.map((word) => directionName(word, names)), axes, path: matrixRows(ground.arrays.path, axes.length), name, scale, done: isOver(summary) && summary.state === "done" });
  }

  #spectrum(state, { spectra }, ghost, names) {
    const shown = spectra?.[state.shown] ? state.shown : Object.keys(spectra ?? {})[0];
    const row = spectra?.[shown];
    const other = ghost?.spectra?.[shown] ?? null;
    const ghostName = names[state.ghost] ?? "ghost";
    const splits = Object.keys(spectra ?? {}).sort((a, b) => (a === shown) - (b === shown));
    const lines = splits.map((name) => ({ row: spectra[name], look: LOOKS[name], name: PARTS[name] }));
    const [own, its] = [extents(splits.map((name) => spectra[name])), extents([other])];
    const ranges = { x: this.#range(state, own.x, its.x, "eigenvalue"), y: this.#range(state, own.y, its.y, "density") };
    this.places.spectrum.dataset.waiting = row ? "" : this.places.spectrum.dataset.waiting || "Measuring…";
    this.spectrum.draw({ lines, ghost: other && { row: other, look: LOOKS.ghost, name: ghostName }, ranges, log: state.log });
    this.numbers.draw(row, other, { state, ghostName });
  }

  /** Which ways there are: three between two nets, or one from each of three nets to a hub. */
  #buttons(kinds) {
    if (this.kinds === JSON.stringify(kinds)) return;
    this.kinds = JSON.stringify(kinds);
    const button = ([name, words]) => el("button", { type: "button", class: "chip", onclick: () => { this.way = name; this.moved(); } }, words);
    this.ways.replaceChildren(...kinds.map(button));
  }

  #connection(state, { ground, ways }, basins, names) {
    const isStraight = state.view === "straight";
    const kinds = isStraight ? STRAIGHT : state.third ? HUB.map(([name, who, colour]) => [name, names[state[who]] ?? who, colour]) : WAYS;
    this.#buttons(kinds);
    const found = kinds.filter(([name]) => ways?.[name]);
    if (!found.length) return null;
    if (!ways[this.way]) [[this.way]] = found;
    const any = ways[this.way].arrays;
    const name = `${any[`${state.shown}_loss`] ? state.shown : any.train_loss ? "train" : "test"}_loss`;
    const lines = found.map(([key, words, colour]) => ({ values: ways[key].arrays[name], colour, name: words, width: key === this.way ? 3.4 : 2, dash: key === "ordered" ? [8, 5] : [] }));
    const range = joined(...lines.map(({ values }) => finiteRange(values)));
    const { t } = any;
    const ball = this.ball?.length === 1 && this.ball[0] < t.length ? this.ball[0] : (t.length - 1) >> 1;
    const main = lines[found.findIndex(([key]) => key === this.way)];
    this.curve.draw({ t, lines, yName: lossName(ground), main, ball, basins, scale: scaleOf(range, state.log), xName: isStraight ? "the way from the first net (0) to this one (1)" : state.third ? "the way from each net (0) to the hub (1)" : "the way from this net (0) to the other (1)" });
    [...this.ways.children].forEach((button, i) => button.setAttribute("aria-pressed", String(kinds[i][0] === this.way)));
    const { arrays } = ways[this.way];
    const at = (place) => Object.fromEntries(["train_loss", "train_accuracy", "test_loss", "test_accuracy"].map((each) => [each, arrays[each]?.[place] ?? NaN]));
    return { net: netOnWay(ground, this.way, t[ball], arrays), words: ballWords({ view: state.view, at: [t[ball]], cell: at(ball) }), cell: at(ball), middle: at(0) };
  }

  /** The cosine between downhill and the way to the end, along the path. */
  #onward(row) {
    if (!row) return;
    const t = row.arrays.steps;
    const lines = [{ values: t.map(() => 0), colour: "#8d96a1", width: 1.4, dash: [2, 5], name: "" }, { values: row.arrays.cosine, colour: "#009e73", width: 2.4, name: "downhill, to the end" }];
    const ball = Math.min(this.moment ?? t.length - 1, t.length - 1);
    this.cosines.draw({ t, lines, main: lines[1], ball, basins: null, scale: scaleOf([-1, 1], false), yName: "cosine", xName: "updates" });
  }

  close() { for (const each of [this.curve, this.cosines, this.map, this.relief, this.planes, this.spectrum]) each.close(); }
}

const NOTHING = "Nothing to show.";

/** What stands where there is no picture yet. */
function waitingFor({ view, run, to }, summary) {
  if (view === "connection" && !(run && to)) return "A connection needs two runs with the same layers.";
  if (view === "planes" && !run) return "Several planes need a run: train a net on Play.";
  if (view === "spectrum" && !run) return "A spectrum needs a run: train a net on Play.";
  return summary?.state === "failed" ? NOTHING : standing(summary, 0) || "Asking for the net…";
}

function finiteRange(values) {
  const found = Array.from(values).filter(Number.isFinite);
  return found.length ? [Math.min(...found), Math.max(...found)] : null;
}

/** Values of a line as far as they are known; between known ones it is not broken. */
function filledLine(cells, name) {
  const values = cells.of(name);
  if (cells.count === cells.total) return values;
  return cells.filled(name).values;
}

/** What another net in the plane is called: its run, and its update where nets of one run have to be told apart. */
function markName({ run, step }, marks, middle, names) {
  const isOneOfMany = run === middle || marks.filter((other) => other.run === run).length > 1;
  return netName(names, run, isOneOfMany ? step : null);
}

/** Lines of equal loss of another net, on the cells of this one. */
function ghostLines(ghost, name, scale, { columns, rows }) {
  const grid = thinned(ghost.filled(name), ghost.columns, ghost.rows);
  const [sx, sy] = [(grid.stride * (columns - 1)) / (ghost.columns - 1), (grid.stride * (rows - 1)) / (ghost.rows - 1)];
  return levels(scale, 5).map((level) => contour(grid, grid.columns, grid.rows, level).map((value, i) => value * (i % 2 ? sy : sx)));
}
