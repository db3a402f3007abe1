/** The side of a sweep's form: its name, what it costs, the buttons, and the same as YAML and Python. */

import { say } from "../../dom.mjs";
import { element } from "../../element.mjs";
import { whole } from "../../runs/words.mjs";
import { mending } from "../../words.mjs";
import { sweepCostWords, floorWords, needsWords } from "./words.mjs";

const VIEWS = [["yaml", "YAML"], ["python", "Python"]];

export class SweepSide {
  /** `hands`: `{edited(text), launch(kind)}`. */
  constructor(root, hands) {
    this.hands = hands;
    this.view = "yaml";
    this.texts = { yaml: "", python: "" };
    this.told = false; // Until there is a first draft, nothing can be typed that it would write over.
    this.name = element("input.fl-input", { type: "text", placeholder: "blank: a name is chosen", maxlength: 80, "aria-label": "name" });
    this.cost = element("p.fw-cost", { role: "status", id: "sweep-cost" });
    this.floor = element("p.fl-help");
    this.ahead = element("p.fl-help", { id: "sweep-budget" });
    this.needs = element("p.fl-help.fw-need", { role: "status" });
    this.trouble = element("p.fl-error", { role: "alert", id: "sweep-trouble" });
    this.first = element("button.fl-button.fw-first", { type: "button", id: "sweep-try", title: "One pair now; the estimate is corrected by it", onclick: () => hands.launch("try") }, "Try one first");
    this.button = element("button.fl-launch", { type: "button", id: "sweep-launch", onclick: () => hands.launch("sweep") }, "Launch");
    this.editor = element("textarea.fl-editor.fw-editor", { "aria-label": "The sweep as YAML", oninput: () => this.typed() });
    this.editor.spellcheck = false;
    this.tabs = VIEWS.map(([key, label]) => element("button.fl-tab", { type: "button", role: "tab", "data-view": key, onclick: () => this.open(key) }, label));
    const copy = element("button.fl-button", { type: "button", onclick: (event) => this.copy(event.target) }, "Copy");
    root.replaceChildren(
      element("section.fl-card", {}, element("label.fl-field", {}, element("span.fl-label", {}, "name"), this.name), this.cost, this.floor, this.ahead, this.needs, this.trouble, element("div.fw-buttons", {}, this.first, this.button)),
      element("section.fl-card.fl-code", {}, element("div.fl-bar", {}, element("div.fl-tabs", { role: "tablist" }, ...this.tabs), copy), this.editor),
    );
    this.open("yaml");
  }

  /** Shows what the server says of the draft; `homeless` are the complaints that stand at no field. */
  tell(judged, homeless) {
    const { estimate, problems, needs = [] } = judged;
    say(this.cost, estimate ? sweepCostWords(estimate) : mending(problems.length));
    say(this.floor, estimate ? floorWords(estimate) : "");
    say(this.needs, needs.length > 0 ? `First of all it ${needsWords(needs).join(" and ")}: see ${[...new Set(needs.map(({ path }) => path))].join(", ")}.` : "");
    this.needs.dataset.comes = String(needs.every(({ comes }) => comes));
    say(this.trouble, [...homeless.map(({ message }) => message), estimate?.refused].filter(Boolean).join(" · "));
    say(this.button, estimate ? `Launch ${whole(estimate.runs)}` : "Launch");
    this.button.disabled = !estimate || Boolean(estimate.refused);
    this.first.disabled = !estimate;
  }

  /** Says what stands before it in the queue. */
  queue({ workers, ahead }) {
    const before = ahead === 0 ? "nothing before it" : ahead === 1 ? "one job before it" : `${whole(ahead)} jobs before it`;
    say(this.ahead, workers > 0 ? `Batch queue: ${workers === 1 ? "one worker" : `${workers} workers`}, ${before}.` : "No batch worker is there; it would wait. Start one with foldscape worker batch.");
  }

  write(texts) {
    for (const [view, text] of Object.entries(texts)) if (text) this.texts[view] = text;
    this.told ||= Boolean(texts.yaml);
    this.lock();
    if (this.editor.value !== this.texts[this.view]) this.editor.value = this.texts[this.view];
  }

  open(view) {
    this.view = view;
    for (const tab of this.tabs) tab.setAttribute("aria-selected", String(tab.dataset.view === view));
    this.lock();
    this.editor.value = this.texts[view];
  }

  lock() {
    this.editor.readOnly = this.view !== "yaml" || !this.told;
  }

  typed() {
    if (this.view !== "yaml") return;
    this.texts.yaml = this.editor.value;
    this.hands.edited(this.editor.value);
  }

  async copy(button) {
    await navigator.clipboard.writeText(this.texts[this.view]);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  }
}
