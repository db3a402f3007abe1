// What is looked at and how: run, moment, view, directions, scale, points. Says each change as a patch of the view.

import { Calendar } from "../calendar.mjs";
import { say } from "../dom.mjs";
import { element } from "../element.mjs";
import { epochs } from "../words.mjs";
import { SIDES, towardsOf, towardsWord, VIEWS } from "./view.mjs";
import { ALONG_NAMES, directionName, SCALE_NAMES, VIEW_NAMES } from "./words.mjs";
import { PARTS } from "../vocabulary.mjs";

const SHARPEST = [1, 2, 3, 4, 5].map((index) => [`v${index}`, directionName(`v${index}`)]);
const DIRECTIONS = [...SHARPEST, ["r", "random"], ["grad", "uphill (gradient)"], ["rad", "all weights together"], ["p1", "path, component 1"], ["p2", "path, component 2"], ["to", "towards another run"]];
const SHOWN_IN = { x: ["slice", "plane"], y: ["plane"], k: ["planes"], along: ["planes"], scale: ["slice", "plane", "planes"], range: ["slice", "plane", "planes"], side: ["plane", "planes", "path"], to: ["connection"], third: ["connection"], ghost: ["slice", "plane", "path", "spectrum"], lock: ["slice", "plane", "planes", "path", "spectrum"] };

const FIXED_IN_SAMPLE = ["x", "y", "k", "along", "scale", "range", "side", "to", "third", "on", "ghost"];

/** A list to choose from; `options` [[value, words], …]. */
function choice(label, options, pick, properties = {}) {
  const list = element("select.select", { "aria-label": label, onchange: () => pick(list.value), ...properties });
  const fill = (wanted) => {
    const text = JSON.stringify(wanted);
    if (list.dataset.options === text) return;
    list.dataset.options = text;
    list.replaceChildren(...wanted.map(([value, words]) => element("option", { value }, words)));
  };
  fill(options);
  return { node: list, fill, set: (value) => { list.value = value; } };
}

const field = (words, ...nodes) => element("label.fq-control", {}, element("span", {}, words), ...nodes);
const check = (words, change, id) => {
  const box = element("input", { type: "checkbox", id, onchange: () => change(box.checked) });
  return { node: element("label.fq-check", {}, box, words), set: (value) => { box.checked = value; } };
};

/** One axis: a direction, and the seed or the run that some need. */
class Axis {
  constructor(name, label, change) {
    this.change = (word) => change({ [name]: word });
    this.kind = choice(label, DIRECTIONS, (kind) => this.#turned(kind), { id: `landscape-${name}` });
    this.seed = element("input.number", { type: "number", min: 0, max: 2_147_483_647, value: 0, "aria-label": `Seed of ${label}`, onchange: () => this.change(`r${Math.max(0, Math.floor(Number(this.seed.value) || 0))}`) });
    this.run = choice(`Run for ${label}`, [], () => this.change(this.#way()));
    this.step = element("input.number", { type: "number", min: 0, step: 1, placeholder: "newest", title: "Update of the net; empty is the newest", "aria-label": `Update of the net for ${label}`, onchange: () => this.change(this.#way()) });
    this.node = element("span.fq-axis", {}, this.kind.node, this.seed, this.run.node, this.step);
  }

  #turned(kind) {
    if (kind === "r") this.change(`r${this.seed.value}`);
    else if (kind === "to") this.change(this.#way());
    else this.change(kind);
  }

  /** The word of the way to the net that is chosen. */
  #way() {
    const step = this.step.value.trim();
    return towardsWord(this.run.node.value, /^\d{1,15}$/.test(step) ? Number(step) : null);
  }

  show(word, others) {
    const kind = word.startsWith("to:") ? "to" : /^r\d/.test(word) ? "r" : word;
    this.kind.fill(DIRECTIONS.some(([value]) => value === kind) ? DIRECTIONS : [[kind, directionName(kind)], ...DIRECTIONS]);
    this.kind.set(kind);
    this.run.fill(others);
    this.seed.hidden = kind !== "r";
    this.run.node.hidden = this.step.hidden = kind !== "to";
    if (kind === "r") this.seed.value = word.slice(1);
    if (kind !== "to") return;
    const { run, step } = towardsOf(word);
    this.run.set(run);
    this.step.value = step ?? "";
  }
}

export class Controls {
  /** `change(patch)` changes the view. */
  constructor(place, change) {
    const pick = (name, convert = (value) => value) => (value) => change({ [name]: convert(value) });
    this.run = choice("Run", [], (run) => change({ run, at: null }), { id: "landscape-run" });
    this.moment = element("input", { type: "range", min: 0, max: 0, value: 0, id: "landscape-at", "aria-label": "Moment", oninput: () => this.#saysMoment(), onchange: () => change({ at: this.#moment() }) });
    this.epoch = element("output.fq-epoch", { for: "landscape-at" });
    this.tabs = VIEWS.map((view) => element("button.chip", { type: "button", id: `landscape-view-${view}`, onclick: () => change({ view }) }, VIEW_NAMES[view]));
    this.axes = { x: new Axis("x", "direction to the right", change), y: new Axis("y", "direction upwards", change) };
    this.k = choice("Directions", [2, 3, 4, 5].map((k) => [String(k), String(k)]), pick("k", Number), { id: "landscape-k" });
    this.along = choice("Which directions", Object.entries(ALONG_NAMES), pick("along"), { id: "landscape-along" });
    this.scale = choice("Scale", Object.entries(SCALE_NAMES), pick("scale"), { id: "landscape-scale" });
    this.range = element("input.number", { type: "number", min: 0.001, step: "any", id: "landscape-range", "aria-label": "Range", onchange: () => Number(this.range.value) > 0 && change({ range: Number(this.range.value) }) });
    this.side = choice("Cells", [], pick("side", Number), { id: "landscape-side" });
    this.on = choice("Points measured", [["both", `${PARTS.train} and ${PARTS.test}`], ["train", PARTS.train], ["test", PARTS.test]], (on) => change({ on, ...(on === "both" ? {} : { shown: on }) }), { id: "landscape-on" });
    this.points = choice("How many points", [["", "all points"], ["500", "at most 500"], ["2000", "at most 2,000"]], pick("points", (value) => Number(value) || null));
    this.shown = choice("Points shown", [["train", PARTS.train], ["test", PARTS.test]], pick("shown"), { id: "landscape-shown" });
    this.to = choice("Second run", [], pick("to"), { id: "landscape-to" });
    this.third = choice("Third run", [], pick("third"), { id: "landscape-third" });
    this.ghost = choice("Ghost", [], pick("ghost"), { id: "landscape-ghost" });
    this.lock = check("lock scale", (lock) => change({ lock }), "landscape-lock");
    this.log = check("log", (log) => change({ log }), "landscape-log");
    this.hills = check("with the hills", (hills) => change({ hills }), "landscape-hills");
    this.#build(place);
  }

  /** Offer to show the hills where there are any. */
  offerHills(hasHills) {
    this.hasHills = hasHills;
    this.fields.hills.hidden = !hasHills;
  }

  #build(place) {
    const { axes } = this;
    this.fields = {
      x: field("→", axes.x.node), y: field("↑", axes.y.node), k: field("directions", this.k.node), along: this.along.node, scale: field("scale", this.scale.node), range: field("range ±", this.range),
      side: field("cells", this.side.node), to: field("to", this.to.node), third: field("hub with", this.third.node), on: field("loss on", this.on.node, this.points.node),
      shown: field("shown", this.shown.node), ghost: field("ghost", this.ghost.node), hills: this.hills.node, log: this.log.node, lock: this.lock.node,
    };
    place.replaceChildren(
      element("div.fq-row", {}, element("h2.fq-title", {}, "Landscape"), field("of", this.run.node), field("at", this.moment, this.epoch), element("div.fq-tabs", { role: "group", "aria-label": "View" }, this.tabs)),
      element("div.fq-row", {}, Object.values(this.fields)),
    );
  }

  #moment() { return Number(this.moment.value) >= Number(this.moment.max) ? null : Number(this.moment.value); }

  #saysMoment() {
    const step = Number(this.moment.value);
    const newest = this.#moment() === null ? ", newest" : "";
    say(this.epoch, `epoch ${epochs(this.calendar.epochOf(step))}${newest}`);
  }

  /** Show a view; `runs` are the summaries, the newest first. */
  show(state, runs) {
    const here = runs.find(({ id }) => id === state.run);
    const named = (run) => [run.id, `${run.name} · ${run.data} · ${run.net ?? ""}`];
    const others = runs.filter(({ id }) => id !== state.run).sort((a, b) => (b.data === here?.data) - (a.data === here?.data)).map(named);
    this.run.fill(runs.length ? runs.map(named) : [["", "a small sample"]]);
    this.run.set(state.run);
    this.calendar = new Calendar(here?.stretches ?? []);
    this.moment.max = here?.step ?? 0;
    this.moment.disabled = !here?.step;
    this.moment.value = state.at ?? this.moment.max;
    this.#saysMoment();
    this.tabs.forEach((tab, i) => tab.setAttribute("aria-pressed", String(VIEWS[i] === state.view)));
    const nets = here ? [...others, [here.id, `${here.name}, at another update`]] : others;
    this.axes.x.show(state.x, nets);
    this.axes.y.show(state.y, nets);
    this.k.set(String(state.k));
    this.along.set(state.along);
    this.scale.set(state.scale);
    this.range.value = state.range;
    this.side.fill([...new Set([15, ...SIDES, state.side])].sort((a, b) => a - b).map((side) => [String(side), `${side} × ${side}`]));
    this.side.set(String(state.side));
    this.on.set(state.on);
    this.points.set(state.points === null ? "" : String(state.points));
    this.shown.set(state.shown);
    this.to.fill([["", "choose a run"], ...others]);
    this.to.set(state.to);
    this.third.fill([["", "none"], ...others.filter(([id]) => id !== state.to)]);
    this.third.set(state.third);
    this.ghost.fill([["", "none"], ...others]);
    this.ghost.set(state.ghost);
    this.lock.set(state.lock);
    this.log.set(state.log);
    this.hills.set(state.hills);
    for (const [name, node] of Object.entries(this.fields)) node.hidden = Boolean(SHOWN_IN[name]) && !SHOWN_IN[name].includes(state.view);
    if (state.view === "planes" && state.along === "p") for (const name of ["scale", "range"]) this.fields[name].hidden = true;
    this.fields.shown.hidden = state.on !== "both" || state.view === "slice";
    for (const name of FIXED_IN_SAMPLE) if (!state.run) this.fields[name].hidden = true;
    this.fields.hills.hidden = !this.hasHills;
    this.moment.parentElement.hidden = !state.run;
  }
}

