// The head of the run page: name, state, progress, and what can be done.

import { el, say } from "../dom.mjs";
import { canNeverGrow } from "../nets.mjs";
import { icon } from "../runs/icons.mjs";
import { landscapeAddress, playAddress } from "../runs/navigate.mjs";
import { colourOf, duration, isPlane, possible, shareDone, short, silence, standing, trouble, whole } from "../runs/words.mjs";

/** Progress in words: epochs, updates, rate, time left, heartbeat. */
export function progressWords(run, now = Date.now()) {
  const all = run.updates ?? 0;
  const epoch = run.epoch ?? (run.step ?? 0) / (run.steps_per_epoch || 1);
  const parts = [`epoch ${whole(epoch)}${run.epochs ? ` of ${whole(run.epochs)}` : ""}`, `${whole(run.step)}${all ? ` of ${whole(all)}` : ""} updates`];
  if (run.state === "running") {
    const quiet = silence(run, now);
    if (run.rate) parts.push(`${short(Number(run.rate.toPrecision(3)))} updates/s`);
    if (run.time_left_s > 0) parts.push(`about ${duration(run.time_left_s)} left`);
    if (quiet !== null) parts.push(`heartbeat ${duration(quiet)} ago`);
  }
  return parts.join(" · ");
}

/** What the run is made of, in one line. */
export function madeOf(run) {
  const growth = canNeverGrow(run) ? "" : run.growth === "by hand" ? "grown by hand" : `grows by ${String(run.growth ?? "").replaceAll("_", " ")}`;
  const parts = [String(run.data ?? "").replaceAll("_", " "), run.net, growth, `${run.optimizer} ${run.lr}`, `batch ${run.batch}`, `seed ${run.seed}`];
  return parts.filter(Boolean).join(" · ");
}

export class Head {
  /** `act(name)` hears pause, play, stop, resume, fork, start, delete. */
  constructor(place, act) {
    const button = (name, label, title, picture) => el("button", { type: "button", class: "fp-button", "data-act": name, title, onclick: () => act(name) }, picture ? icon(picture) : null, label);
    this.buttons = {
      pause: button("pause", "Pause", "Stop before the next update", "pause"),
      play: button("play", "Go on", "Go on training", "play"),
      resume: button("resume", "Resume", "Go on from the last checkpoint", "resume"),
      stop: button("stop", "Stop", "End the run", "stop"),
      fork: button("fork", "Fork from cross-hair", "Start a new run from the moment of the cross-hair", "fork"),
      start: button("start", "Start a new run from here", "Launch a new run that begins with the weights at the cross-hair", "open"),
    };
    this.inPlay = el("a", { class: "fp-button" }, icon("open"), "Open in Play");
    this.landscape = el("a", { class: "fp-button", title: "The loss around this net, at the moment of the cross-hair" }, "Landscape");
    this.like = el("a", { class: "fp-button", title: "A new run with this configuration" }, "Launch like this");
    this.remove = el("button", { type: "button", class: "fr-icon", title: "Delete", "aria-label": "Delete this run", onclick: () => act("delete") }, icon("bin"));
    this.chip = el("span", { class: "fr-chip" });
    this.name = el("h2", {});
    this.state = el("span", { class: "fr-state fx-state" });
    this.made = el("p", { class: "fx-made" });
    this.bar = el("div", { class: "fx-bar" });
    this.words = el("span", { class: "fx-progress", role: "status" });
    this.trouble = el("p", { class: "fx-trouble", role: "alert" });
    this.thinned = el("p", { class: "fx-made" });
    const hands = el("div", { class: "fp-row fx-hands" }, ...Object.values(this.buttons), this.inPlay, this.landscape, this.like, this.remove);
    this.place = place;
    place.replaceChildren(
      el("div", { class: "fx-top" }, el("div", { class: "fx-title" }, this.chip, this.name, this.state, this.made), hands),
      el("div", { class: "fx-track" }, this.bar), el("div", { class: "fx-under" }, this.words, this.trouble, this.thinned),
    );
  }

  draw(run, now = Date.now()) {
    if (!run) return;
    this.place.dataset.ready = "yes";
    const can = possible(run);
    for (const name of ["pause", "play", "resume", "stop"]) this.buttons[name].hidden = !can[name] || (name === "stop" && can.resume);
    this.buttons.fork.disabled = this.buttons.start.disabled = !can.fork;
    const plane = isPlane(run);
    this.inPlay.hidden = !plane;
    this.inPlay.href = playAddress(run.id);
    this.like.href = `/launch?like=${encodeURIComponent(run.id)}`;
    this.chip.style.background = colourOf(run.id);
    say(this.name, run.name);
    this.name.title = run.name;
    say(this.made, madeOf(run));
    this.made.title = madeOf(run);
    this.#state(run, now);
    this.bar.style.width = `${100 * (shareDone(run) ?? 0)}%`;
    this.bar.dataset.state = run.state;
    say(this.words, progressWords(run, now));
    say(this.trouble, trouble(run) || (["paused", "stopped"].includes(run.state) ? run.message : ""));
    say(this.thinned, run.thinned ?? "");
  }

  /** Lead the link to the landscape around the net of a step; `null` is the newest. */
  lookFrom(run, step) { if (run) this.landscape.href = landscapeAddress(run.id, step); }

  #state(run, now) {
    const { word, more } = standing(run, now);
    const words = `${word} ${run.state === "queued" ? more : ""}`;
    if (this.state.dataset.said === words) return;
    this.state.dataset.said = words;
    this.state.replaceChildren(el("span", { class: "fr-dot", "data-state": run.state }), el("span", { class: "fr-word" }, word), ...(run.state === "queued" ? [el("span", { class: "fr-more" }, more)] : []));
  }
}
