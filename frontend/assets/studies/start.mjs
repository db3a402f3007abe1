/** The button of a study, what it starts, and how far that is. */

import { say } from "../dom.mjs";
import { element } from "../element.mjs";
import { isOver } from "../states.mjs";
import { leftWords, standing } from "./words.mjs";

export class Start {
  /**
   * `form`: `{controls: [element], spec(), action(), idle, listen(call)}`, what a page asks for; `does`: `{start(spec), stop()}`.
   */
  constructor(place, prefix, form, does) {
    this.form = form;
    this.button = element("button.fu-go", { type: "button", id: `${prefix}-go`, onclick: () => (this.busy ? does.stop() : does.start(form.spec())) });
    this.bar = element("progress.fu-bar", { max: 1, value: 0, hidden: true, "aria-label": "Share of the work that is done" });
    this.words = element("p.fu-standing", { role: "status", id: `${prefix}-standing` });
    this.left = element("span.fu-left");
    this.trouble = element("p.field-error", { role: "alert" });
    this.options = element("div.fu-options", {}, form.controls);
    place.replaceChildren(this.button, this.options, this.bar, element("div.fu-now", {}, this.words, this.left), this.trouble);
    form.listen(() => this.show(this.study));
    this.show(null);
  }

  /** Show where a study stands; `null` when none was ever run. */
  show(study) {
    this.study = study;
    this.busy = Boolean(study) && !isOver(study);
    say(this.button, this.busy ? "Stop" : this.form.action());
    this.button.classList.toggle("fu-stop", this.busy);
    this.button.disabled = Boolean(study?.stopping);
    this.options.hidden = this.busy;
    this.bar.hidden = !this.busy;
    this.bar.value = study?.share ?? 0;
    say(this.words, study ? standing(study) : this.form.idle);
    say(this.left, this.busy ? leftWords(study.left_s) : "");
  }

  complain(error) { say(this.trouble, error ? [error.message, error.hint].filter(Boolean).join(" ") : ""); }
}
