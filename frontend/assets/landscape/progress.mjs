// How far a landscape is: the bar, Stop and Resume, what its numbers say, and what went wrong.

import { el, say } from "../dom.mjs";
import { cellsOf } from "./view.mjs";
import { saysOf, standing } from "./words.mjs";
import { isOver } from "../states.mjs";

export class Progress {
  /** `does`: {stop(), resume()}. */
  constructor(place, { stop, resume }) {
    this.bar = el("progress", { class: "fq-progress-bar", max: 1, value: 0, "aria-label": "Share of the cells that is known" });
    this.words = el("span", { id: "landscape-standing", role: "status" });
    this.stop = el("button", { type: "button", class: "chip", id: "landscape-stop", onclick: stop }, "Stop");
    this.resume = el("button", { type: "button", class: "chip", id: "landscape-resume", onclick: resume }, "Resume");
    this.file = el("a", { class: "chip fq-file", download: "", hidden: true }, "CSV");
    this.says = el("p", { class: "fq-says", id: "landscape-says" });
    this.trouble = el("p", { class: "field-error", role: "alert", id: "landscape-trouble" });
    place.replaceChildren(el("div", { class: "fq-row" }, this.bar, this.words, this.stop, this.resume, this.file), this.says, this.trouble);
  }

  complain(error) {
    const sentences = error ? [error.message, error.hint, ...(error.fields ?? []).map(({ message }) => message).filter((words) => words !== error.message)] : [];
    say(this.trouble, sentences.filter(Boolean).join(" "));
  }

  show(job, { state, known, sample, names }) {
    const { summary } = job;
    const failed = summary?.state === "failed";
    this.bar.value = summary?.state === "done" ? 1 : summary?.share ?? 0;
    say(this.words, sample ? "A small sample that comes with Foldscape; train a net on Play, and its landscape stands here." : failed ? "" : standing(summary, known.cells?.total ?? cellsOf(state), state.view === "spectrum" ? "random vectors" : "cells"));
    this.stop.hidden = sample || !summary || isOver(summary);
    this.stop.disabled = Boolean(summary?.stopping);
    this.resume.hidden = sample || !["stopped", "failed"].includes(summary?.state);
    this.file.hidden = sample || !job.file;
    if (job.file) this.file.href = job.file;
    say(this.says, saysOf({ view: state.view, ground: known.ground, ways: known.ways, onward: known.onward, spectra: known.spectra, shown: state.shown, names }));
    if (failed) say(this.trouble, summary.message);
    else if (summary) say(this.trouble, "");
  }
}
