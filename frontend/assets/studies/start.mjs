/** The button of a job, what it starts, and how far that is. */

import { say } from "../dom.mjs";
import { element } from "../element.mjs";
import { isOver } from "../states.mjs";
import { leftWords, standing } from "./words.mjs";

export class Start {
  /**
   * `form`: `{controls: [element], spec(), action(), idle, listen(call), blocked?(), complain?(error)}`, what a page asks for, whether it cannot be asked yet, and
   * what says an error beside its field (true where it did); `does`: `{start(spec), stop(), resume()}`; of jobs that go on there is `resumes`.
   */
  constructor(place, prefix, form, does, { resumes = false } = {}) {
    this.form = form;
    this.button = element("button.fu-go", { type: "button", id: `${prefix}-go`, onclick: () => (this.busy ? does.stop() : does.start(form.spec())) });
    this.again = element("button.fp-button", { type: "button", id: `${prefix}-resume`, hidden: true, onclick: does.resume }, "Resume");
    this.resumes = resumes;
    this.bar = element("progress.fu-bar", { max: 1, value: 0, hidden: true, "aria-label": "Share of the work that is done" });
    this.words = element("p.fu-standing", { role: "status", id: `${prefix}-standing` });
    this.left = element("span.fu-left");
    this.trouble = element("p.field-error", { role: "alert" });
    this.options = element("div.fu-options", {}, form.controls);
    place.replaceChildren(this.button, this.options, this.bar, element("div.fu-now", {}, this.words, this.again, this.left), this.trouble);
    form.listen(() => this.show(this.study));
    this.show(null);
  }

  /** Show where a study stands; `null` when none was ever run. */
  show(study) {
    this.study = study;
    this.busy = Boolean(study) && !isOver(study);
    say(this.button, this.busy ? "Stop" : this.form.action());
    this.button.classList.toggle("fu-stop", this.busy);
    this.button.disabled = this.busy ? Boolean(study.stopping) : Boolean(this.form.blocked?.());
    this.again.hidden = !this.resumes || !["stopped", "failed"].includes(study?.state);
    this.options.hidden = this.busy;
    this.bar.hidden = !this.busy;
    this.bar.value = study?.share ?? 0;
    say(this.words, study ? standing(study) : this.form.idle);
    say(this.left, this.busy ? leftWords(study.left_s) : "");
  }

  complain(error) {
    const isSaid = this.form.complain?.(error) && error;
    say(this.trouble, error && !isSaid ? [error.message, error.hint].filter(Boolean).join(" ") : "");
  }
}
