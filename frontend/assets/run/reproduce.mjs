// How to reproduce the run: the command, the file, and the facts around them.

import { el } from "../dom.mjs";
import { ACTIONS } from "../vocabulary.mjs";

/** The facts of a run as [name, words] pairs; what is not known is left out. */
export function facts(run) {
  const moment = (ms) => (ms ? new Date(ms).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "medium" }) : "");
  const pairs = [
    ["id", run.id], ["made by", run.origin], ["queue", run.queue], ["worker", run.worker], ["created", moment(run.created)],
    ["started", moment(run.started)], ["ended", moment(run.ended)], ["attempt", run.attempt > 1 ? String(run.attempt) : ""],
    ["forked from", run.parent ? `${run.parent}, update ${run.parent_step}` : ""], ["notes", run.notes],
  ];
  return pairs.filter(([, words]) => words);
}

function copier(text, label) {
  const button = el("button", { type: "button", class: "chip" }, label);
  button.addEventListener("click", async () => {
    const copied = await navigator.clipboard?.writeText(text()).then(() => true, () => false);
    button.textContent = copied ? "Copied" : "Not allowed";
    setTimeout(() => { button.textContent = label; }, 1500);
  });
  return button;
}

/** Hand a text over as a file. */
function downloadYaml(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/yaml" }));
  el("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

export class Reproduce {
  constructor(place) {
    this.file = "";
    this.line = "";
    this.name = "run";
    this.command = el("code", { class: "fx-command" });
    this.note = el("p", { class: "note" });
    this.yaml = el("pre", { class: "fx-yaml", tabIndex: 0, "aria-label": "The exact configuration" });
    this.facts = el("dl", { class: "fx-facts" });
    this.log = el("pre", { class: "fx-yaml" });
    this.logPlace = el("details", { class: "fx-log", hidden: true }, el("summary", {}, "Last lines of the log"), this.log);
    const save = el("button", { type: "button", class: "chip", onclick: () => downloadYaml(`${this.name}.yaml`, this.file) }, "Download");
    place.replaceChildren(
      el("div", { class: "panel-head" }, el("h3", { class: "panel-title" }, ACTIONS.reproduce), el("span", { class: "fx-chips" }, copier(() => this.file, "Copy YAML"), save)),
      el("div", { class: "fx-commandline" }, this.command, copier(() => this.line, "Copy")), this.note,
      el("div", { class: "fx-config" }, this.yaml, this.facts), this.logPlace,
    );
  }

  draw(run) {
    this.name = run.name || "run";
    this.file = run.again?.yaml ?? "";
    this.line = (run.again?.command ?? "").replace("again.yaml", `${this.name}.yaml`);
    this.command.textContent = this.line;
    this.note.textContent = run.again?.note ?? "";
    if (this.yaml.textContent !== this.file) this.yaml.textContent = this.file;
    this.logPlace.hidden = !run.log;
    this.log.textContent = run.log ?? "";
    this.facts.replaceChildren(...facts(run).flatMap(([name, words]) => [el("dt", {}, name), el("dd", {}, words)]));
  }
}
