/** The button, what it starts, and how far that is. */

import { say } from "../dom.mjs";
import { element } from "../element.mjs";
import { whole } from "../runs/words.mjs";
import { leftWords, standing } from "./words.mjs";
import { isOver } from "../states.mjs";

const NETS = [100, 1000, 10_000];
const DRAWS = [[10, "ten draws"], [1, "one draw"]];

export class Start {
  /** `does`: `{start(spec), stop()}`. */
  constructor(place, kind, does) {
    this.kind = kind;
    this.nets = select("utilisation-nets", NETS.map((nets) => [nets, `${whole(nets)} nets`]), kind.spec.nets);
    this.rows = select("utilisation-rows", [["quick", `${kind.quick.length} rows`], ["all", `all ${kind.all.length} rows`]], "quick");
    this.draws = select("utilisation-draws", DRAWS, kind.spec.draws);
    this.seed = element("input.number", { id: "utilisation-seed", type: "number", min: 0, max: 2_147_483_647, step: 1, value: kind.spec.seed, "aria-label": "Seed" });
    this.button = element("button.fu-go", { type: "button", id: "utilisation-go", onclick: () => (this.busy ? does.stop() : does.start(this.spec())) });
    this.bar = element("progress.fu-bar", { max: 1, value: 0, hidden: true, "aria-label": "Share of the work that is done" });
    this.words = element("p.fu-standing", { role: "status", id: "utilisation-standing" });
    this.left = element("span.fu-left");
    this.trouble = element("p.field-error", { role: "alert" });
    this.options = element("div.fu-options", {}, this.nets, this.rows, this.draws, element("label.fu-seed", {}, "seed", this.seed));
    place.replaceChildren(this.button, this.options, this.bar, element("div.fu-now", {}, this.words, this.left), this.trouble);
    for (const each of [this.nets, this.rows, this.draws]) each.addEventListener("change", () => this.show(this.study));
    this.show(null);
  }

  spec() {
    const { kind, steps, sets } = this.kind.spec;
    return { kind, steps, sets, nets: Number(this.nets.value), draws: Number(this.draws.value), rows: this.kind[this.rows.value], seed: Number(this.seed.value) };
  }

  /** Show where a study stands; `null` when none was ever run. */
  show(study) {
    this.study = study;
    this.busy = Boolean(study) && !isOver(study);
    const nets = whole(Number(this.nets.value));
    say(this.button, this.busy ? "Stop" : `Train ${nets} random against ${nets} grown nets`);
    this.button.classList.toggle("fu-stop", this.busy);
    this.button.disabled = Boolean(study?.stopping);
    this.options.hidden = this.busy;
    this.bar.hidden = !this.busy;
    this.bar.value = study?.share ?? 0;
    say(this.words, study ? standing(study) : "Not run on this server yet. All nets of a row train at once; it takes well under a minute.");
    say(this.left, this.busy ? leftWords(study.left_s) : "");
  }

  complain(error) { say(this.trouble, error ? [error.message, error.hint].filter(Boolean).join(" ") : ""); }
}

function select(id, choices, chosen) {
  const options = choices.map(([value, words]) => element("option", { value, selected: value === chosen }, words));
  return element("select.select", { id, "aria-label": id.replace("utilisation-", "") }, options);
}
