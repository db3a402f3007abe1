// Which groups are shown, by which clock they are aligned, and how the charts are drawn.

import { say } from "../dom.mjs";
import { element } from "../element.mjs";
import { isTold, labelOf, names } from "../measures/declared.mjs";
import { figure } from "../words.mjs";
import { halves } from "./halves.mjs";
import { CLOCKS, METHODS } from "../vocabulary.mjs";
import { meaning } from "../measures/help.mjs";
import { hasRatios } from "./ratio.mjs";
import { COLOURED_BY, SCATTER_AXES } from "./state.mjs";

const field = (words, ...nodes) => element("label.fc-control", {}, element("span", {}, words), ...nodes);

function choice(id, label, change) {
  const list = element("select.select", { id, "aria-label": label, onchange: () => change(list.value) });
  const fill = (options) => {
    const key = JSON.stringify(options);
    if (list.dataset.options === key) return;
    list.dataset.options = key;
    list.replaceChildren(...options.map(([value, words]) => element("option", { value }, words)));
  };
  return { node: list, show: (options, value) => { fill(options); list.value = value; } };
}

export class Controls {
  /** `change(patch)` changes the view; `pick()` goes back to the list of groups; `hands` stand beside that. */
  constructor(place, { change, pick, hands }) {
    this.change = change;
    this.halves = halves("groups");
    this.groups = element("div.fc-groups", { role: "group", "aria-label": "Groups shown" });
    this.by = choice("compare-by", "Aligned by", (by) => change({ by, target: null, at: null }));
    this.target = element("input.number", { id: "compare-target", inputMode: "decimal", "aria-label": "Reading at which the groups are compared", onchange: () => this.#aim() });
    this.reset = element("button.chip", { type: "button", title: "The last reading that all runs reach", onclick: () => change({ target: null, at: null }) }, "all reach");
    this.measure = choice("compare-measure", "Measure", (measure) => change({ measure }));
    this.against = choice("compare-against", "Held against", (against) => change({ against, pair: "" }));
    this.pair = choice("compare-pair", "Groups in the pictures", (pair) => change({ pair, seed: null }));
    this.x = choice("compare-x", "Scatter against", (x) => change({ x }));
    this.colour = choice("compare-colour", "Coloured by", (colour) => change({ colour }));
    this.lock = element("button.chip", { type: "button", id: "compare-lock", onclick: () => change({ lock: this.lock.getAttribute("aria-pressed") !== "true" }) });
    this.log = element("button.chip", { type: "button", id: "compare-log", onclick: () => change({ log: this.log.getAttribute("aria-pressed") !== "true" }) }, "x log");
    this.fields = {
      against: field("held against", this.against.node), pair: field("pictures", this.pair.node), x: field("scatter against", this.x.node), colour: field("coloured by", this.colour.node),
      ask: element("span.fc-control", {}, meaning("ratio")),
    };
    this.words = element("p.fc-standing", { role: "status" });
    place.replaceChildren(
      element("div.fc-row", {}, element("h2.fc-title", {}, "Compare"), this.halves.node, this.groups, this.lock, this.log, element("button.chip", { type: "button", id: "compare-change", onclick: pick }, "Change…"), hands),
      element("div.fc-row", {}, field("aligned by", this.by.node), element("span.fc-control", {}, "at", this.target, this.reset), field("measure", this.measure.node), this.fields.against, this.fields.pair, this.fields.x, this.fields.colour, this.fields.ask, this.words),
    );
  }

  #aim() {
    const value = Number(this.target.value.replace(",", "."));
    if (value > 0 && Number.isFinite(value)) this.change({ target: value, at: null });
    else this.target.value = this.shown;
  }

  show(state, answer, styles, standing) {
    this.by.show(Object.entries(CLOCKS).map(([clock, { equal }]) => [clock, equal]), state.by);
    this.shown = answer.target === null ? "" : String(Number(answer.target.toPrecision(4)));
    if (document.activeElement !== this.target) this.target.value = this.shown;
    this.reset.disabled = state.target === null;
    const { groups, contrasts } = answer;
    this.halves.aim(answer.runs.map(({ id }) => id));
    const told = names().filter((name) => name === state.measure || (isTold(name) && groups.some(({ bands }) => bands[name])));
    this.measure.show((told.length ? told : [state.measure]).map((name) => [name, labelOf(name)]), state.measure);
    this.fields.against.hidden = groups.length < 3;
    this.against.show([["", `matching group, ${METHODS.grown} against ${METHODS.fixed}`], ...groups.map(({ key, name }) => [key, name])], state.against);
    this.fields.pair.hidden = contrasts.length < 2 || !answer.runs.some(({ plane }) => plane);
    this.pair.show(contrasts.map(({ key, name }) => [key, name]), contrasts.some(({ key }) => key === state.pair) ? state.pair : contrasts[0]?.key ?? "");
    for (const name of ["x", "colour", "ask"]) this.fields[name].hidden = !hasRatios(groups, answer.runs);
    this.x.show(Object.entries(SCATTER_AXES), state.x);
    this.colour.show(Object.entries(COLOURED_BY), state.colour);
    this.lock.setAttribute("aria-pressed", String(state.lock));
    say(this.lock, state.lock ? "axes locked" : "axes not locked");
    this.log.setAttribute("aria-pressed", String(state.log ?? state.by === "loss"));
    say(this.words, standing);
    this.#chips(groups, state.hide, styles);
  }

  #chips(groups, hide, styles) {
    const key = JSON.stringify([groups.map(({ key: one, name, seeds }) => [one, name, seeds.length, styles.get(one)]), hide]);
    if (this.chips === key) return;
    this.chips = key;
    const differs = (group) => Object.entries(group.differs).map(([path, value]) => `${path}: ${JSON.stringify(value)}`).join("\n");
    this.groups.replaceChildren(...groups.map((group) => {
      const shown = !hide.includes(group.key);
      const { colour, mark } = styles.get(group.key);
      const turn = () => this.change({ hide: shown ? [...hide, group.key] : hide.filter((one) => one !== group.key) });
      return element("button.chip.fc-group", { type: "button", "aria-pressed": String(shown), "data-group": group.key, title: `${shown ? "Hide" : "Show"}; no number of another group changes.\n${differs(group)}`, onclick: turn },
        element("span", { style: `color: ${colour}`, "aria-hidden": "true" }, mark), ` ${group.name} `, element("b", {}, `×${figure(group.seeds.length)}`));
    }));
  }
}
