// Which nets: a row a member with its moment, to be put in order and taken out; and how they are weighed.

import { say } from "../dom.mjs";
import { element } from "../element.mjs";
import { meaning } from "../measures/help.mjs";
import { runAddress } from "../runs/navigate.mjs";
import { actionWords, countWords } from "./words.mjs";
import { CYCLES, ensembleSpec, reordered, WEIGHTS } from "./state.mjs";

const MOMENTS = { newest: "newest", [CYCLES]: "ends of its cycles", step: "at update" };
const momentOf = ({ step }) => (step === null ? "newest" : step === CYCLES ? CYCLES : "step");

/** Whether a run's schedule of the learning rate comes in cycles, which have ends. */
const hasCycles = (spec) => ["cycles", "cycle"].some((name) => name in (spec?.lr_schedule ?? {}));

export class Members {
  /** `change(patch)` hears `{members}` or `{weights}`; `pick()` opens the list of runs; `runs` gives `{name, spec, step}` by id as far as they are read. */
  constructor(place, { change, pick, runs }) {
    Object.assign(this, { change, pick, runs, state: { members: [], weights: "equal" } });
    this.list = element("ol.fe-members", { "aria-label": "Members, in the order in which they are added" });
    this.none = element("p.note", { hidden: true }, "No member yet.");
    this.trouble = element("p.field-error", { role: "alert", id: "ensemble-members-trouble" });
    this.add = element("button.chip", { type: "button", id: "ensemble-add", onclick: pick }, "Choose runs…");
    this.count = element("span.panel-note");
    place.replaceChildren(element("div.panel-head", {}, element("h3.panel-title", {}, "Members"), meaning("member"), this.count, this.add), this.list, this.none, this.trouble);
    this.weights = element("select.select", { id: "ensemble-weights", "aria-label": "Weights", onchange: () => change({ weights: this.weights.value }) }, Object.entries(WEIGHTS).map(([value, words]) => element("option", { value }, words)));
    this.unweighed = element("p.field-error.fe-wide", { role: "alert", id: "ensemble-weights-trouble" });
  }

  show(state) {
    this.state = state;
    const { members } = state;
    this.weights.value = state.weights;
    this.none.hidden = members.length > 0;
    say(this.count, countWords(members));
    this.list.replaceChildren(...members.map((member, at) => this.#row(member, at)));
    this.heard?.();
  }

  #row(member, at) {
    const { members } = this.state;
    const run = this.runs.get(member.run);
    const name = run?.name ?? member.run;
    const put = (list, focus) => { this.change({ members: list }); this.list.children[focus]?.querySelector("select")?.focus(); };
    const moment = momentOf(member);
    const offered = Object.entries(MOMENTS).filter(([value]) => value !== CYCLES || moment === CYCLES || hasCycles(run?.spec));
    const choose = element("select.select", { "aria-label": `Moment of ${name}`, onchange: () => put(members.with(at, { ...member, step: { newest: null, [CYCLES]: CYCLES }[choose.value] ?? (choose.value === "step" ? run?.step ?? 0 : null) }), at) }, offered.map(([value, words]) => element("option", { value, selected: value === moment }, words)));
    const step = element("input.number", { type: "number", min: 0, step: 1, value: moment === "step" ? member.step : "", hidden: moment !== "step", "aria-label": `Update of ${name}`, onchange: () => put(members.with(at, { ...member, step: Math.max(0, Math.floor(Number(step.value) || 0)) }), at) });
    const hand = (sign, label, does, properties = {}) => element("button.chip.chip-small", { type: "button", title: label, "aria-label": `${label}: ${name}`, onclick: does, ...properties }, sign);
    return element("li", { "data-member": member.run }, element("a.fe-run", { href: runAddress(member.run), title: "Open the run" }, name), element("span.fe-moment", {}, choose, step),
      element("span.fe-hands", {},
        hand("+", "Add another moment of this run", () => put(members.toSpliced(at + 1, 0, { run: member.run, step: run?.step ?? 0 }), at + 1)),
        hand("↑", "Earlier", () => put(reordered(members, at, -1), at - 1), { disabled: at === 0 }), hand("↓", "Later", () => put(reordered(members, at, 1), at + 1), { disabled: at === members.length - 1 }),
        hand("✕", "Remove", () => put(members.toSpliced(at, 1), Math.min(at, members.length - 2)))));
  }

  /** Say an error beside its field; gives whether it was one of a field. */
  #complain(error) {
    const words = error ? [error.message, error.hint].filter(Boolean).join(" ") : "";
    const isWeights = error?.fields?.some(({ path }) => path === "weights");
    const isOurs = Boolean(error) && [404, 409, 422].includes(error.status) && error.code !== "ensemble_not_found";
    say(this.unweighed, isWeights ? words : "");
    say(this.trouble, isOurs && !isWeights ? words : "");
    return isOurs;
  }

  /** What `Start` shows of it. */
  form() {
    return {
      controls: [element("label.fe-weights", {}, element("span", {}, "weights"), this.weights), meaning("member_weight"), this.unweighed],
      idle: "Choose runs, or moments of one run, and measure what they predict together.",
      spec: () => ensembleSpec(this.state),
      action: () => actionWords(this.state.members.some(({ step }) => step === CYCLES) ? 0 : this.state.members.length),
      blocked: () => this.state.members.length === 0,
      complain: (error) => this.#complain(error),
      listen: (call) => { this.heard = call; },
    };
  }
}
